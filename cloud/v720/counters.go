package v720

// Counters of one media session. All only grow.
type Counters struct {
	Packages   int64 // media packages that came
	Duplicates int64 // came although they had come before
	Late       int64 // filled a hole in the sequence
	TooLate    int64 // came when they had been given up
	Missing    int64 // ids given up
	Restarts   int64 // sequences begun anew, without a new session
	Stray      int64 // ids far from the sequence, passed over
	Pictures   int64 // whole
	Repaired   int64 // whole, with a package that came late or again
	Lost       int64 // pictures given up, or not pictures
	Sounds     int64 // packages of sound
	LostSounds int64 // packages of sound given up, as far as they can be told from pictures'
	BadSize    int64 // pictures whose trailer has an unknown size field; passed on all the same
	Orphans    int64 // bodies and ends without a head
	Unknown    int64 // packages of no known media command
}

// Plus adds two media sessions' counters.
func (c Counters) Plus(o Counters) Counters { return c.add(o, 1) }

// Minus tells what was counted since o.
func (c Counters) Minus(o Counters) Counters { return c.add(o, -1) }

func (c Counters) add(o Counters, sign int64) Counters {
	c.Packages += sign * o.Packages
	c.Duplicates += sign * o.Duplicates
	c.Late += sign * o.Late
	c.TooLate += sign * o.TooLate
	c.Missing += sign * o.Missing
	c.Restarts += sign * o.Restarts
	c.Stray += sign * o.Stray
	c.Pictures += sign * o.Pictures
	c.Repaired += sign * o.Repaired
	c.Lost += sign * o.Lost
	c.Sounds += sign * o.Sounds
	c.LostSounds += sign * o.LostSounds
	c.BadSize += sign * o.BadSize
	c.Orphans += sign * o.Orphans
	c.Unknown += sign * o.Unknown
	return c
}
