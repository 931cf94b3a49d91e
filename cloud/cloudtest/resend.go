package cloudtest

import (
	"cmp"
	"slices"
	"time"
)

const (
	resendAfter = 200 * time.Millisecond // ByTimer
	fillEvery   = 40 * time.Millisecond  // AtConfirm: the same package again
	quiet       = time.Second            // AtConfirm and Never: without a confirm
)

// patience is how long after a package was sent something may be due for it.
func (st *streamer) patience() time.Duration {
	if st.c.o.Resend == ByTimer {
		return resendAfter
	}
	return quiet
}

// requeue deals with what was not confirmed in time. What is sent again keeps its id.
func (st *streamer) requeue(now time.Time) {
	if st.resendAt.IsZero() || now.Before(st.resendAt) {
		return
	}
	st.resendAt = time.Time{}
	switch st.c.o.Resend {
	case ByTimer:
		st.again(func(s *slot) bool {
			if now.Sub(s.at) >= resendAfter {
				return true
			}
			st.lookAgain(s.at.Add(resendAfter))
			return false
		})
	case AtConfirm:
		st.nudge(now)
	case Never:
		st.expire(now)
	}
}

// again puts packages behind the queue, oldest first.
func (st *streamer) again(pick func(*slot) bool) {
	first := len(st.queue)
	for _, s := range st.waiting {
		if !s.queued && pick(s) {
			s.queued = true
			st.queue = append(st.queue, s)
		}
	}
	slices.SortFunc(st.queue[first:], st.byAge)
}

func (st *streamer) byAge(a, b *slot) int { return cmp.Compare(int32(a.id-st.id), int32(b.id-st.id)) }

// fill sends again what confirms left out before the newest package that they named.
func (st *streamer) fill(newest uint32, now time.Time) {
	st.again(func(s *slot) bool { return int32(s.id-newest) < 0 && now.Sub(s.at) >= fillEvery })
}

// nudge sends the oldest package again when no confirm has come for a second: all behind it may
// have been lost, and nothing would ever be confirmed again.
func (st *streamer) nudge(now time.Time) {
	var oldest *slot
	for _, s := range st.waiting {
		if oldest == nil || st.byAge(s, oldest) < 0 {
			oldest = s
		}
	}
	if oldest == nil || oldest.queued {
		return
	}
	since := oldest.at
	if st.heardAt.After(since) {
		since = st.heardAt
	}
	if due := since.Add(quiet); now.Before(due) {
		st.lookAgain(due)
		return
	}
	oldest.queued = true
	st.queue = append(st.queue, oldest)
}

// expire takes what nobody confirmed for a second out of the window.
func (st *streamer) expire(now time.Time) {
	given := 0
	for _, s := range st.waiting {
		switch {
		case s.queued: // not sent yet
		case now.Sub(s.at) >= quiet:
			st.forget(s)
			given++
		default:
			st.lookAgain(s.at.Add(quiet))
		}
	}
	st.c.note(func(state *State) { state.GivenUp += given })
}

func (st *streamer) lookAgain(at time.Time) {
	if st.resendAt.IsZero() || at.Before(st.resendAt) {
		st.resendAt = at
	}
}
