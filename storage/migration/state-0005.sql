-- Who may use page and API, and what they did. Of what opens a door only hashes are kept.

-- cameras: '*' for all, else ids with a space between them; '' for none.
CREATE TABLE users (
    id       INTEGER PRIMARY KEY AUTOINCREMENT, -- an id is never given twice: a session of a removed user is nobody's
    name     TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password TEXT    NOT NULL, -- $argon2id$v=19$m=…,t=…,p=…$salt$hash
    role     TEXT    NOT NULL, -- admin, viewer
    cameras  TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    changed  INTEGER NOT NULL  -- the password
) STRICT;

CREATE TABLE sessions (
    hash    BLOB    PRIMARY KEY, -- SHA-256 of what the cookie holds
    user    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    begun   INTEGER NOT NULL,
    used    INTEGER NOT NULL,    -- to within an hour
    expires INTEGER NOT NULL,
    address TEXT    NOT NULL,
    agent   TEXT    NOT NULL     -- what the browser calls itself
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user, begun);

CREATE TABLE tokens (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    hash    BLOB    NOT NULL UNIQUE, -- SHA-256 of the token
    scopes  TEXT    NOT NULL,        -- with a space between them
    cameras TEXT    NOT NULL,
    owner   INTEGER REFERENCES users (id) ON DELETE CASCADE, -- may no more than this user; NULL: made at the command line
    created INTEGER NOT NULL,
    used    INTEGER,                 -- to within an hour; NULL: never
    expires INTEGER                  -- NULL: never
) STRICT;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    who     TEXT    NOT NULL, -- 'user anna', 'token garage', 'command line', or '' for nobody that is known
    address TEXT    NOT NULL,
    what    TEXT    NOT NULL, -- 'camera.pause'
    about   TEXT    NOT NULL, -- whom or what it was done to
    detail  TEXT    NOT NULL
) STRICT;

-- Entries of nobody known have a bound of their own.
CREATE INDEX audit_by_stranger ON audit (id) WHERE who = '';

-- What was set through page and API: it stands over config.toml.
CREATE TABLE settings (
    camera TEXT    NOT NULL, -- '' for the whole box
    key    TEXT    NOT NULL, -- of config.toml: 'recording.segment'
    value  TEXT    NOT NULL, -- JSON
    who    TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (camera, key)
) STRICT, WITHOUT ROWID;
