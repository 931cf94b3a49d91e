package main

import (
	"time"

	"v720dvr/recorder/schedule"
)

// A clock tells when a cron line is due. It is looked at every second, so that it follows a wall
// clock that was set, and a line that was changed.
type clock struct {
	cron schedule.Cron
	seen time.Time // when it was looked at last
	next time.Time
}

// due tells whether a moment of the line has come since the last call.
func (c *clock) due(line string, now time.Time) bool {
	due := !c.next.IsZero() && !now.Before(c.next)
	if line != c.cron.String() || due || now.Before(c.seen) {
		cron, err := schedule.Parse(line)
		if err != nil { // the configuration has checked it
			cron = c.cron
		}
		c.cron, c.next = cron, time.Time{}
		if cron.String() != "" {
			c.next = cron.Next(now)
		}
	}
	c.seen = now
	return due
}
