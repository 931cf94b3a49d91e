-- What an event shows: from when to its row's "at" something was seen, heard or asked for. NULL: nothing, it is another kind.
-- Retention spares what shows one (retention.event_age).
ALTER TABLE events ADD COLUMN shows INTEGER GENERATED ALWAYS AS (CASE
    WHEN kind IN ('motion', 'sound', 'light', 'asked', 'device') THEN at
    WHEN kind = 'ended' AND (instr(detail, '"motion"') OR instr(detail, '"sound"') OR instr(detail, '"light"')
        OR instr(detail, '"asked"') OR instr(detail, '"device"')) THEN begin END) VIRTUAL;

CREATE INDEX events_shown ON events (camera, at, shows) WHERE shows IS NOT NULL;

-- (No upsert stands in the triggers below: a REPLACE that fires them would make one of it, too, sqlite.org/lang_createtrigger.html.)
-- How much there is of each camera on each volume, so that nobody adds a million rows up.
CREATE TABLE totals (
    volume   TEXT    NOT NULL,
    camera   TEXT    NOT NULL,
    segments INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    PRIMARY KEY (volume, camera)
) STRICT, WITHOUT ROWID;

INSERT INTO totals SELECT volume, camera, count(*), sum(bytes) FROM segments GROUP BY volume, camera;

-- The segments whose rows came, went or were changed last, so that who has read all reads no more than these again.
CREATE TABLE changes (
    number  INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL,
    start   INTEGER NOT NULL
) STRICT;

INSERT INTO changes VALUES (1, 0, 0);

CREATE TRIGGER segments_come AFTER INSERT ON segments BEGIN
    INSERT INTO totals SELECT NEW.volume, NEW.camera, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM totals WHERE volume = NEW.volume AND camera = NEW.camera);
    UPDATE totals SET segments = segments + 1, bytes = bytes + NEW.bytes WHERE volume = NEW.volume AND camera = NEW.camera;
    INSERT INTO changes (segment, start) VALUES (NEW.id, NEW.start);
    DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - 20000;
END;

CREATE TRIGGER segments_go AFTER DELETE ON segments BEGIN
    UPDATE totals SET segments = segments - 1, bytes = bytes - OLD.bytes WHERE volume = OLD.volume AND camera = OLD.camera;
    DELETE FROM totals WHERE volume = OLD.volume AND camera = OLD.camera AND segments = 0;
    INSERT INTO changes (segment, start) VALUES (OLD.id, OLD.start);
    DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - 20000;
END;

CREATE TRIGGER segments_change AFTER UPDATE OF id, camera, volume, start, "end", bytes ON segments BEGIN
    UPDATE totals SET segments = segments - 1, bytes = bytes - OLD.bytes WHERE volume = OLD.volume AND camera = OLD.camera;
    DELETE FROM totals WHERE volume = OLD.volume AND camera = OLD.camera AND segments = 0;
    INSERT INTO totals SELECT NEW.volume, NEW.camera, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM totals WHERE volume = NEW.volume AND camera = NEW.camera);
    UPDATE totals SET segments = segments + 1, bytes = bytes + NEW.bytes WHERE volume = NEW.volume AND camera = NEW.camera;
    INSERT INTO changes (segment, start) VALUES (OLD.id, OLD.start);
    INSERT INTO changes (segment, start) VALUES (NEW.id, NEW.start);
    DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - 20000;
END;

-- A number of each camera that becomes another one when an event of it comes, goes or ends. It begins anywhere, so that
-- an index that was built again has other ones.
CREATE TABLE events_told (
    camera TEXT    PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO events_told SELECT camera, random() >> 16 FROM events GROUP BY camera;

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
