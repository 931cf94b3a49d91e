package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
	"v720dvr/web"
)

// picture is a JPEG of so many bytes as a segment sees it.
func picture(size int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0xE0, 2, 0x80, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1}
	return append(append(b, bytes.Repeat([]byte{0x55}, size-len(b)-2)...), 0xFF, 0xD9)
}

// smallBox is a box in a bubble whose recordings lie on a volume of so many bytes; 0 is the real one.
type smallBox struct {
	*box
	disk *storagetest.Disk
	stop func()
}

func openSmallBox(t *testing.T, size int64, change func(*config.Config)) *smallBox {
	t.Helper()
	c := config.Default()
	c.Storage.Dir = t.TempDir()
	c.Recording.Segment = config.Duration(time.Minute)
	c.Cloud.HTTP, c.Cloud.Control, c.Cloud.MQTT = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	c.Web.Listen = ""
	change(&c)
	host := cloudtest.NewNetwork(1).Host(netip.MustParseAddr("127.0.0.1"))
	disk := new(storagetest.Disk)
	b, err := openBox(t.Context(), config.Loaded{Config: c}, boxOptions{
		listen: host.Listen, location: time.UTC, log: testLog(t), disk: disk,
		listenPacket: func(network, address string) (cloud.PacketConn, error) { return host.ListenPacket(network, address) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > 0 {
		disk.Limit(t, filepath.Join(c.Storage.Dir, "recordings"), size)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.run(ctx) }()
	return &smallBox{box: b, disk: disk, stop: func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}}
}

// state is how it is, as the API tells.
func (b *smallBox) state(t *testing.T) web.System {
	t.Helper()
	s, err := b.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// film sends a picture of each camera every second, and looks at the disk each time.
func (b *smallBox) film(t *testing.T, length time.Duration, cameras int, size int, look func()) {
	for range length / time.Second {
		for i := range cameras {
			b.recorder.Frame(camera.Frame{Camera: camera.ID(fmt.Sprint("0800c000000", i)), At: time.Now(), JPEG: picture(size)})
		}
		wait(t.Context(), time.Second)
		look()
	}
}

// segments lists what is kept when the box has been stopped, which it must have been.
func (b *smallBox) segments(t *testing.T) []storage.SegmentRecord {
	t.Helper()
	store := storagetest.Open(t, storage.Options{Dir: b.config.Load().Config.Storage.Dir})
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestHoursOnASmallDiskNeverFillItAndLoseOnlyTheOldest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const cameras, size, disk = 2, 4000, 6 << 20 // a segment has 250 KB
		b := openSmallBox(t, disk, func(c *config.Config) { c.Retention.MinFree = config.Size{Percent: 10} })
		least := int64(disk)
		b.film(t, 2*time.Hour, cameras, size, func() {
			space, err := b.store.Space()
			if err != nil {
				t.Fatal(err)
			}
			least = min(least, space.Free)
		})
		// What a second takes until the next look, with the ends of the segments, may be missing for a moment.
		if limit := int64(disk/10 - cameras*32<<10); least < limit {
			t.Errorf("%d bytes were free at the least, want %d", least, limit)
		}
		t.Logf("%d bytes were to be free, %d were at the least", disk/10, least)
		h := b.state(t)
		if len(h.Problems) > 0 || h.Retention.Deleted == 0 || h.Disk.Oldest.IsZero() || h.Retention.LastSweep.IsZero() {
			t.Errorf("got %+v", h)
		}
		for _, d := range b.recorder.Stats() {
			if d.Dropped > 0 || d.Written != int64(2*time.Hour/time.Second) {
				t.Errorf("camera %s: %d written, %d dropped", d.Camera, d.Written, d.Dropped)
			}
		}
		b.stop()
		first, last := map[camera.ID]time.Time{}, map[camera.ID]time.Time{}
		kept := int64(0)
		for _, r := range b.segments(t) {
			if end, ok := last[r.Camera]; ok && r.Start.Sub(end).Abs() > time.Millisecond {
				t.Errorf("camera %s: %v are missing before %v", r.Camera, r.Start.Sub(end), r.Start)
			}
			if _, ok := first[r.Camera]; !ok {
				first[r.Camera] = r.Start
			}
			last[r.Camera] = r.End
			kept += r.Bytes
		}
		for id, start := range first {
			if off := start.Sub(first["0800c0000000"]).Abs(); off > time.Minute {
				t.Errorf("camera %s is kept from %v on, another from %v: want the oldest of all gone first", id, start, first["0800c0000000"])
			}
		}
		if len(first) != cameras || kept < disk*7/10 {
			t.Errorf("got %d bytes of %d cameras kept, want more than that of the disk", kept, len(first))
		}
	})
}

func TestRulesOfANewConfigurationHoldFromTheNextSweepOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := openSmallBox(t, 1<<30, func(c *config.Config) { c.Retention.MinFree = config.Size{} })
		b.film(t, 40*time.Minute, 2, 500, func() {})
		oldest := func(id camera.ID) time.Duration {
			rows, err := b.store.Segments(t.Context(), storage.SegmentQuery{Camera: id, Limit: 1})
			if err != nil || len(rows) != 1 {
				t.Fatalf("got %+v, %v", rows, err)
			}
			return time.Since(rows[0].Start)
		}
		if got := oldest("0800c0000000"); got < 39*time.Minute {
			t.Errorf("without rules the oldest is of %v ago, want 40 minutes", got)
		}
		c := b.config.Load().Config
		c.Retention.MaxAge = config.Age(15 * time.Minute)
		own := config.Age(30 * time.Minute)
		c.Cameras = []config.Camera{{ID: "0800c0000001", Name: "yard", Retention: config.CameraRetention{MaxAge: &own}}}
		b.apply(config.Loaded{Config: c})
		b.film(t, 11*time.Minute, 2, 500, func() {}) // over a full ten minutes
		for id, age := range map[camera.ID]time.Duration{"0800c0000000": 15 * time.Minute, "0800c0000001": 30 * time.Minute} {
			if got := oldest(id); got > age+12*time.Minute || got < age-2*time.Minute {
				t.Errorf("camera %s: the oldest is of %v ago, want %v at the last sweep", id, got, age)
			}
		}
		b.stop()
		b.segments(t)
	})
}

