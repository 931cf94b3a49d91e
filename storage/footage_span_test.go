package storage_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// spliced writes a span and reads it.
func (r *reel) spliced(from, to time.Time) (*avi.Reader, []byte) {
	r.t.Helper()
	span, err := r.store.Span(r.t.Context(), hallway, from, to)
	if err != nil {
		r.t.Fatal(err)
	}
	defer span.Close()
	var file bytes.Buffer
	if err := span.WriteTo(r.t.Context(), &file); err != nil {
		r.t.Fatal(err)
	}
	if int64(file.Len()) != span.Summary.Bytes {
		r.t.Fatalf("wrote %d bytes, said %d", file.Len(), span.Summary.Bytes)
	}
	read, err := avi.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		r.t.Fatal(err)
	}
	if sums := read.Summary(); !read.Finished() || !read.Ours() || sums.Bytes != int64(file.Len()) || sums.Frames != span.Summary.Frames {
		r.t.Errorf("the file says %+v", sums)
	}
	return read, file.Bytes()
}

// isSpan fails unless a file holds exactly the shots of a span: bytes, capture times, and ticks.
func (r *reel) isSpan(read *avi.Reader, want []shot) {
	r.t.Helper()
	var frames []int
	for i, f := range read.Frames() {
		if !f.Lost {
			frames = append(frames, i)
		}
	}
	if len(frames) != len(want) {
		r.t.Fatalf("got %d pictures, want %d", len(frames), len(want))
	}
	start := read.Summary().Start
	if !start.Equal(want[0].at) {
		r.t.Errorf("begins at %v, want %v", start, want[0].at)
	}
	for n, i := range frames {
		f := read.Frames()[i]
		got, err := read.ReadFrame(nil, i)
		if err != nil || !bytes.Equal(got, want[n].jpeg) || !f.At.Equal(want[n].at) {
			r.t.Fatalf("picture %d: got %v %x, %v, want %v %x", n, f.At, got, err, want[n].at, want[n].jpeg)
		}
		if shown := start.Add(time.Duration(f.Tick) * time.Second / avi.TickRate); shown.Sub(f.At).Abs() > 20*time.Millisecond {
			r.t.Fatalf("picture %d of %v is shown at %v", n, f.At, shown)
		}
	}
	for i, a := range read.Audio() {
		if _, err := read.ReadAudio(nil, i); err != nil {
			r.t.Fatalf("sound %d: %v", i, err)
		}
		heard := start.Add(time.Duration(a.First) * time.Second / avi.SampleRate)
		if !a.Silence && heard.Sub(a.At).Abs() > avi.SoundTolerance {
			r.t.Fatalf("sound of %v is heard at %v", a.At, heard)
		}
	}
}

func TestSpanHoldsExactlyThePicturesAskedFor(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for name, begin := range map[string]time.Time{
		"noon":        noon,
		"midnight":    time.Date(2026, 11, 22, 23, 59, 53, 43e6, amsterdam),
		"summer ends": time.Date(2026, 10, 25, 2, 59, 53, 43e6, amsterdam), // CEST, and then 02:00:00 again
	} {
		t.Run(name, func(t *testing.T) {
			r := newReel(t, storage.Options{Location: amsterdam})
			r.segment(begin, 5*time.Second)
			r.segment(begin.Add(5*time.Second), 5*time.Second)
			segment := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: begin.Add(20 * time.Second),
				Gaps: []avi.Gap{{From: begin.Add(10 * time.Second), To: begin.Add(20 * time.Second), Reason: storage.GapOffline}}})
			for i := range 5 {
				lost := begin.Add(20*time.Second + time.Duration(i)*time.Second)
				r.film(segment, lost, 900*time.Millisecond, nil)
				if err := segment.WriteFrame(camera.Frame{At: lost.Add(900 * time.Millisecond), Missing: 3}); err != nil {
					t.Fatal(err)
				}
			}
			if err := segment.WriteEvent(camera.Event{Camera: hallway, At: begin.Add(24 * time.Second), Kind: camera.Motion, Detail: "door"}); err != nil {
				t.Fatal(err)
			}
			for _, open := range []bool{true, false} {
				if !open {
					r.commit(segment, begin.Add(25*time.Second))
				}
				for _, span := range [][2]time.Duration{
					{0, time.Minute}, {-time.Hour, time.Hour}, {2345 * time.Millisecond, 23456 * time.Millisecond}, {7 * time.Second, 15 * time.Second},
					{12 * time.Second, 22 * time.Second}, {4999 * time.Millisecond, 5001 * time.Millisecond},
				} {
					from, to := begin.Add(span[0]), begin.Add(span[1])
					want := r.in(from, to)
					read, _ := r.spliced(from, to)
					r.isSpan(read, want)
					sums := read.Summary()
					if sums.End.After(to.Add(20*time.Millisecond)) || sums.End.Before(want[len(want)-1].at) {
						t.Errorf("%v: ends at %v", span, sums.End)
					}
					if span[1] < 21*time.Second || span[0] > 5*time.Second {
						continue
					}
					if len(sums.Inside) == 0 || sums.Inside[0].Reason != storage.GapOffline || sums.Inside[0].To.Sub(sums.Inside[0].From) != 10*time.Second {
						t.Errorf("%v: gaps inside: %v", span, sums.Inside)
					}
					if sums.Silence < 9*avi.SampleRate || sums.Lost == 0 || sums.Missing != 3*sums.Lost {
						t.Errorf("%v: got %+v", span, sums)
					}
					if events := read.Events(); span[1] > 24*time.Second && (len(events) != 1 || events[0].Kind != string(camera.Motion)) {
						t.Errorf("%v: events %v", span, events)
					}
				}
			}
		})
	}
}

