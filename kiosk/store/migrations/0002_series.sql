-- A series is one day's numbers. It begins when it is certain that a night has passed, and not
-- when a clock says so: `day` is the best guess of the date and may repeat.

CREATE TABLE ticket_new (
    id           TEXT PRIMARY KEY,
    field        TEXT NOT NULL,
    priority     TEXT NOT NULL DEFAULT '',
    series       INTEGER NOT NULL,
    day          TEXT NOT NULL,
    sequence     INTEGER NOT NULL CHECK (sequence >= 1),
    number       TEXT NOT NULL,
    reference    TEXT NOT NULL UNIQUE,
    citizen      TEXT REFERENCES citizen (id) ON DELETE SET NULL,
    way          TEXT NOT NULL,
    language     TEXT NOT NULL DEFAULT 'vi',
    ahead        INTEGER,
    wait_min     INTEGER,
    issued_at    TEXT NOT NULL,
    certain      INTEGER NOT NULL CHECK (certain IN (0, 1)), -- whether issued_at is
    boot         TEXT NOT NULL,
    seq          INTEGER NOT NULL UNIQUE, -- of its event; outlives the outbox row
    printing     TEXT NOT NULL DEFAULT 'queued'
                 CHECK (printing IN ('queued', 'sending', 'printed', 'uncertain', 'failed')),
    print_reason TEXT NOT NULL DEFAULT '',
    reprints     INTEGER NOT NULL DEFAULT 0, -- papers begun after the first was settled
    UNIQUE (series, field, priority, sequence)
) STRICT;

INSERT INTO ticket_new (id, field, series, day, sequence, number, reference, citizen, way,
                        issued_at, certain, boot, seq, printing, print_reason)
SELECT id, field, (SELECT count(DISTINCT day) FROM ticket AS other WHERE other.day <= ticket.day),
       day, sequence, number, reference, citizen, way,
       issued_at, 1, '', seq, printing, print_reason
FROM ticket;

DROP TABLE ticket;

ALTER TABLE ticket_new RENAME TO ticket;

CREATE INDEX ticket_unfinished ON ticket (seq) WHERE printing IN ('queued', 'sending');

CREATE INDEX ticket_by_citizen ON ticket (citizen) WHERE citizen IS NOT NULL;

CREATE INDEX ticket_by_number ON ticket (number);

CREATE TABLE reprint (
    id       TEXT PRIMARY KEY,
    ticket   TEXT NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    asked_at TEXT NOT NULL,
    begun_at TEXT -- before the first byte: a crash after it does not print twice
) STRICT;

CREATE INDEX reprint_due ON reprint (ticket) WHERE begun_at IS NULL;

-- When this run of the machine began, or when its clock was first right.
CREATE TABLE clock (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    moment  TEXT NOT NULL,
    uptime  REAL NOT NULL,
    boot    TEXT NOT NULL,
    certain INTEGER NOT NULL CHECK (certain IN (0, 1))
) STRICT;
