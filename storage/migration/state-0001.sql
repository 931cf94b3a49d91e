-- What cannot be read back from footage. Times are microseconds since 1970, UTC.

CREATE TABLE cameras (
    id         TEXT PRIMARY KEY, -- the device code; its case counts
    secret     TEXT,             -- 8 lower-case hex digits; NULL until first asked for
    issued     INTEGER,          -- when we gave the code; NULL: the camera brought it with it
    first_seen INTEGER,          -- NULL: issued or asked about, never seen
    last_seen  INTEGER,
    firmware   TEXT NOT NULL DEFAULT '',
    address    TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- Every recordings volume that was ever used, by the id in its volume.json.
CREATE TABLE volumes (
    id        TEXT PRIMARY KEY,
    path      TEXT NOT NULL,    -- where it was mounted when last opened
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
