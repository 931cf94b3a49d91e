-- What cameras said of themselves last, and how they could be reached: the cloud's Condition of each.
CREATE TABLE conditions (
    camera TEXT PRIMARY KEY,
    value  TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
