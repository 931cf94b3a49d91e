-- When what an event tells the end of began: so that who lists events finds how long they were. The detail
-- of such an event is JSON, its times RFC 3339 in UTC (docs/storage.md, "Events").
ALTER TABLE events ADD COLUMN begin INTEGER; -- of kind ended

CREATE INDEX events_by_begin ON events (camera, begin) WHERE begin IS NOT NULL;

UPDATE events SET begin = unixepoch(substr(detail ->> '$.begin', 1, 19)) * 1000000
        + CAST(substr(rtrim(substr(detail ->> '$.begin', 21), 'Z') || '000000', 1, 6) AS INTEGER)
    WHERE kind = 'ended' AND json_valid(detail);