// The sound of a span is what was recorded, to the sample.
func TestSpanHasTheSoundOfItsTime(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	r.segment(noon, 5*time.Second)
	r.segment(noon.Add(5*time.Second), 5*time.Second)
	whole := func(from, to time.Time) []byte {
		read, _ := r.spliced(from, to)
		var sound []byte
		for i := range read.Audio() {
			b, err := read.ReadAudio(nil, i)
			if err != nil {
				t.Fatal(err)
			}
			sound = append(sound, b...)
		}
		return sound
	}
	all := whole(noon, noon.Add(10*time.Second))
	var want []byte
	for n := range 100 {
		want = append(want, tone(n+1)...)
	}
	if !bytes.Equal(all, want) {
		t.Fatalf("got %d samples, want %d, and these", len(all), len(want))
	}
	// It begins with the first picture behind 3.33 s, and ends at 6.77 s.
	if got := whole(noon.Add(3330*time.Millisecond), noon.Add(6770*time.Millisecond)); !bytes.Equal(got, want[34*800:6770*8]) {
		t.Errorf("a part: got %d samples, want %d, and these", len(got), 6770*8-34*800)
	}
}

func TestSpanThatOneFileDoesNotTakeSaysWhatItTakes(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	r.segment(noon, 2*time.Second)
	segment := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: noon.Add(2 * time.Second)})
	for i := range 10 {
		at := noon.Add(2*time.Second + time.Duration(i)*100*time.Millisecond)
		large := bytes.Replace(jpeg(1000+i), []byte{480 >> 8, 480 & 0xFF}, []byte{720 >> 8, 720 & 0xFF}, 1)
		if err := segment.WriteFrame(camera.Frame{At: at, JPEG: large}); err != nil {
			t.Fatal(err)
		}
		r.shot = append(r.shot, shot{at.Truncate(time.Microsecond), large})
	}
	r.commit(segment, noon.Add(3*time.Second))
	r.segment(noon.Add(5*time.Hour), 2*time.Second)
	from, to := noon, noon.Add(6*time.Hour)
	for i, want := range []struct {
		fits  time.Duration
		cause error
	}{{2 * time.Second, avi.ErrSizeChanged}, {5 * time.Hour, avi.ErrFull}} {
		_, err := r.store.Span(t.Context(), hallway, from, to)
		var long *storage.SpanError
		if !errors.As(err, &long) || !errors.Is(err, want.cause) || !long.Fits.Equal(noon.Add(want.fits).Truncate(time.Microsecond)) {
			t.Fatalf("part %d: got %v", i, err)
		}
		read, _ := r.spliced(from, long.Fits)
		r.isSpan(read, r.in(from, long.Fits))
		from = long.Fits
	}
	read, _ := r.spliced(from, to)
	r.isSpan(read, r.in(from, to))

	far := newReel(t, storage.Options{Location: noon.Location()})
	far.segment(noon, 2*time.Second)
	far.segment(noon.Add(5*time.Hour), 2*time.Second)
	var long *storage.SpanError
	if _, err := far.store.Span(t.Context(), hallway, noon, to); !errors.As(err, &long) || !errors.Is(err, avi.ErrFull) || !long.Fits.Equal(noon.Add(5*time.Hour).Truncate(time.Microsecond)) {
		t.Errorf("longer than a file may be: got %v", err)
	}
	if _, err := far.store.Span(t.Context(), hallway, noon.Add(time.Hour), noon.Add(2*time.Hour)); !errors.Is(err, storage.ErrNoFootage) {
		t.Errorf("without a picture: got %v", err)
	}
}

