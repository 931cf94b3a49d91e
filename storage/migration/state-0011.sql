-- Whom hooks are to call, and how that went.
CREATE TABLE hooks (
    name     TEXT    PRIMARY KEY,
    since    INTEGER NOT NULL,           -- ends of events before it are settled
    segment  INTEGER NOT NULL,           -- so are segments of the index up to this one
    done     INTEGER NOT NULL DEFAULT 0, -- calls that succeeded
    failed   INTEGER NOT NULL DEFAULT 0, -- tries that did not
    lost     INTEGER NOT NULL DEFAULT 0, -- calls that were given up: too many, too old, or refused
    called   INTEGER,                    -- when the last try ended; NULL: never
    ok       INTEGER NOT NULL DEFAULT 0, -- whether it succeeded
    answer   TEXT    NOT NULL DEFAULT '' -- what came of it, for people
) STRICT, WITHOUT ROWID;

-- A call waits here until it is settled. The row of an event's end stays behind that, so that it is not told again.
CREATE TABLE hook_calls (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order in which they are told
    hook    TEXT    NOT NULL REFERENCES hooks (name) ON DELETE CASCADE,
    key     TEXT    NOT NULL, -- of what happened: the same however often it is told
    ends    INTEGER NOT NULL, -- 1: the end of an event
    at      INTEGER NOT NULL, -- when it happened
    body    TEXT    NOT NULL, -- JSON; '' when settled
    tries   INTEGER NOT NULL DEFAULT 0,
    due     INTEGER NOT NULL, -- not tried before
    settled INTEGER NOT NULL DEFAULT 0,
    UNIQUE (hook, key)
) STRICT;

CREATE INDEX hook_calls_waiting ON hook_calls (hook, id) WHERE settled = 0;
CREATE INDEX hook_calls_settled ON hook_calls (hook, at) WHERE settled = 1;
