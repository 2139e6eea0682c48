-- Times are UTC, ISO 8601 with milliseconds, so that they sort as text.

CREATE TABLE citizen (
    id            TEXT PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    old_number    TEXT,
    name          TEXT NOT NULL,
    date_of_birth TEXT NOT NULL,
    sex           TEXT,
    address       TEXT NOT NULL,
    issued        TEXT,
    source        TEXT NOT NULL,
    last_visit    TEXT NOT NULL
) STRICT;

CREATE INDEX citizen_by_last_visit ON citizen (last_visit);

CREATE TABLE consent (
    id       TEXT PRIMARY KEY,
    citizen  TEXT NOT NULL REFERENCES citizen (id) ON DELETE CASCADE,
    purpose  TEXT NOT NULL CHECK (purpose IN ('recognise', 'keep_identity')),
    version  TEXT NOT NULL,
    given_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;

CREATE UNIQUE INDEX one_active_consent ON consent (citizen, purpose) WHERE ended_at IS NULL;

CREATE INDEX consent_by_citizen ON consent (citizen);

-- A face template: little-endian float32, unit length. It exists only under an active consent.
CREATE TABLE template (
    citizen    TEXT PRIMARY KEY REFERENCES citizen (id) ON DELETE CASCADE,
    model      TEXT NOT NULL,
    vector     BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0),
    quality    REAL NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TRIGGER no_template_without_consent BEFORE INSERT ON template
WHEN NOT EXISTS (
    SELECT 1 FROM consent
    WHERE citizen = NEW.citizen AND purpose = 'recognise' AND ended_at IS NULL
)
BEGIN
    SELECT RAISE(ABORT, 'no template without an active consent');
END;

CREATE TRIGGER template_never_changes_hands BEFORE UPDATE OF citizen ON template
BEGIN
    SELECT RAISE(ABORT, 'a template belongs to one citizen');
END;

CREATE TRIGGER consent_ended AFTER UPDATE ON consent
WHEN OLD.purpose = 'recognise' AND OLD.ended_at IS NULL AND NOT (
    NEW.purpose = 'recognise' AND NEW.ended_at IS NULL AND NEW.citizen = OLD.citizen
)
BEGIN
    DELETE FROM template WHERE citizen = OLD.citizen;
END;

CREATE TRIGGER consent_deleted AFTER DELETE ON consent
WHEN OLD.purpose = 'recognise' AND OLD.ended_at IS NULL
BEGIN
    DELETE FROM template WHERE citizen = OLD.citizen;
END;

CREATE TABLE ticket (
    id           TEXT PRIMARY KEY,
    field        TEXT NOT NULL,
    day          TEXT NOT NULL,
    sequence     INTEGER NOT NULL CHECK (sequence >= 1),
    number       TEXT NOT NULL,
    reference    TEXT NOT NULL UNIQUE,
    citizen      TEXT REFERENCES citizen (id) ON DELETE SET NULL,
    way          TEXT NOT NULL,
    issued_at    TEXT NOT NULL,
    seq          INTEGER NOT NULL UNIQUE, -- of its event; outlives the outbox row
    printing     TEXT NOT NULL DEFAULT 'queued'
                 CHECK (printing IN ('queued', 'sending', 'printed', 'uncertain', 'failed')),
    print_reason TEXT NOT NULL DEFAULT '',
    UNIQUE (field, day, sequence)
) STRICT;

CREATE INDEX ticket_unfinished ON ticket (seq) WHERE printing IN ('queued', 'sending');

CREATE INDEX ticket_by_citizen ON ticket (citizen) WHERE citizen IS NOT NULL;

-- AUTOINCREMENT: a seq is never used twice, even after its row is gone.
CREATE TABLE outbox (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    id     TEXT NOT NULL UNIQUE,
    at     TEXT NOT NULL,
    body   TEXT NOT NULL CHECK (json_valid(body)),
    parked TEXT -- why the server will never take it
) STRICT;

-- What the central server said last: people waiting per field, and when we heard it.
CREATE TABLE field_status (
    field        TEXT PRIMARY KEY,
    waiting      INTEGER NOT NULL CHECK (waiting >= 0),
    minutes_each REAL
) STRICT;

CREATE TABLE office_status (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    received_at TEXT NOT NULL,
    last_seq    INTEGER NOT NULL
) STRICT;
