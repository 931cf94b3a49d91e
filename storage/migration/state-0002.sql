-- The key that a camera's secret is made of when its row has none, so that asking for a secret
-- writes nothing. The store draws it: SQLite's randomblob is not made for keys.
CREATE TABLE keys (
    name TEXT PRIMARY KEY, -- 'secret'
    key  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Both NULL: not approved.
ALTER TABLE cameras ADD COLUMN accepted INTEGER; -- registered while every camera was accepted
ALTER TABLE cameras ADD COLUMN approved INTEGER; -- a person said yes to it

-- Until now every camera was accepted.
UPDATE cameras SET accepted = first_seen;
