-- An event whose footage was taken away by hand stays in the history, without a segment: NULL. It finds its
-- segment again when that comes back.
CREATE TABLE events_new (
    id      INTEGER PRIMARY KEY,
    segment INTEGER REFERENCES segments (id) ON DELETE CASCADE,
    camera  TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    begin   INTEGER, -- of kind ended: when what it tells the end of began
    shows INTEGER GENERATED ALWAYS AS (CASE
        WHEN kind IN ('motion', 'sound', 'light', 'asked', 'device') THEN at
        WHEN kind = 'ended' AND (instr(detail, '"motion"') OR instr(detail, '"sound"') OR instr(detail, '"light"')
            OR instr(detail, '"asked"') OR instr(detail, '"device"')) THEN begin END) VIRTUAL -- see index-0007.sql
) STRICT;

INSERT INTO events_new (id, segment, camera, at, kind, detail, begin) SELECT id, segment, camera, at, kind, detail, begin FROM events;
DROP TABLE events;
ALTER TABLE events_new RENAME TO events;

CREATE INDEX events_by_segment ON events (segment);
CREATE INDEX events_by_camera ON events (camera, at);
CREATE INDEX events_by_at ON events (at);
CREATE INDEX events_by_begin ON events (camera, begin) WHERE begin IS NOT NULL;
CREATE INDEX events_without_footage ON events (camera, at) WHERE segment IS NULL;
CREATE INDEX events_shown ON events (camera, at, shows) WHERE shows IS NOT NULL;

-- The triggers of index-0007.sql went with the table.
CREATE TRIGGER events_come AFTER INSERT ON events BEGIN
    INSERT INTO events_told SELECT NEW.camera, random() >> 16 WHERE NOT EXISTS (SELECT 1 FROM events_told WHERE camera = NEW.camera);
    UPDATE events_told SET number = number + 1 WHERE camera = NEW.camera;
END;

CREATE TRIGGER events_go AFTER DELETE ON events BEGIN
    INSERT INTO events_told SELECT OLD.camera, random() >> 16 WHERE NOT EXISTS (SELECT 1 FROM events_told WHERE camera = OLD.camera);
    UPDATE events_told SET number = number + 1 WHERE camera = OLD.camera;
END;

CREATE TRIGGER events_change AFTER UPDATE ON events BEGIN
    INSERT INTO events_told SELECT OLD.camera, random() >> 16 WHERE NOT EXISTS (SELECT 1 FROM events_told WHERE camera = OLD.camera);
    UPDATE events_told SET number = number + 1 WHERE camera = OLD.camera;
    INSERT INTO events_told SELECT NEW.camera, random() >> 16 WHERE NOT EXISTS (SELECT 1 FROM events_told WHERE camera = NEW.camera);
    UPDATE events_told SET number = number + 1 WHERE camera = NEW.camera;
END;
