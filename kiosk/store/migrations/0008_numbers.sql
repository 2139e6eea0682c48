-- How far this kiosk had counted before its card was new, as central tells it: no number twice on
-- one day.
CREATE TABLE numbers_given (
    letters TEXT NOT NULL,
    day     TEXT NOT NULL,
    highest INTEGER NOT NULL CHECK (highest > 0),
    PRIMARY KEY (letters, day)
) STRICT, WITHOUT ROWID;
