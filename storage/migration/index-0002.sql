-- Events of the segments' journals. They go with their segment.
CREATE TABLE events (
    id      INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    camera  TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;

CREATE INDEX events_by_segment ON events (segment);
CREATE INDEX events_by_camera ON events (camera, at);
CREATE INDEX events_by_at ON events (at);

-- Retention goes through a volume's segments from the oldest on.
CREATE INDEX segments_by_volume ON segments (volume, start);
