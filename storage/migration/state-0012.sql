-- What thinning took out of segments, as deletions says what was deleted. The files tell it, too, as long as they are.
CREATE TABLE thinnings (
    id      INTEGER PRIMARY KEY, -- in the order in which they were done
    volume  TEXT    NOT NULL,
    path    TEXT    NOT NULL,    -- below recordings, with slashes
    camera  TEXT    NOT NULL,
    start   INTEGER NOT NULL,    -- of the footage
    "end"   INTEGER NOT NULL,
    rule    TEXT    NOT NULL,
    taken   INTEGER NOT NULL,    -- pictures
    bytes   INTEGER NOT NULL,    -- of the file before
    less    INTEGER NOT NULL,    -- bytes that it is smaller
    done    INTEGER NOT NULL
) STRICT;
