package archive

import "time"

// Status tells how the archive does.
func (a *Archive) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.status
	s.Moved = a.pace.moved.Load()
	s.Rate = a.speed.at(time.Now(), s.Moved)
	return s
}

// trouble notes why nothing goes. It is logged when it is another than before.
func (a *Archive) trouble(err error, rest time.Duration) {
	why := explain(err)
	now := time.Now()
	a.mu.Lock()
	isNew := a.status.Problem != why.text
	if a.status.Problem == "" {
		a.status.Since = now
	}
	a.status.Problem, a.status.Last, a.status.LastAt, a.status.Next = why.text, why.text, now, now.Add(rest)
	a.status.Failed++
	a.mu.Unlock()
	if isNew {
		a.o.Log.Warn("nothing can be archived at the moment; it is tried again", "archive", a.bucket.place, "why", why.text)
	}
}

// well notes that it goes.
func (a *Archive) well() {
	a.mu.Lock()
	was, since := a.status.Problem, a.status.Since
	a.status.Problem, a.status.Since, a.status.Next = "", time.Time{}, time.Time{}
	a.mu.Unlock()
	if was != "" {
		a.o.Log.Info("archiving goes on", "archive", a.bucket.place, "after", time.Since(since).Round(time.Second))
	}
}

// speed is how much moved lately.
type speed struct {
	marks [13]mark // one every 5 s, the oldest first
	n     int
}

type mark struct {
	at    time.Time
	moved int64
}

// at notes what has moved so far, and tells bytes a second of the last minute.
func (s *speed) at(now time.Time, moved int64) float64 {
	if s.n == 0 || now.Sub(s.marks[s.n-1].at) >= 5*time.Second {
		if s.n == len(s.marks) {
			copy(s.marks[:], s.marks[1:])
			s.n--
		}
		s.marks[s.n] = mark{now, moved}
		s.n++
	}
	for _, m := range s.marks[:s.n] {
		if age := now.Sub(m.at); age <= time.Minute && age > 0 {
			return float64(moved-m.moved) / age.Seconds()
		}
	}
	return 0
}
