-- How cameras and the box were: minutes of a day, and ten minutes of a month. What is lost of it is no footage.
CREATE TABLE camera_points (
	step INTEGER NOT NULL, -- seconds: 60 or 600
	at INTEGER NOT NULL, -- its begin, seconds since 1970
	camera TEXT NOT NULL,
	frames INTEGER NOT NULL, lost INTEGER NOT NULL, repaired INTEGER NOT NULL, dropped INTEGER NOT NULL,
	sounds INTEGER NOT NULL, opened INTEGER NOT NULL,
	age INTEGER NOT NULL, -- ms, the oldest that the last picture was
	online REAL NOT NULL, -- 0 to 1
	PRIMARY KEY (step, at, camera)
) WITHOUT ROWID;
CREATE TABLE box_points (
	step INTEGER NOT NULL, at INTEGER NOT NULL,
	sync_median INTEGER NOT NULL, sync_max INTEGER NOT NULL, -- µs
	free INTEGER NOT NULL, memory INTEGER NOT NULL, waiting INTEGER NOT NULL, dropped INTEGER NOT NULL,
	cpu REAL NOT NULL, -- of one core, 0 to the number of cores
	PRIMARY KEY (step, at)
) WITHOUT ROWID;
