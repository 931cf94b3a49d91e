package cloudtest

import (
	"math/rand/v2"
	"time"
)

// flow is the chance of the datagrams that go from one socket to one address. Each datagram draws
// in its turn, so that what becomes of the hundredth does not hang on when it is sent.
type flow struct {
	lots   *rand.Rand
	begun  bool
	losing bool // within a run of losses
}

// flowsLimit bounds the flows that a socket remembers. Beyond it all are forgotten, and begin
// their lots again: a test with so many far ends does not look at one of them.
const flowsLimit = 4096

// chancy tells whether anything is drawn by lot for datagrams.
func (c Conditions) chancy() bool { return c.Jitter > 0 || c.Loss > 0 || c.Doubled > 0 || c.Late > 0 }

// lost tells whether the next datagram is.
func (f *flow) lost(c *Conditions) bool {
	if c.Loss <= 0 {
		return false
	}
	if c.Burst <= 1 {
		return f.lots.Float64() < c.Loss
	}
	begin, end := c.run()
	switch {
	case !f.begun:
		f.begun, f.losing = true, f.lots.Float64() < c.Loss // or the first ones would be safer than others
	case f.losing:
		f.losing = f.lots.Float64() >= end
	default:
		f.losing = f.lots.Float64() < begin
	}
	return f.losing
}

// run gives the chances that a run of losses begins and ends with the next datagram, in Gilbert's
// model of two states (Capacity of a Burst-Noise Channel, 1960) where the bad one loses all: runs
// have a mean length of 1/end, and begin/(begin+end) of all is lost.
func (c Conditions) run() (begin, end float64) {
	if c.Loss >= 1 {
		return 1, 0
	}
	end = 1 / float64(c.Burst)
	begin = end * c.Loss / (1 - c.Loss)
	if begin > 1 {
		return 1, (1 - c.Loss) / c.Loss
	}
	return begin, end
}

// delay is that of one copy of a datagram.
func (f *flow) delay(c *Conditions) (delay time.Duration, late bool) {
	delay = c.delay(f.lots)
	if late = c.Late > 0 && f.lots.Float64() < c.Late; late {
		delay += c.LateBy
	}
	return delay, late
}

func (f *flow) doubled(c *Conditions) bool { return c.Doubled > 0 && f.lots.Float64() < c.Doubled }