func TestStrangeVolumeIsToldAndNothingIsDeletedThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openSmallBox(t, 1<<30, func(c *config.Config) { c.Retention.MaxAge = config.Age(5 * time.Minute) })
		b.film(t, 3*time.Minute, 1, 500, func() {})
		recordings := b.store.Recordings()
		b.disk.Pull(recordings)
		b.disk.ReturnEmpty(t)
		wait(t.Context(), 20*time.Minute)
		problem := strings.Join(b.state(t).Problems, "\n")
		if !strings.Contains(problem, "old recordings are not deleted") || !strings.Contains(problem, storage.ErrWrongVolume.Error()) {
			t.Errorf("got problems %q", problem)
		}
		b.disk.Return(t)
		wait(t.Context(), 20*time.Minute)
		// The third is what the disk had ended. When it is found before the look it is as overdue as the others and goes with
		// them; when behind it, it is all that there is, and that wants to be said twice.
		if h := b.state(t).Retention; h.Deleted != 3 {
			if !strings.Contains(h.Problem, "more than half of all footage") || h.Deleted != 2 {
				t.Errorf("with the disk back: got %+v", h)
			}
			if swept, err := b.sweeper.sweepNow(t.Context()); err != nil || swept.Segments != 1 {
				t.Errorf("said twice: got %+v, %v", swept, err)
			}
		}
		if h := b.state(t).Retention; h.Problem != "" || h.Deleted != 3 {
			t.Errorf("said twice: got %+v", h)
		}
		b.stop()
		for _, r := range b.segments(t) {
			t.Errorf("%s is kept, want it gone when the disk was back", r.Path)
		}
	})
}

func TestDiskThatIsFullOfOtherThingsIsAProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openSmallBox(t, 1<<20, func(c *config.Config) { c.Retention.MinFree = config.Size{Bytes: 1 << 20} })
		b.film(t, 3*time.Minute, 1, 500, func() {})
		if problems := b.state(t).Problems; len(problems) != 1 || !strings.Contains(problems[0], "nothing left to delete") {
			t.Errorf("got problems %q", problems)
		}
		b.stop()
		b.segments(t)
	})
}

func TestReliefTellsADiskThatGivesRoomBackLateFromOneThatNeverDoes(t *testing.T) {
	begun := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return begun.Add(time.Duration(s) * time.Second) }
	type step struct {
		second        int
		free, written int64
		deletes       int64 // what is deleted when it may be
		may           bool
		vain          bool
		near          bool  // little is left
		most          int64 // then: what may go
	}
	for name, steps := range map[string][]step{
		"at once": {
			{0, 100, 0, 50, true, false, false, 0}, {1, 150, 0, 50, true, false, false, 0}, {2, 200, 0, 0, true, false, false, 0},
		},
		"late, while others write": {
			{0, 100, 0, 50, true, false, false, 0}, {1, 95, 5, 50, false, false, false, 0}, {29, 60, 40, 50, false, false, false, 0},
			{30, 10, 140, 50, true, false, false, 0}, {31, 60, 141, 50, true, false, false, 0},
		},
		"files that were gone before": {
			{0, 100, 0, 0, true, false, false, 0}, {1, 100, 0, 0, true, false, false, 0}, {2, 100, 0, 0, true, false, false, 0}, {3, 100, 0, 0, true, false, false, 0}, {4, 100, 0, 0, true, false, false, 0},
		},
		"never": {
			{0, 100, 0, 50, true, false, false, 0}, {44, 100, 0, 50, false, false, false, 0}, {45, 100, 0, 50, true, false, false, 0}, {90, 100, 0, 50, true, false, false, 0},
			{135, 100, 0, 50, false, true, false, 0}, {136, 100, 0, 50, false, true, false, 0}, {90 + 3600, 100, 0, 50, true, false, false, 0}, {90 + 3600 + 45, 100, 0, 50, false, true, false, 0},
		},
		"late, and little is left": {
			{0, 100, 0, 50, true, false, true, -1}, {1, 90, 10, 0, false, false, true, 10}, {2, 90, 10, 0, false, false, true, 0},
			{3, 70, 30, 0, false, false, true, 20}, {4, 120, 30, 50, true, false, true, -1},
		},
	} {
		var r relief
		for _, s := range steps {
			most, err := r.may(s.free, s.written, s.near, at(s.second))
			may := most < 0
			if s.near && most != s.most {
				t.Fatalf("%s, second %d: got %d, want %d", name, s.second, most, s.most)
			}
			if may != s.may || errors.Is(err, errInVain) != s.vain {
				t.Fatalf("%s, second %d: got %v, %v, want %v, in vain: %v", name, s.second, may, err, s.may, s.vain)
			}
			if most != 0 {
				r.deleted(s.free, s.written, s.deletes, at(s.second))
			}
		}
	}
}

