package storage

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// What retention takes is a gap of its own, and so is what the taken segments told; that v720dvr did
// not run stays known. When the log is summed up the answer is the same.
func TestCoverageOfWhatRetentionTookIsDeleted(t *testing.T) {
	synctest.Test(t, coverageOfWhatRetentionTook) // in which the time between two calls is none
}

func coverageOfWhatRetentionTook(t *testing.T) {
	begin := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return begin.Add(time.Duration(minutes) * time.Minute) }
	now := begin
	dir := t.TempDir()
	open := func() *Store {
		s, err := Open(t.Context(), Options{Dir: dir, Location: time.UTC, Now: func() time.Time { return now }})
		must(t, err)
		t.Cleanup(func() { s.Close() })
		return s
	}
	run := func(from, to int, write func(*Store)) {
		now = at(from)
		s := open()
		ticks := time.Now()
		must(t, s.beat(t.Context(), at(from), ticks))
		write(s)
		must(t, s.beat(t.Context(), at(to), ticks.Add(at(to).Sub(at(from)))))
		s.pulse.at = time.Now() // the run ends right there
		now = at(to)
		must(t, s.Close())
	}
	picture := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0xE0, 2, 0x80, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}
	film := func(s *Store, from, to int, gaps ...avi.Gap) {
		segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Start: at(from), Gaps: gaps})
		must(t, err)
		must(t, segment.WriteFrame(camera.Frame{At: at(from), JPEG: picture}))
		_, err = segment.Commit(t.Context(), at(to))
		must(t, err)
	}
	run(0, 30, func(s *Store) {
		film(s, 1, 10)
		film(s, 13, 20, avi.Gap{From: at(10), To: at(13), Reason: GapOffline})
		film(s, 20, 30)
	})
	run(40, 60, func(s *Store) {
		film(s, 41, 50, avi.Gap{From: at(30), To: at(41), Reason: GapRestarted})
		film(s, 55, 60, avi.Gap{From: at(50), To: at(55), Reason: GapSilent})
	})
	now = at(60)
	s := open()
	look := func() Coverage {
		t.Helper()
		c, err := s.Coverage(t.Context(), "0800c0000001", at(-5), at(60))
		must(t, err)
		return c
	}
	gap := func(from, to int, reason string) avi.Gap { return avi.Gap{From: at(from), To: at(to), Reason: reason} }
	want := Coverage{From: at(-5), To: at(60), Recorded: 40 * time.Minute, Share: 40. / 65, Frames: 5, Gaps: []avi.Gap{
		gap(-5, 0, GapRestarted), gap(0, 1, GapOffline), gap(10, 13, GapOffline), gap(30, 41, GapRestarted), gap(50, 55, GapSilent),
	}}
	if got := look(); !reflect.DeepEqual(got, want) {
		t.Errorf("before: got %+v\nwant %+v", got, want)
	}
	swept, err := s.Sweep(t.Context(), Rules{Twice: true, Camera: func(camera.ID) CameraRules { return CameraRules{MaxAge: 6 * time.Minute} }})
	if must(t, err); swept.Segments != 4 {
		t.Fatalf("got %d segments taken, want 4", swept.Segments)
	}
	want = Coverage{From: at(-5), To: at(60), Recorded: 5 * time.Minute, Share: 5. / 65, Frames: 1, Gaps: []avi.Gap{
		gap(-5, 0, GapRestarted), gap(0, 1, GapOffline), gap(1, 30, GapDeleted), gap(30, 40, GapRestarted), gap(40, 50, GapDeleted), gap(50, 55, GapSilent),
	}}
	if got := look(); !reflect.DeepEqual(got, want) {
		t.Errorf("after a sweep: got %+v\nwant %+v", got, want)
	}
	s.deletionsKept = 1
	must(t, s.foldDeletions(t.Context()))
	if days, err := s.DeletionDays(t.Context()); err != nil || len(days) != 1 || days[0].Segments != 3 {
		t.Fatalf("got %+v, %v, want three segments in one day", days, err)
	}
	if got := look(); !reflect.DeepEqual(got, want) {
		t.Errorf("with the log summed up: got %+v\nwant %+v", got, want)
	}
}

func TestCoverageOfNoTimeIsRefused(t *testing.T) {
	s := openInside(t, t.TempDir())
	if _, err := s.Coverage(t.Context(), "0800c0000001", time.Unix(5, 0), time.Unix(5, 0)); err == nil {
		t.Error("got no error")
	}
}
