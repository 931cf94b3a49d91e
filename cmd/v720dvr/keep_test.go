package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

func TestFootageThatIsKeptStaysOnASmallDiskWhileTheOldestOfTheRestGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const size, disk = 4000, 3 << 20 // a segment has 250 KB
		b := openSmallBox(t, disk, func(c *config.Config) { c.Retention.MinFree = config.Size{Percent: 10} })
		begun := time.Now()
		b.film(t, 90*time.Second, 2, size, func() {})
		// The first segment is there, the second is being written, the third is to come.
		made, err := b.store.Keep(t.Context(), storage.Keep{Camera: "0800c0000001", From: begun, To: begun.Add(170 * time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		b.film(t, 25*time.Minute, 2, size, func() {})
		h := b.state(t)
		if len(h.Problems) > 0 || h.Retention.Deleted < 30 || h.Retention.Kept < 600_000 {
			t.Errorf("got %+v", h)
		}
		rows, err := b.store.Segments(t.Context(), storage.SegmentQuery{To: begun.Add(10 * time.Minute)})
		if err != nil || len(rows) < 3 || rows[len(rows)-1].Start.After(made.To) {
			t.Errorf("got %d segments of the beginning, %v, want those of the first three minutes", len(rows), err)
		}
		for _, r := range rows {
			if r.Camera != made.Camera {
				t.Errorf("%s stays, of a camera that is not kept", r.Path)
			}
		}

		// What keeps hold fills the disk in the end: that is told, and not deleted.
		var all []storage.Keep
		for _, id := range []camera.ID{"0800c0000000", "0800c0000001"} {
			k, err := b.store.Keep(t.Context(), storage.Keep{Camera: id, From: begun, To: begun.Add(24 * time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, k)
		}
		before := b.state(t).Retention.Deleted
		problems := ""
		for range 24 { // no longer than that: in the end the disk is full to the last byte, which is another test's
			b.film(t, 5*time.Second, 2, size, func() {})
			h = b.state(t)
			if problems = strings.Join(h.Problems, "\n"); problems != "" {
				break
			}
		}
		if !strings.Contains(problems, "retention.min_free cannot be met") || !strings.Contains(problems, "v720dvr keep list") || h.Retention.Deleted != before {
			t.Errorf("got %+v, want the keeps told, and nothing deleted", h)
		}
		for _, k := range all {
			if err := b.store.Unkeep(t.Context(), k.ID); err != nil {
				t.Fatal(err)
			}
		}
		b.film(t, 5*time.Minute, 2, size, func() {})
		if h = b.state(t); len(h.Problems) > 0 || h.Retention.Deleted == before {
			t.Errorf("when they were ended: got %+v", h)
		}
		if made, err = b.store.FindKeep(t.Context(), made.ID); err != nil || made.Held.Segments != 3 {
			t.Errorf("got %+v, %v, want it to hold three segments all the time", made, err)
		}
		b.stop()
		b.segments(t)
	})
}

func TestKeepsThatAreMoreThanASizeAllowsAreAProblemUntilOneEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := openSmallBox(t, 1<<30, func(c *config.Config) {
			c.Retention.MinFree, c.Retention.MaxSize = config.Size{}, config.Size{Bytes: 1 << 20}
			c.Retention.Cron = "* * * * *" // so that little comes between two looks, and half of all is far from what goes
		})
		begun := time.Now()
		made, err := b.store.Keep(t.Context(), storage.Keep{Camera: "0800c0000000", From: begun, To: begun.Add(24 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		b.film(t, 21*time.Minute, 2, 4000, func() {})
		h := b.state(t)
		if len(h.Problems) != 1 || !strings.Contains(h.Problems[0], "retention.max_size cannot be met") || h.Retention.Problem != h.Problems[0] {
			t.Errorf("got %+v", h)
		}
		held := func() int { // its segments
			rows, err := b.store.Segments(t.Context(), storage.SegmentQuery{Camera: made.Camera})
			if err != nil {
				t.Fatal(err)
			}
			return len(rows)
		}
		if held() < 20 {
			t.Errorf("got %d segments of the camera that is kept", held())
		}
		if err := b.store.Unkeep(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
		// Nearly all that there is hung on it: that goes when it is said again, and until then somebody can think better of it.
		b.film(t, 2*time.Minute, 2, 4000, func() {})
		if h = b.state(t); len(h.Problems) != 1 || !strings.Contains(h.Problems[0], "more than half of all footage") || h.Retention.Kept != 0 || held() < 22 {
			t.Errorf("without it: got %+v and %d segments, want the rule withheld", h, held())
		}
		if swept, err := b.sweeper.sweepNow(t.Context()); err != nil || swept.ByRule[storage.RuleMaxSize] < 20 {
			t.Errorf("said again: got %+v, %v", swept, err)
		}
		b.film(t, 2*time.Minute, 2, 4000, func() {})
		if h = b.state(t); len(h.Problems) > 0 {
			t.Errorf("said again: got %+v", h)
		}
		b.stop()
		b.segments(t)
	})
}

func TestKeepAndUnlockWorkBesideARunningOneAndWithoutOne(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	ahead := time.Now().Add(time.Hour).Format(time.RFC3339)
	code, out, stderr := command(t, dir, "keep", id, "00:00", ahead, "--note", "a fox").run()
	if code != exitDone || !strings.Contains(out, "Keep 1 of camera "+id) || !strings.Contains(out, "v720dvr unlock 1") {
		t.Errorf("keep: exit code %d, %q %q", code, out, stderr)
	}
	p.finish()

	var made shownKeep
	code, out, stderr = command(t, dir, "keep", id, "00:00", ahead, "--until", "90d", "--json").run()
	if err := json.Unmarshal([]byte(out), &made); code != exitDone || err != nil || made.ID != 2 || made.Segments != 1 || made.Bytes == 0 ||
		!made.InForce || made.Until.Sub(made.Made).Round(time.Hour) != 90*24*time.Hour || made.Who != "command line" {
		t.Errorf("keep without a running one: exit code %d, %v, %q %q", code, err, out, stderr)
	}
	if code, out, stderr = command(t, dir, "unlock", "1", "--json").run(); code != exitDone || out != `{"id":1,"kept":false}`+"\n" {
		t.Errorf("unlock without a running one: exit code %d, %q %q", code, out, stderr)
	}
	if code, _, stderr := command(t, dir, "unlock", "1").run(); code != exitFailed || !strings.Contains(stderr, "there is no keep 1") {
		t.Errorf("unlock once more: exit code %d, %q", code, stderr)
	}
	listed := func() (keeps []shownKeep) {
		code, out, stderr := command(t, dir, "keep", "list", id, "--json").run()
		if err := json.Unmarshal([]byte(out), &keeps); code != exitDone || err != nil {
			t.Errorf("keep list: exit code %d, %v, %q %q", code, err, out, stderr)
		}
		return keeps
	}
	without := listed()

	p = command(t, dir, "run", "--simulate", "1").start()
	p.await("ready for cameras")
	if beside := listed(); len(beside) != 1 || fmt.Sprint(beside[0].ID, beside[0].From.Unix(), beside[0].Note) != fmt.Sprint(without[0].ID, without[0].From.Unix(), without[0].Note) {
		t.Errorf("got %+v from the running one, %+v without", beside, without)
	}
	if code, out, stderr := command(t, dir, "keep", "list").run(); code != exitDone || strings.Count(out, "\n") != 2 || !strings.Contains(out, "command line") {
		t.Errorf("keep list: exit code %d, %q %q", code, out, stderr)
	}
	if code, _, stderr := command(t, dir, "unlock", "9").run(); code != exitFailed || !strings.Contains(stderr, "there is no keep 9") {
		t.Errorf("unlock of none: exit code %d, %q", code, stderr)
	}
	if code, out, stderr := command(t, dir, "unlock", "2").run(); code != exitDone || !strings.Contains(out, "Keep 2 is ended") {
		t.Errorf("unlock: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, _ := command(t, dir, "keep", "list").run(); code != exitDone || !strings.Contains(out, "Nothing is kept") {
		t.Errorf("keep list: exit code %d, %q", code, out)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"keep"}, exitUsage, "two times"},
		{[]string{"keep", id, "14:00"}, exitUsage, "two times"},
		{[]string{"keep", id, "then", "15:00"}, exitUsage, "is no time"},
		{[]string{"keep", id, "2026-11-23", "2026-11-22"}, exitUsage, "is no time"},
		{[]string{"keep", id, "2026-11-21", "2026-11-22", "--until", "soon"}, exitUsage, "such as 90d"},
		{[]string{"keep", id, "2026-11-21", "2026-11-22", "--until", "2020-01-01"}, exitUsage, "is over"},
		{[]string{"keep", id, "2026-11-21", "2026-11-22", "--note", strings.Repeat("x", 501)}, exitFailed, "note"},
		{[]string{"keep", "nowhere", "2026-11-21", "2026-11-22"}, exitFailed, "cameras list"},
		{[]string{"unlock"}, exitUsage, "a keep's number"},
		{[]string{"unlock", "hall"}, exitUsage, "keep list"},
	} {
		if code, _, stderr := command(t, dir, c.args...).run(); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit code %d, %q; want %d and %q", c.args, code, stderr, c.code, c.says)
		}
	}
	p.finish()
}
