-- Which segments stand whole in an archive. A segment is known by camera and start, since folders are renamed; the
-- place is the archive's address with bucket and prefix, so that another archive begins with nothing.
CREATE TABLE archived (
    place   TEXT    NOT NULL,
    camera  TEXT    NOT NULL,
    start   INTEGER NOT NULL,
    "end"   INTEGER NOT NULL,
    key     TEXT    NOT NULL,  -- of the object, behind the place
    bytes   INTEGER NOT NULL,
    sha256  BLOB    NOT NULL,
    etag    TEXT    NOT NULL,
    at      INTEGER NOT NULL,  -- when it was found whole there
    PRIMARY KEY (place, camera, start)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX archived_by_key ON archived (place, key);

-- Copies that are under way or have failed. They go when the segment is archived, or is gone.
CREATE TABLE archive_tries (
    place  TEXT    NOT NULL,
    camera TEXT    NOT NULL,
    start  INTEGER NOT NULL,
    key    TEXT    NOT NULL,
    upload TEXT    NOT NULL,   -- the multipart upload that goes on; '' for none
    tries  INTEGER NOT NULL,   -- that failed
    next   INTEGER NOT NULL,   -- not before
    error  TEXT    NOT NULL,   -- of the last; '' for none
    PRIMARY KEY (place, camera, start)
) STRICT, WITHOUT ROWID;
