-- How people have arranged the page for themselves.
CREATE TABLE preferences (
    user  INTEGER PRIMARY KEY, -- of users; 0: whoever comes where nobody logs in
    value TEXT    NOT NULL     -- JSON, as the API checked it
) STRICT;

CREATE TRIGGER preferences_end AFTER DELETE ON users BEGIN DELETE FROM preferences WHERE user = OLD.id; END;
