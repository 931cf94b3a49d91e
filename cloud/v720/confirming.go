package v720

import "time"

// confirms gathers the ids to confirm as the vendor's app does: a list that grows until its
// frame has ended, sent at once then, and by timer before. docs/protocol.md, section 6.
//
// One thing more than the app: each list is told once more with those of the frame behind it. A
// confirm that is lost costs a tenth of a second then, and not a round of packages sent again, which
// a window of 111 packages on a bad link has no room for.
type confirms struct {
	told   []uint32 // the list of the frame before; at most maxList
	ids    []uint32 // of the frame that comes now; at most maxList
	plain  bool
	due    bool // a frame has ended, or the list is full
	sentAt time.Time
	sent   int // how many of ids the last confirm had
}

// maxList leaves room for two lists in a confirm: 125 packages, twice a picture of 60 KB.
const maxList = MaxConfirm / 2

const (
	// confirmEvery and TickEvery, between two looks at it, keep a confirm from being later than 100 ms.
	confirmEvery = 50 * time.Millisecond
	// confirmAgain keeps an unchanged list from being repeated sooner.
	confirmAgain = 200 * time.Millisecond
)

// note takes a package that came, for the first time or again.
func (c *confirms) note(p Packet, now time.Time) {
	switch p.Cmd {
	case CmdALaw, CmdAVI:
	case CmdJPEG:
		c.plain = p.Flag == FlagPlain
	default:
		return // PCM is never confirmed; docs/protocol.md, section 5
	}
	if c.plain {
		return // a camera in plain mode wants none; docs/protocol.md, section 1
	}
	if len(c.ids) == maxList {
		c.turn() // nobody asked for what was due
	}
	if len(c.ids) == 0 && now.Sub(c.sentAt) > confirmEvery {
		c.sentAt = now // the timer starts with the first id that waits
	}
	c.ids = append(c.ids, p.ID)
	c.due = c.due || len(c.ids) == maxList || p.Flag == FlagEnd || p.Flag == FlagFinish
}

// appendDue appends a confirm if one is due.
func (c *confirms) appendDue(dst []byte, now time.Time) []byte {
	if len(c.ids) == 0 {
		return dst
	}
	wait := confirmEvery
	if c.sent == len(c.ids) {
		wait = confirmAgain
	}
	if !c.due && now.Sub(c.sentAt) < wait {
		return dst
	}
	dst = AppendConfirm(dst, c.told, c.ids)
	c.sentAt, c.sent = now, len(c.ids)
	if c.due {
		c.turn()
	}
	return dst
}

// turn begins a new list.
func (c *confirms) turn() {
	c.told, c.ids = c.ids, c.told[:0]
	c.due, c.sent = false, 0
}
