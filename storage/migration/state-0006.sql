-- Spans of footage that no rule of retention deletes.
CREATE TABLE keeps (
    id     INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: who ends one late ends no other
    camera TEXT    NOT NULL,
    "from" INTEGER NOT NULL,
    "to"   INTEGER NOT NULL,
    note   TEXT    NOT NULL,
    until  INTEGER,          -- when it is over by itself; NULL: when it is ended
    who    TEXT    NOT NULL, -- made it, as in audit
    made   INTEGER NOT NULL
) STRICT;

CREATE INDEX keeps_by_camera ON keeps (camera, "from");
