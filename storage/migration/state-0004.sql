-- When v720dvr ran. A start is a row, and so is each time that the wall clock was set within one.
CREATE TABLE runs (
    id    INTEGER PRIMARY KEY, -- in the order in which they began
    run   BLOB,                -- 16 bytes, as in the segments; NULL: rows of several, joined
    begun INTEGER NOT NULL,
    alive INTEGER NOT NULL,    -- the last moment that is known of it
    ended INTEGER NOT NULL     -- 1: then it was closed, or the clock was set
) STRICT;

-- What is missing of a camera for as long as no segment tells of it.
CREATE TABLE pending_gaps (
    camera TEXT    NOT NULL,
    run    BLOB    NOT NULL, -- that noted it
    number INTEGER NOT NULL, -- in order
    "from" INTEGER NOT NULL,
    "to"   INTEGER,          -- NULL: it goes on
    reason TEXT    NOT NULL,
    PRIMARY KEY (camera, run, number)
) STRICT, WITHOUT ROWID;

-- Privacy: cameras of which nothing is to be recorded.
CREATE TABLE pauses (
    camera TEXT PRIMARY KEY,
    "from" INTEGER NOT NULL, -- when somebody asked for it
    until  INTEGER           -- NULL: until it is ended
) STRICT, WITHOUT ROWID;
