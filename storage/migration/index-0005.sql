-- Levels of the segments, second by second, and pooled by the minute for tiles that hold weeks: as
-- avi.Levels.Append writes them, the minutes counted since 1970 as the seconds are. They go with their
-- segment. Rescan fills in those of segments that were entered before.
CREATE TABLE levels (
    segment INTEGER PRIMARY KEY REFERENCES segments (id) ON DELETE CASCADE,
    seconds BLOB NOT NULL
) STRICT;

CREATE TABLE levels_by_minute (
    segment INTEGER PRIMARY KEY REFERENCES segments (id) ON DELETE CASCADE,
    minutes BLOB NOT NULL
) STRICT;
