-- Until when an event shows something: an ended one until its length is over, whenever that was told.
ALTER TABLE events ADD COLUMN shows_to INTEGER GENERATED ALWAYS AS (CASE WHEN shows IS NULL THEN NULL
    WHEN kind = 'ended' AND json_valid(detail) THEN begin + CAST((detail ->> '$.seconds') * 1000000 AS INTEGER) ELSE at END) VIRTUAL;

DROP INDEX events_shown;
CREATE INDEX events_shown ON events (camera, at, shows, shows_to, segment) WHERE shows IS NOT NULL;
