-- What retention deleted, and what it is about to: a row without done is the intent, written before
-- anything is touched, so that a crash at any step can be finished.
CREATE TABLE deletions (
    id      INTEGER PRIMARY KEY, -- in the order they were decided
    volume  TEXT    NOT NULL,
    path    TEXT    NOT NULL,    -- below recordings, with slashes
    camera  TEXT    NOT NULL,
    start   INTEGER NOT NULL,    -- of the footage
    "end"   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    rule    TEXT    NOT NULL,    -- the key that asked for it: max_age, camera.max_size, max_size, min_free
    decided INTEGER NOT NULL,
    done    INTEGER              -- when the file was gone for good; NULL: not yet
) STRICT;

CREATE INDEX deletions_pending ON deletions (volume) WHERE done IS NULL;

-- Older deletions, summed for each camera, rule and day (UTC) of the footage, so that the log stays small.
CREATE TABLE deletion_days (
    camera   TEXT    NOT NULL,
    day      INTEGER NOT NULL, -- since 1970, of the footage
    rule     TEXT    NOT NULL,
    segments INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    start    INTEGER NOT NULL, -- of the first of it
    "end"    INTEGER NOT NULL, -- of the last of it
    done     INTEGER NOT NULL, -- when the last of it was deleted
    PRIMARY KEY (camera, day, rule)
) STRICT, WITHOUT ROWID;
