package avi

import "time"

// TickRate is the constant rate that an AVI file asks for, in ticks a second. The cameras keep no
// rate, so a picture stands on the tick nearest to its capture time and empty ticks between say
// "the picture before goes on". Why 50: docs/decisions/0001-avi-tick.md.
const TickRate = 50

// MaxLength bounds how far from its start a segment may reach. It keeps a wrong clock from
// filling a disk with empty ticks; the longest segment that can be configured is 1 h.
const MaxLength = 4 * time.Hour

// A grid gives pictures their ticks: the nearest one, never one for two pictures, never back.
type grid struct {
	rate int64  // ticks a second
	next uint32 // first tick not yet in the file
}

// nearest returns the free tick closest to a capture time in µs since the start.
func (g *grid) nearest(at int64) uint32 {
	if at <= 0 {
		return g.next
	}
	return max(g.next, uint32((at*g.rate+500_000)/1_000_000))
}

// before returns how many ticks begin before a time in µs since the start.
func (g *grid) before(at int64) uint32 {
	if at <= 0 {
		return 0
	}
	return uint32((at*g.rate + 999_999) / 1_000_000)
}

// micros returns when a tick begins, in µs since the start.
func (g *grid) micros(tick uint32) int64 { return int64(tick) * 1_000_000 / g.rate }
