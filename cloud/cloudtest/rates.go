package cloudtest

import (
	"fmt"
	"time"
)

// Rate is how many pictures a second a camera takes from a moment on.
type Rate struct {
	From time.Duration // since Run began
	FPS  int           // 1 to 60
}

func checkRates(rates []Rate) error {
	before := time.Duration(0)
	for _, r := range rates {
		if r.From <= before || r.FPS < 1 || r.FPS > 60 {
			return fmt.Errorf("%d pictures a second from %v on, want 1 to 60, each rate behind the one before", r.FPS, r.From)
		}
		before = r.From
	}
	return nil
}

// stretch is a time of one rate.
type stretch struct {
	Rate
	first int64 // number of its first picture, which is taken at From
}

// stretches are those of a camera's life, the first one from its begin on.
func (o *Options) stretches() []stretch {
	all := []stretch{{Rate: Rate{FPS: o.FPS}}}
	for _, r := range o.Rates {
		last := all[len(all)-1]
		// Those that are taken before r.From.
		taken := (int64(r.From-last.From)*int64(last.FPS) + int64(time.Second) - 1) / int64(time.Second)
		all = append(all, stretch{Rate: r, first: last.first + taken})
	}
	return all
}

// pictureAt is exact for ever: nothing is added up.
func (st *streamer) pictureAt(n int64) time.Time {
	s := st.rates[0]
	for _, next := range st.rates[1:] {
		if n < next.first {
			break
		}
		s = next
	}
	n -= s.first
	fps := int64(s.FPS)
	return st.c.epoch.Add(s.From + time.Duration(n/fps)*time.Second + time.Duration(n%fps)*time.Second/time.Duration(fps))
}

// pictureBefore is the picture at this time, or one shortly before it.
func (st *streamer) pictureBefore(now time.Time) int64 {
	since := now.Sub(st.c.epoch)
	s := st.rates[0]
	for _, next := range st.rates[1:] {
		if since < next.From {
			break
		}
		s = next
	}
	whole := int64((since - s.From) / time.Second)
	return s.first + whole*int64(s.FPS) + int64((since-s.From)%time.Second)*int64(s.FPS)/int64(time.Second)
}