func TestClockFollowsAWallClockThatIsSetAndALineThatIsChanged(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	var c clock
	for _, s := range []struct {
		line, now string
		due       bool
	}{
		{"*/10 * * * *", "2026-11-22 14:10:00", false}, // what was due before the start was not missed
		{"*/10 * * * *", "2026-11-22 14:19:59", false},
		{"*/10 * * * *", "2026-11-22 14:20:01", true},
		{"*/10 * * * *", "2026-11-22 14:20:02", false},
		{"*/10 * * * *", "2027-11-22 14:20:02", true}, // a year ahead
		{"*/10 * * * *", "2026-11-22 14:21:00", false},
		{"*/10 * * * *", "2026-11-22 14:30:00", true}, // and back
		{"0 3 * * *", "2026-11-22 14:40:00", true},    // the old line's moment comes with the change
		{"0 3 * * *", "2026-11-22 23:00:00", false},
		{"0 3 * * *", "2026-11-23 03:00:00", true},
	} {
		if due := c.due(s.line, at(s.now)); due != s.due {
			t.Errorf("%s at %s: got %v, want %v", s.line, s.now, due, s.due)
		}
	}
}

func TestSizesOfTheConfigurationAreThoseOfTheVolume(t *testing.T) {
	c := config.Default()
	c.Retention.MaxAge = config.Age(48 * time.Hour)
	c.Retention.MaxSize = config.Size{Percent: 50}
	own, none := config.Size{Bytes: 3000}, config.Age(0)
	c.Cameras = []config.Camera{{ID: "0800c0000001", Retention: config.CameraRetention{MaxSize: &own, MaxAge: &none}}}
	rules := rulesOf(c, 10_000)
	if rules.MaxSize != 5000 || rules.MinFree != 500 {
		t.Errorf("got %+v", rules)
	}
	// The box's size is that of all together, not each camera's.
	if got, want := rules.Camera("0800c0000002"), (storage.CameraRules{MaxAge: 48 * time.Hour, Before: 10 * time.Second, After: 10 * time.Second}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := rules.Camera("0800c0000001"), (storage.CameraRules{MaxSize: 3000, Before: 10 * time.Second, After: 10 * time.Second}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRefusedWriteMakesRoomThoughTheDiskSaysItHasSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openSmallBox(t, 1<<30, func(c *config.Config) {})
		b.film(t, 3*time.Minute, 1, 500, func() {})
		refusing := true
		b.disk.Before(func(op, path string) error {
			switch {
			case op == storagetest.OpRemove && strings.HasSuffix(path, ".avi"):
				refusing = false
			case refusing && op == storagetest.OpWrite:
				return syscall.EDQUOT
			}
			return nil
		})
		b.film(t, time.Minute, 1, 500, func() {})
		b.disk.Before(nil)
		if refusing {
			t.Error("nothing was deleted for a disk that refuses")
		}
		b.stop()
		b.segments(t)
	})
}

func TestRecordingsAreToldInTheUnitsOfPeople(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		h    recordingsHealth
		want string
	}{
		{recordingsHealth{}, ""},
		{recordingsHealth{Size: 64e9, Free: 3.25e9}, "The disk has 3.2 GB free of 64.0 GB, and no recordings yet."},
		{recordingsHealth{Size: 200e6, Free: 10e6, Oldest: now.Add(-95 * time.Minute)}, "The disk has 10.0 MB free of 200.0 MB, and recordings of the last 1h35m."},
		{recordingsHealth{Size: 2e12, Free: 1e11, Oldest: now.Add(-60 * 24 * time.Hour)}, "The disk has 100.0 GB free of 2.0 TB, and recordings of the last 60 days."},
	} {
		if got := c.h.sentence(now); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
