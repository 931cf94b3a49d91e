package v720

import "time"

// confirms gathers the ids to confirm as the vendor's app does: a list that grows until its
// frame is complete, sent at once then, and by timer before. docs/protocol.md, section 6.
type confirms struct {
	ids      []uint32 // at most MaxConfirm
	due      bool     // a frame has ended, or the list is full
	sentAt   time.Time
	sentSize int // how many of ids the last confirm had
}

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
		if p.Flag == FlagPlain {
			return // a camera in plain mode wants none
		}
	default:
		return // PCM is never confirmed; docs/protocol.md, section 5
	}
	if len(c.ids) == 0 && now.Sub(c.sentAt) > confirmEvery {
		c.sentAt = now // the timer starts with the first id that waits
	}
	c.ids = append(c.ids, p.ID)
	c.due = c.due || len(c.ids) == MaxConfirm || p.Flag == FlagFinish
}

// complete says that a frame is whole: its list need not grow further.
func (c *confirms) complete() { c.due = true }

// appendDue appends a confirm if one is due.
func (c *confirms) appendDue(dst []byte, now time.Time) []byte {
	if len(c.ids) == 0 {
		return dst
	}
	wait := confirmEvery
	if c.sentSize == len(c.ids) {
		wait = confirmAgain
	}
	if !c.due && now.Sub(c.sentAt) < wait {
		return dst
	}
	dst = AppendConfirm(dst, c.ids)
	c.sentAt, c.sentSize = now, len(c.ids)
	if c.due {
		c.ids, c.due, c.sentSize = c.ids[:0], false, 0
	}
	return dst
}
