package storage_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

// filmed is an AVI of ffmpeg's: 12 s at 10 pictures a second, and a tone.
func filmed(t *testing.T, more ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: ffmpeg is not installed, so no file of another maker was taken in")
	}
	path := filepath.Join(t.TempDir(), "05.avi")
	args := []string{"-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=12", "-f", "lavfi", "-i", "sine=frequency=440:duration=12",
		"-c:v", "mjpeg", "-pix_fmt", "yuvj420p"}
	if out, err := exec.Command("ffmpeg", append(append(args, more...), path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v, %s", err, out)
	}
	film, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return film
}

// hourPast is a store whose clock is an hour past noon.
func hourPast(t *testing.T) *storage.Store {
	return storagetest.Open(t, storage.Options{Location: noon.Location(), Now: func() time.Time { return noon.Add(time.Hour) }, Software: "test"})
}

func TestImportedFileIsFootageByteForByte(t *testing.T) {
	for name, args := range map[string][]string{
		"PCM, stereo, 44100 Hz": {"-c:a", "pcm_s16le", "-ar", "44100", "-ac", "2"},
		"PCM of 8 bits":         {"-c:a", "pcm_u8", "-ar", "8000", "-ac", "1"},
		"A-law":                 {"-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			film := filmed(t, args...)
			store := hourPast(t)
			spec := storage.ImportSpec{Camera: "0800c0000001", Name: "door", Start: noon, Source: "05.avi"}
			done, err := store.Import(t.Context(), spec, bytes.NewReader(film), int64(len(film)))
			if err != nil || len(done.Segments) != 1 || done.Pictures != 120 || done.Left != 0 || done.Refused != 0 || !done.Sound {
				t.Fatalf("got %+v, %v", done, err)
			}
			record := done.Segments[0]
			if !record.Start.Equal(noon) || record.End.Sub(noon).Round(100*time.Millisecond) != 12*time.Second || !record.HasAudio || record.Number != 0 {
				t.Errorf("got %+v", record)
			}
			file, err := os.ReadFile(store.Path(record))
			if err != nil {
				t.Fatal(err)
			}
			r, err := avi.Open(bytes.NewReader(file), int64(len(file)))
			if err != nil || !r.Ours() || r.Summary().Software != "test, imported from 05.avi" {
				t.Fatalf("got %+v, %v", r.Summary(), err)
			}
			theirs, err := avi.Open(bytes.NewReader(film), int64(len(film)))
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range r.Frames() {
				got, err := r.ReadFrame(nil, i)
				want, failed := theirs.ReadFrame(nil, i)
				if err != nil || failed != nil || !bytes.Equal(got, want) || f.At.Sub(noon) != time.Duration(i)*100*time.Millisecond {
					t.Fatalf("picture %d at %v: %d bytes, %v; want %d, %v", i, f.At, len(got), err, len(want), failed)
				}
			}
			if s := r.Summary(); s.Samples < 11.8*avi.SampleRate || s.Silence > avi.SampleRate/4 {
				t.Errorf("%d samples, %d of them silence", s.Samples, s.Silence)
			}
			loud := uint8(0)
			for i := range r.Audio() {
				piece, err := r.ReadAudio(nil, i)
				if err != nil {
					t.Fatal(err)
				}
				loud = max(loud, avi.Loudest(piece))
			}
			if loud < 0x44 || loud > 0x52 { // ffmpeg's tone has an eighth of the range: 0x50, and less where it is mixed
				t.Errorf("the loudest sample is %#x", loud)
			}
			c, err := store.Coverage(t.Context(), "0800c0000001", noon, noon.Add(10*time.Second))
			if err != nil || c.Share != 1 {
				t.Errorf("coverage %+v, %v", c, err)
			}
			// The same again is refused, and so is its rest.
			var overlap *storage.OverlapError
			if _, err := store.Import(t.Context(), spec, bytes.NewReader(film), int64(len(film))); !errors.As(err, &overlap) || !overlap.From.Equal(noon) {
				t.Errorf("the same again: %v", err)
			}
			spec.Cut = true
			if _, err := store.Import(t.Context(), spec, bytes.NewReader(film), int64(len(film))); err == nil || !strings.Contains(err.Error(), "all of its time") {
				t.Errorf("the rest of it: %v", err)
			}
			if report := storagetest.Check(t, store); report.Segments != 1 {
				t.Errorf("got %+v", report)
			}
		})
	}
}

