-- Derived from the files, all of it. Times are microseconds since 1970, UTC.

-- Whose a folder in recordings is, so that two cameras never share one.
CREATE TABLE folders (
    name   TEXT PRIMARY KEY,
    camera TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    id         INTEGER PRIMARY KEY, -- in the order of commits
    camera     TEXT    NOT NULL,
    name       TEXT    NOT NULL,    -- what the camera was called then; '' without a name
    volume     TEXT    NOT NULL,
    path       TEXT    NOT NULL,    -- below recordings, with slashes
    run        BLOB    NOT NULL,    -- 16 bytes
    start      INTEGER NOT NULL,
    "end"      INTEGER NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    frames     INTEGER NOT NULL,    -- pictures in the file
    repaired   INTEGER NOT NULL,
    lost       INTEGER NOT NULL,
    missing    INTEGER NOT NULL,    -- packages
    has_audio  INTEGER NOT NULL,
    samples    INTEGER NOT NULL,
    silence    INTEGER NOT NULL,    -- samples put in
    dropped    INTEGER NOT NULL,    -- samples taken out
    bytes      INTEGER NOT NULL,
    gap_from   INTEGER,             -- the gap before it; all three NULL without one
    gap_to     INTEGER,
    gap_reason TEXT,
    UNIQUE (volume, path)
) STRICT;

CREATE INDEX segments_by_camera ON segments (camera, start);
CREATE INDEX segments_by_start ON segments (start);
