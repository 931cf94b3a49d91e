-- What is missing before a segment, and inside it. They go with their segment.
CREATE TABLE gaps (
    segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,   -- in the order of the file: those before it, then those inside
    inside  INTEGER NOT NULL,   -- 0 before the segment, 1 inside
    camera  TEXT    NOT NULL,
    "from"  INTEGER NOT NULL,
    "to"    INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    PRIMARY KEY (segment, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX gaps_by_camera ON gaps (camera, "to");

INSERT INTO gaps SELECT id, 0, 0, camera, gap_from, gap_to, gap_reason FROM segments WHERE gap_from IS NOT NULL;

ALTER TABLE segments DROP COLUMN gap_from;
ALTER TABLE segments DROP COLUMN gap_to;
ALTER TABLE segments DROP COLUMN gap_reason;

-- In the order in which the segments of the run were begun, from 1; 0 where the file does not tell.
ALTER TABLE segments ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
