-- Who consented for a child (found by whoever has their number, see wire.number_index), and
-- whether the child agreed as well.
ALTER TABLE consent ADD COLUMN representative_index TEXT;

ALTER TABLE consent ADD COLUMN representative_name TEXT; -- masked

ALTER TABLE consent ADD COLUMN representative_birth TEXT; -- masked

ALTER TABLE consent ADD COLUMN assent INTEGER NOT NULL DEFAULT 0 CHECK (assent IN (0, 1));

-- Why two citizens may be one: their faces, or one number that two faces showed.
ALTER TABLE possible_duplicate ADD COLUMN reason TEXT NOT NULL DEFAULT 'same_face'
    CHECK (reason IN ('same_face', 'same_number'));
