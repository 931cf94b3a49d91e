package cloudtest

import (
	"testing"
	"testing/synctest"
	"time"
)

// timesOf is when a package came, from the start of packs on.
func timesOf(packs []pack, id uint32, since time.Time) (times []time.Duration) {
	for _, p := range packs {
		if p.id == id {
			times = append(times, p.at.Sub(since))
		}
	}
	return times
}

func TestAtConfirmSendsAgainWhatAConfirmLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, Resend: AtConfirm})
		media := c.play(c.register(), 1) // a package each 100 ms
		var ids []uint32
		for range 3 {
			h, _, _ := c.datagram(time.Second)
			ids = append(ids, h.id)
		}
		if ids[1] != ids[0]+1 || ids[2] != ids[0]+2 {
			t.Fatalf("packages %d, want each once", ids)
		}

		now := time.Now()
		c.confirm(media, ids[2])
		packs := c.collect(20*time.Millisecond, false)
		if len(packs) != 2 || packs[0].id != ids[0] || packs[1].id != ids[1] || packs[1].at.Sub(now) > batchEvery {
			t.Errorf("after the confirm of the third came %d packages, want the first two at once", len(packs))
		}
		c.confirm(media, ids[1], ids[2]) // 20 ms later: too soon
		if got := timesOf(c.collect(25*time.Millisecond, false), ids[0], now); len(got) != 0 {
			t.Errorf("the first one came again after %v", got)
		}
		c.confirm(media, ids[1], ids[2])
		c.confirm(media, ids[2]+1000) // names what was never sent
		if got := timesOf(c.collect(25*time.Millisecond, false), ids[0], now); len(got) != 1 || got[0] != 45*time.Millisecond {
			t.Errorf("the first one came again after %v, want 45ms", got)
		}

		// Silence: the oldest comes again each second, and nothing else does.
		again := map[uint32]int{}
		seen := map[uint32]bool{}
		for _, p := range c.collect(3500*time.Millisecond, false) {
			if seen[p.id] || p.id == ids[0] {
				again[p.id]++
			}
			seen[p.id] = true
		}
		if len(again) != 1 || again[ids[0]] != 3 {
			t.Errorf("in 3.5s of silence came again %v, want %d three times", again, ids[0])
		}
		if s := camera.State(); s.Confirmed != 2 || s.GivenUp != 0 || s.Refused != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A stream whose whole window was lost goes on, and fills the hole.
func TestAtConfirmDoesNotWedge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, Resend: AtConfirm})
		c.play(c.register(), 3)
		c.network.SetConditions(cameraAddr, serverAddr, Conditions{Down: true})
		pass(30 * time.Second)
		if s := camera.State(); s.Unconfirmed < windowSize-3 || s.SkippedPictures < 200 {
			t.Fatalf("the window is not full: %+v", s)
		}
		c.network.SetConditions(cameraAddr, serverAddr, Conditions{})
		c.collect(5*time.Second, true)
		before := camera.State()
		c.collect(5*time.Second, true)
		if s := camera.State(); s.SkippedPictures != before.SkippedPictures || s.Pictures < before.Pictures+49 || s.Unconfirmed > 10 {
			t.Errorf("5 s after the link was up: %+v", s)
		}
	})
}

func TestNeverSendsNothingAgainAndDoesNotWedge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, Resend: Never})
		c.play(c.register(), 3)
		packs := c.collect(time.Minute, false)
		for i, p := range packs {
			if p.id != packs[0].id+uint32(i) {
				t.Fatalf("package %d has id %d, want %d: each once", i, p.id, packs[0].id+uint32(i))
			}
		}
		s := camera.State()
		if s.Pictures < 599 || s.SkippedPictures != 0 || s.Resent != 0 || s.GivenUp != s.Packages-s.Unconfirmed || s.Confirmed != 0 {
			t.Errorf("%+v", s)
		}
		second := 0
		for _, p := range packs {
			if time.Since(p.at) < time.Second {
				second++
			}
		}
		if s.Unconfirmed < second-8 || s.Unconfirmed > second+8 {
			t.Errorf("%d packages in the window, want those of the last second: %d", s.Unconfirmed, second)
		}
		c.collect(time.Minute, true)
		if got := camera.State(); got.GivenUp > s.GivenUp+s.Unconfirmed || got.Confirmed == 0 {
			t.Errorf("with confirms %+v", got)
		}
	})
}

func TestWindowIsAsLargeAsItIsSet(t *testing.T) {
	for _, resend := range []Resend{ByTimer, AtConfirm, Never} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			camera := c.start(Options{ID: capturedID, Window: 20, Resend: resend})
			c.play(c.register(), 2)
			c.collect(10*time.Second, false)
			s := camera.State()
			if s.Unconfirmed > 20 || s.Unconfirmed < 18 || s.SkippedPictures < 20 || s.SkippedPictures+s.Pictures < 99 {
				t.Errorf("way %d: %+v", resend, s)
			}
			if got := s.Pictures > 10; got != (resend == Never) { // 6 pictures fit, and 6 each second where they leave it
				t.Errorf("way %d: %d pictures", resend, s.Pictures)
			}
		})
	}
}

// Whatever 298 says. docs/protocol.md, section 4.
func TestPlainCameraKnowsNoConfirms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, Plain: true})
		p := c.register()
		c.play(p, 3) // with 298
		packs := c.collect(20*time.Second, false)
		p.forward(`"code":298`)
		packs = append(packs, c.collect(20*time.Second, false)...)
		for _, pk := range packs {
			if pk.flag != flagPlain {
				t.Fatalf("flag %d", pk.flag)
			}
		}
		if s := camera.State(); s.Pictures < 399 || s.Resent != 0 || s.SkippedPictures != 0 || s.Unconfirmed != 0 || s.Packages != len(packs) {
			t.Errorf("%d packages came of %+v", len(packs), s)
		}
	})
}
