-- Two citizens whose faces cannot be told apart: each pair is told to the staff once.
CREATE TABLE possible_duplicate (
    first  TEXT NOT NULL REFERENCES citizen (id) ON DELETE CASCADE,
    second TEXT NOT NULL REFERENCES citizen (id) ON DELETE CASCADE CHECK (first < second),
    PRIMARY KEY (first, second)
) STRICT, WITHOUT ROWID;

CREATE INDEX possible_duplicate_by_second ON possible_duplicate (second);
