-- Identity sealed (see kiosk/store/sealing.py), templates turned by the office's secret, numbers
-- found by a keyed index. Functions that need a key: kiosk/store/migrations/keyed.py.

-- What is NULL is known only to the kiosk that read the card.
CREATE TABLE citizen_new (
    id            TEXT PRIMARY KEY,
    number_index  TEXT NOT NULL CHECK (length(number_index) = 64),
    number_secret TEXT, -- which office secret keys the index; NULL: central made it
    number        BLOB,
    old_number    BLOB,
    name          BLOB,
    date_of_birth BLOB,
    address       BLOB,
    masked_name   TEXT NOT NULL,
    masked_birth  TEXT NOT NULL,
    sex           TEXT,
    decade        TEXT NOT NULL, -- of birth, as 1980s
    issued        TEXT,
    source        TEXT,
    last_visit    TEXT NOT NULL,
    dated         INTEGER NOT NULL DEFAULT 1 CHECK (dated IN (0, 1)) -- 0: last_visit may be too early
) STRICT;

INSERT INTO citizen_new
SELECT id, number_index(number), number_secret(),
       sealed(number, id, 'number'), sealed(old_number, id, 'old_number'),
       sealed(name, id, 'name'), sealed(date_of_birth, id, 'date_of_birth'),
       sealed(address, id, 'address'),
       masked_name(name), substr(date_of_birth, 1, 2) || '**', sex,
       substr(date_of_birth, 1, 3) || '0s', issued, source, last_visit, 1
FROM citizen;

CREATE TABLE template_new (
    citizen    TEXT PRIMARY KEY REFERENCES citizen (id) ON DELETE CASCADE,
    model      TEXT NOT NULL,
    secret     TEXT NOT NULL CHECK (length(secret) = 16), -- which office secret turned it
    vector     BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0),
    quality    REAL NOT NULL,
    created_at TEXT NOT NULL,
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)) -- 0: its consent covers this kiosk alone
) STRICT;

INSERT INTO template_new
SELECT citizen, model, template_secret(), turned(vector, model), quality, created_at, 0
FROM template;

DROP TRIGGER consent_ended;

DROP TRIGGER consent_deleted;

DROP TABLE template;

DROP TABLE citizen;

ALTER TABLE citizen_new RENAME TO citizen;

ALTER TABLE template_new RENAME TO template;

-- Two ids may have one number: enrolled at two kiosks that could not hear of each other.
CREATE INDEX citizen_by_number ON citizen (number_index, id);

CREATE INDEX citizen_by_number_secret ON citizen (number_secret) WHERE number IS NOT NULL;

CREATE INDEX template_by_secret ON template (secret);

CREATE INDEX citizen_by_last_visit ON citizen (last_visit);

CREATE INDEX citizen_not_dated ON citizen (id) WHERE dated = 0;

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

-- Whose template came or went, once per citizen: the newest is the largest. An UPDATE only turns
-- a template by another secret, and leaves the face as it is.
CREATE TABLE gallery_change (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    citizen  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER template_came AFTER INSERT ON template
BEGIN
    DELETE FROM gallery_change WHERE citizen = NEW.citizen;
    INSERT INTO gallery_change (citizen) VALUES (NEW.citizen);
END;

CREATE TRIGGER template_went AFTER DELETE ON template
BEGIN
    DELETE FROM gallery_change WHERE citizen = OLD.citizen;
    INSERT INTO gallery_change (citizen) VALUES (OLD.citizen);
END;

-- What was said of a citizen and not yet sent is found without reading the whole outbox.
CREATE INDEX outbox_by_citizen ON outbox (body ->> '$.citizen')
WHERE body ->> '$.citizen' IS NOT NULL;

CREATE INDEX outbox_by_first ON outbox (body ->> '$.first') WHERE body ->> '$.first' IS NOT NULL;

CREATE INDEX outbox_by_second ON outbox (body ->> '$.second')
WHERE body ->> '$.second' IS NOT NULL;

-- Ids that are never to be known again. A row is all it takes: the rest is done here, whoever
-- writes it, and cannot be undone.
CREATE TABLE tombstone (
    citizen   TEXT PRIMARY KEY,
    erased_at TEXT NOT NULL,
    reason    TEXT NOT NULL CHECK (reason IN ('asked', 'expired', 'central')) -- who decided
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tombstone_erases AFTER INSERT ON tombstone
BEGIN
    DELETE FROM citizen WHERE id = NEW.citizen;
    DELETE FROM outbox WHERE body ->> '$.citizen' = NEW.citizen
        AND body ->> '$.kind' IN ('citizen_enrolled', 'template_issued');
    DELETE FROM outbox WHERE body ->> '$.first' = NEW.citizen;
    DELETE FROM outbox WHERE body ->> '$.second' = NEW.citizen;
    UPDATE outbox SET body = json_set(body, '$.citizen', NULL)
        WHERE body ->> '$.citizen' = NEW.citizen AND body ->> '$.kind' = 'ticket_issued';
END;

CREATE TRIGGER tombstone_outlives BEFORE DELETE ON tombstone
BEGIN
    SELECT RAISE(ABORT, 'a tombstone stays');
END;

CREATE TRIGGER tombstone_is_final BEFORE UPDATE ON tombstone
BEGIN
    SELECT RAISE(ABORT, 'a tombstone stays as it is');
END;

CREATE TRIGGER citizen_never_comes_back BEFORE INSERT ON citizen
WHEN EXISTS (SELECT 1 FROM tombstone WHERE citizen = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a citizen who was erased never comes back');
END;

CREATE TRIGGER citizen_keeps_its_id BEFORE UPDATE OF id ON citizen
WHEN NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'a citizen keeps one id');
END;

-- A backup was restored, and the server has yet to say who was erased since: until then nobody
-- is recognised. Coming and going, the row changes the whole gallery.
CREATE TABLE tombstones_awaited (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    since TEXT NOT NULL
) STRICT;

CREATE TRIGGER recognition_held AFTER INSERT ON tombstones_awaited
BEGIN
    DELETE FROM gallery_change WHERE citizen IN (SELECT citizen FROM template);
    INSERT INTO gallery_change (citizen) SELECT citizen FROM template;
END;

CREATE TRIGGER recognition_resumed AFTER DELETE ON tombstones_awaited
BEGIN
    DELETE FROM gallery_change WHERE citizen IN (SELECT citizen FROM template);
    INSERT INTO gallery_change (citizen) SELECT citizen FROM template;
END;
