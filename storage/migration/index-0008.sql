-- What was taken out of a segment by thinning, as its file tells: pictures, and the rate that they were thinned to
-- last, in thousandths of a picture a second; both 0 for none.
ALTER TABLE segments ADD COLUMN thinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN thin_rate INTEGER NOT NULL DEFAULT 0;

-- The least rate for which it has been looked whether there is anything to take out, so that nobody looks again.
ALTER TABLE segments ADD COLUMN passed INTEGER NOT NULL DEFAULT 2147483647;

CREATE INDEX segments_by_passed ON segments (camera, passed, start);

-- Segments that are being thinned: a row comes before the file <path>.thin, and goes with that of the segment.
CREATE TABLE thinning (
    volume TEXT NOT NULL,
    path   TEXT NOT NULL,
    PRIMARY KEY (volume, path)
) STRICT, WITHOUT ROWID;
