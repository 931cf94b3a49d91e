-- Segments that are being written: a row comes before the file, and goes with the row of the segment.
-- What is left here at a start is what an earlier run did not end.
CREATE TABLE writing (
    volume TEXT NOT NULL,
    path   TEXT NOT NULL, -- that the segment is to have; until then the file is <path>.part
    PRIMARY KEY (volume, path)
) STRICT, WITHOUT ROWID;
