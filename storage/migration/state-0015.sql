-- What holds recordings together: docs/integrity.md. Statements are signed, and their own proof.

-- The box's public keys; the last one's private half is in the file signing.key.
CREATE TABLE signers (
    key   BLOB    NOT NULL PRIMARY KEY, -- Ed25519, 32 bytes
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A chain is what one run sealed of one camera.
CREATE TABLE chains (
    id     INTEGER PRIMARY KEY, -- in the order in which they began
    camera TEXT    NOT NULL,
    run    BLOB    NOT NULL,
    volume TEXT    NOT NULL,    -- on which its segments are
    begin  BLOB    NOT NULL,    -- statement
    links  INTEGER NOT NULL,    -- as far as it is known to go
    head   BLOB    NOT NULL,    -- hash of the last of them
    "end"  BLOB,                -- statement; NULL: the run goes on, or was killed
    UNIQUE (camera, run)
) STRICT;

-- Tombstones: links of a chain whose segments were deleted. Those of neighbours are one.
CREATE TABLE tombstones (
    camera    TEXT    NOT NULL,
    run       BLOB    NOT NULL,
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    statement BLOB    NOT NULL,
    PRIMARY KEY (camera, run, first)
) STRICT, WITHOUT ROWID;

-- Up to which chain all of a camera is deleted.
CREATE TABLE pasts (
    camera    TEXT NOT NULL PRIMARY KEY,
    statement BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- While a segment is being deleted, its place in its chain: run, number, hash of the link before, and its own.
ALTER TABLE deletions ADD COLUMN link BLOB;

-- What was signed of a thinned segment.
ALTER TABLE thinnings ADD COLUMN statement BLOB;
