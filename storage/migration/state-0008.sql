-- Which events somebody has seen. An event is known by camera, kind and the moment it began, since the
-- numbers in the index are other ones when it is built again.
CREATE TABLE seen (
    user   INTEGER NOT NULL, -- of users; 0: whoever comes where nobody logs in
    at     INTEGER NOT NULL,
    camera TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    PRIMARY KEY (user, at, camera, kind)
) STRICT, WITHOUT ROWID;

-- Rows that were too many: of a user, all that began then or before counts as seen.
CREATE TABLE seen_before (
    user INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT;

CREATE TRIGGER seen_end AFTER DELETE ON users BEGIN
    DELETE FROM seen WHERE user = OLD.id;
    DELETE FROM seen_before WHERE user = OLD.id;
END;