func TestImportTakesWhatLiesBesideWhatIsRecorded(t *testing.T) {
	film := filmed(t, "-c:a", "pcm_s16le", "-ar", "8000")
	store := hourPast(t)
	// From 4 s to 6 s something is recorded.
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon.Add(4 * time.Second)})
	for i := range 20 {
		if err := segment.WriteFrame(frameAt(noon.Add(4*time.Second + time.Duration(i)*100*time.Millisecond))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := segment.Commit(t.Context(), noon.Add(6*time.Second)); err != nil {
		t.Fatal(err)
	}
	spec := storage.ImportSpec{Camera: "0800c0000001", Name: "door", Start: noon, Source: "05.avi"}
	var overlap *storage.OverlapError
	if done, err := store.Import(t.Context(), spec, bytes.NewReader(film), int64(len(film))); !errors.As(err, &overlap) || len(done.Segments) != 0 {
		t.Errorf("over what is recorded: %+v, %v", done, err)
	}
	spec.Cut = true
	done, err := store.Import(t.Context(), spec, bytes.NewReader(film), int64(len(film)))
	if err != nil || len(done.Segments) != 2 || done.Pictures != 100 || done.Left != 20 {
		t.Fatalf("got %+v, %v", done, err)
	}
	if a, b := done.Segments[0], done.Segments[1]; !a.End.Equal(noon.Add(4*time.Second)) || !b.Start.Equal(noon.Add(6*time.Second)) {
		t.Errorf("got %v to %v and %v to %v", a.Start, a.End, b.Start, b.End)
	}
	segments, err := store.Segments(t.Context(), storage.SegmentQuery{Camera: "0800c0000001"})
	if err != nil || len(segments) != 3 || !segments[1].Start.Equal(noon.Add(4*time.Second)) {
		t.Errorf("they do not stand in the order of time: %+v, %v", segments, err)
	}
	c, err := store.Coverage(t.Context(), "0800c0000001", noon, noon.Add(12*time.Second))
	if err != nil || c.Share < 0.99 {
		t.Errorf("coverage %+v, %v", c, err)
	}
	if report := storagetest.Check(t, store); report.Segments != 3 || len(report.Problems) != 0 {
		t.Errorf("got %+v", report)
	}
}

func TestImportRefusesWhatItCannotPlace(t *testing.T) {
	film := filmed(t, "-an")
	store := hourPast(t)
	for want, spec := range map[string]storage.ImportSpec{
		"say it":     {Camera: "0800c0000001", Source: "05.avi"},
		"the future": {Camera: "0800c0000001", Source: "05.avi", Start: noon.Add(time.Hour - 5*time.Second)},
	} {
		if _, err := store.Import(t.Context(), spec, bytes.NewReader(film), int64(len(film))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := store.Import(t.Context(), storage.ImportSpec{Camera: "0800c0000001", Start: noon}, strings.NewReader("a holiday"), 9); !errors.Is(err, avi.ErrNotAVI) {
		t.Errorf("not an AVI: %v", err)
	}
	// A file that is cut off gives what is in it.
	done, err := store.Import(t.Context(), storage.ImportSpec{Camera: "0800c0000001", Start: noon, Source: "cut"}, bytes.NewReader(film[:len(film)/2]), int64(len(film)/2))
	if err != nil || done.Pictures < 40 || done.Pictures > 80 || done.Sound {
		t.Errorf("a file that is cut off: %+v, %v", done, err)
	}
}
