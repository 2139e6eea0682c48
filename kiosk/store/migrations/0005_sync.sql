-- How far the changes from central have been heard; no row: from the beginning.
CREATE TABLE change_cursor (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    stream TEXT NOT NULL,
    after  INTEGER NOT NULL CHECK (after >= 0),
    kinds  TEXT NOT NULL -- of change that were understood then
) STRICT;

-- What central is, as far as the kiosk needs to remember.
CREATE TABLE server (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    release    TEXT NOT NULL DEFAULT '', -- parked events are tried again when it is another
    revoked_at TEXT -- since when this kiosk is one no more
) STRICT;

INSERT INTO server (only) VALUES (1);

-- The office's settings as central sees them; no row: those of the settings file.
CREATE TABLE office (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL,
    body     TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- Statistics that had to make room for records.
CREATE TABLE outbox_dropped (
    kind   TEXT PRIMARY KEY,
    events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_droppable ON outbox (seq)
WHERE body ->> '$.kind' IN ('visit_ended', 'printer_changed');
