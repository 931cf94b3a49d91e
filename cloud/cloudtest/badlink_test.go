package cloudtest

import (
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bad is what a camera at the far end of the garden has of its Wi-Fi.
var bad = Conditions{Latency: 3 * time.Millisecond, Jitter: 2 * time.Millisecond, Loss: 0.05, Doubled: 0.01, Late: 0.02, LateBy: 30 * time.Millisecond}

// tally counts a camera's packages as they come, and confirms each.
type tally struct {
	c       *cloud
	got     map[uint32]bool // at most the window and what is under way: everything below low came
	low     uint32
	came    int
	missing int // of those that came too late for the window
}

func (y *tally) count(d time.Duration) {
	end := time.Now().Add(d)
	y.got = map[uint32]bool{}
	for {
		h, _, from := y.c.datagram(time.Until(end))
		if !from.IsValid() {
			return
		}
		if h.cmd == cmdJSON {
			continue
		}
		y.c.confirm(from, h.id)
		if y.came == 0 {
			y.low = h.id
		}
		if int32(h.id-y.low) < 0 || y.got[h.id] {
			continue
		}
		y.came++
		for y.got[h.id] = true; y.got[y.low] || len(y.got) > 2*windowSize; y.low++ {
			if !y.got[y.low] {
				y.missing++
			}
			delete(y.got, y.low)
		}
	}
}

// Whichever way a camera sends again: no picture is skipped and no sound, and what is missing comes.
func TestNoPackageIsMissingInTheEndOverABadLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		length := 20 * time.Minute
		if testing.Short() { // with the race detector
			length /= 10
		}
		pictures := int(length/time.Second) * 10
		var running sync.WaitGroup
		for i, resend := range []Resend{ByTimer, AtConfirm} {
			addr := netip.AddrFrom4([4]byte{10, 42, 1, byte(i)})
			c := newCloudOn(t, n.Host(addr), addr, ":80", ":6123", ":1883")
			c.network = n
			camera := c.start(Options{ID: capturedID, Resend: resend, Host: n.Host(netip.AddrFrom4([4]byte{10, 42, 2, byte(i)}))})
			c.play(c.register(), 3)
			running.Go(func() {
				y := &tally{c: c}
				y.count(length)
				s := camera.State()
				if s.Pictures < pictures-10 || s.SkippedPictures != 0 || s.SkippedSounds != 0 || s.Late != 0 || s.Refused != 0 {
					t.Errorf("camera %d: %+v", i, s)
				}
				if y.missing != 0 || y.came < s.Packages-10 || s.Resent < s.Packages/20 || s.Resent > s.Packages/4 {
					t.Errorf("camera %d: of %d packages %d came, %d of them missing behind which others came; %d were sent again", i, s.Packages, y.came, y.missing, s.Resent)
				}
			})
		}
		n.SetDefault(bad)
		running.Wait()
	})
}