// Behind a clock that was set back times are told twice; all of it is in the file, one behind the other.
func TestSpanGoesOnWhereTheClockWasSetBack(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	r.segment(noon, 5*time.Second)
	r.segment(noon.Add(-5*time.Second), 8*time.Second)
	read, _ := r.spliced(noon.Add(-time.Minute), noon.Add(time.Minute))
	if got := len(read.Frames()); got != 130 {
		t.Fatalf("got %d pictures, want 130", got)
	}
	for i, f := range read.Frames() {
		got, err := read.ReadFrame(nil, i)
		if want := noon.Add(time.Duration(i) * 100 * time.Millisecond); err != nil || !bytes.Equal(got, r.shot[i].jpeg) || f.At.Sub(want).Abs() > time.Millisecond {
			t.Fatalf("picture %d: got %x at %v, %v, want %x at %v", i, got, f.At, err, r.shot[i].jpeg, want)
		}
	}
	if s := read.Summary(); s.Samples != 13*avi.SampleRate || s.Silence != 0 {
		t.Errorf("got %d samples, %d silent", s.Samples, s.Silence)
	}
}

func TestPlayersOpenASpan(t *testing.T) {
	probe, err := exec.LookPath("ffprobe")
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: ffprobe is not installed, so no player has looked at a span")
	}
	picture, err := os.ReadFile(filepath.Join("avi", "testdata", "real_camera_picture.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	r := newReel(t, storage.Options{Location: noon.Location()})
	for n := range 2 {
		start := noon.Add(time.Duration(n) * 8 * time.Second)
		segment := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: start})
		for i := range 50 {
			at := start.Add(time.Duration(i) * 100 * time.Millisecond)
			if err := segment.WriteFrame(camera.Frame{At: at, JPEG: picture}); err != nil {
				t.Fatal(err)
			}
			r.shot = append(r.shot, shot{at.Truncate(time.Microsecond), picture})
			if err := segment.WriteAudio(camera.Audio{At: at, ALaw: tone(i)}); err != nil {
				t.Fatal(err)
			}
		}
		r.commit(segment, start.Add(5*time.Second))
	}
	from, to := noon.Add(time.Second), noon.Add(12*time.Second)
	read, file := r.spliced(from, to)
	want := r.in(from, to)
	r.isSpan(read, want)
	path := filepath.Join(t.TempDir(), "span.avi")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	raw, err := exec.CommandContext(t.Context(), probe, "-v", "error", "-of", "json", "-show_packets", "-show_format", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var seen struct {
		Packets []struct {
			Kind string `json:"codec_type"`
			PTS  string `json:"pts_time"`
			Size string `json:"size"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(raw, &seen); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	seconds := func(text string) float64 {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	pictures, samples := 0, 0
	for _, p := range seen.Packets {
		size, err := strconv.Atoi(p.Size)
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind == "audio" {
			if at := float64(samples) / avi.SampleRate; seconds(p.PTS) < at-0.001 || seconds(p.PTS) > at+0.001 {
				t.Fatalf("sound behind %d samples is at %s", samples, p.PTS)
			}
			samples += size
			continue
		}
		if size == 0 {
			continue
		}
		if at := want[pictures].at.Sub(want[0].at).Seconds(); size != len(picture) || seconds(p.PTS) < at-0.011 || seconds(p.PTS) > at+0.011 {
			t.Fatalf("picture %d of %d bytes is at %s, want %.3f", pictures, size, p.PTS, at)
		}
		pictures++
	}
	if pictures != len(want) || samples < 87000 || samples > 88001 || seconds(seen.Format.Duration) < 10.9 || seconds(seen.Format.Duration) > 11.1 {
		t.Errorf("got %d pictures, %d samples, %s s, want %d in 11 s", pictures, samples, seen.Format.Duration, len(want))
	}
	if mpeg, err := exec.LookPath("ffmpeg"); err == nil {
		if said, err := exec.CommandContext(t.Context(), mpeg, "-v", "error", "-xerror", "-i", path, "-f", "null", "-").CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("ffmpeg: %v: %s", err, said)
		}
	}
}
