package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

const hallway = camera.ID("0800c0000001")

// A reel is what was filmed, to be held against what is read.
type reel struct {
	t     testing.TB
	store *storage.Store
	next  int
	shot  []shot
}

type shot struct {
	at   time.Time
	jpeg []byte
}

func newReel(t testing.TB, o storage.Options) *reel {
	return &reel{t: t, store: storagetest.Open(t, o)}
}

// film writes pictures, ten a second, and their sound into a segment that stays open; skip leaves some out.
func (r *reel) film(segment *storage.Segment, from time.Time, length time.Duration, skip func(i int) bool) {
	r.t.Helper()
	for i := range int(length / (100 * time.Millisecond)) {
		at := from.Add(time.Duration(i) * 100 * time.Millisecond)
		if skip != nil && skip(i) {
			continue
		}
		r.next++
		picture := append(jpeg(r.next), bytes.Repeat([]byte{0xAB}, r.next%3)...)
		if err := segment.WriteFrame(camera.Frame{At: at, JPEG: picture}); err != nil {
			r.t.Fatal(err)
		}
		r.shot = append(r.shot, shot{at.Truncate(time.Microsecond), picture})
		if err := segment.WriteAudio(camera.Audio{At: at, ALaw: tone(r.next)}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// tone is 100 ms of sound that tells its number.
func tone(n int) []byte { return bytes.Repeat([]byte{byte(1 + n%100)}, 800) }

// segment makes a committed one.
func (r *reel) segment(from time.Time, length time.Duration) storage.SegmentRecord {
	r.t.Helper()
	segment := create(r.t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: from})
	r.film(segment, from, length, nil)
	return r.commit(segment, from.Add(length))
}

func (r *reel) commit(segment *storage.Segment, end time.Time) storage.SegmentRecord {
	r.t.Helper()
	record, err := segment.Commit(r.t.Context(), end)
	if err != nil {
		r.t.Fatal(err)
	}
	return record
}

// in are the shots of a span.
func (r *reel) in(from, to time.Time) (list []shot) {
	for _, s := range r.shot {
		if !s.at.Before(from) && s.at.Before(to) {
			list = append(list, s)
		}
	}
	return list
}

// rows asks for all pages.
func (r *reel) rows(q storage.RowQuery) (list []storage.Found) {
	r.t.Helper()
	for {
		page, err := r.store.Rows(r.t.Context(), q)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, row := range page.Rows {
			list = append(list, storage.Found{Row: row, Ref: page.Files[row.File]})
		}
		if q.After = page.Next; page.Next == nil {
			return list
		}
	}
}

// holds fails unless the rows are the shots, byte for byte.
func (r *reel) holds(rows []storage.Found, want []shot) {
	r.t.Helper()
	p := r.store.Projector()
	defer p.Close()
	var pictures []storage.Found
	for _, row := range rows {
		if row.Kind == storage.RowPicture {
			pictures = append(pictures, row)
		}
	}
	if len(pictures) != len(want) {
		r.t.Fatalf("got %d pictures, want %d", len(pictures), len(want))
	}
	for i, row := range pictures {
		got, err := p.Read(r.t.Context(), nil, row.Ref, row.Row)
		if err != nil {
			r.t.Fatal(err)
		}
		if !row.Time().Equal(want[i].at) || !bytes.Equal(got, want[i].jpeg) {
			r.t.Fatalf("picture %d: got %v %x, want %v %x", i, row.Time(), got, want[i].at, want[i].jpeg)
		}
	}
}

func TestRowsAreThePicturesOfASpanAcrossSegments(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	r.segment(noon, 5*time.Second)
	r.segment(noon.Add(5*time.Second), 5*time.Second)
	open := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: noon.Add(20 * time.Second)})
	r.film(open, noon.Add(20*time.Second), 5*time.Second, nil)
	for _, limit := range []int{1, 7, 1000} {
		for _, span := range [][2]time.Duration{{0, time.Minute}, {2300 * time.Millisecond, 21100 * time.Millisecond}, {4900 * time.Millisecond, 5100 * time.Millisecond}, {10 * time.Second, 20 * time.Second}} {
			from, to := noon.Add(span[0]), noon.Add(span[1])
			rows := r.rows(storage.RowQuery{Camera: hallway, From: from, To: to, Limit: limit})
			r.holds(rows, r.in(from, to))
			r.holds(r.rows(storage.RowQuery{Camera: hallway, From: from, To: to, Limit: limit, Pictures: true}), r.in(from, to))
			for i := range rows[:max(len(rows)-1, 0)] {
				if rows[i].At > rows[i+1].At {
					t.Fatalf("row %d is behind its time", i)
				}
			}
		}
	}
	// What was listed while it was written is read when it is committed.
	rows := r.rows(storage.RowQuery{Camera: hallway, From: noon, To: noon.Add(time.Minute), Limit: 10})
	if ref := rows[len(rows)-1].Ref; ref.ID != 0 {
		t.Errorf("the open segment is %v", ref)
	}
	half, err := r.store.Rows(t.Context(), storage.RowQuery{Camera: hallway, From: noon, To: noon.Add(time.Minute), Limit: 230})
	if err != nil || half.Next == nil {
		t.Fatalf("got %+v, %v", half.Next, err)
	}
	record := r.commit(open, noon.Add(25*time.Second))
	r.holds(rows, r.shot)
	rest := r.rows(storage.RowQuery{Camera: hallway, From: noon, To: noon.Add(time.Minute), Limit: 10, After: half.Next})
	if len(rest)+len(half.Rows) != len(rows) || rest[0].Ref.ID != record.ID {
		t.Errorf("got %d rows behind %d, want %d in all", len(rest), len(half.Rows), len(rows))
	}
}

func TestRefsAreReadAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"", "0", "-1", "+1", "01", "1 ", "1e3", "../etc/passwd", "9223372036854775808", "0123456789abcdef-1", "0123456789ABCDEF-1-2", "0123456789abcdef-01-2", "0123456789abcde-1-2",
		"0123456789abcdef-4294967296-2", "x123456789abcdef-1-2", "0123456789abcdef-1-2-3", "1/../2", "1\x00"} {
		if r, err := storage.ParseFootageRef(text); !errors.Is(err, storage.ErrUnknown) {
			t.Errorf("%q reads as %v, %v", text, r, err)
		}
	}
	for _, text := range []string{"1", "9223372036854775807", "0123456789abcdef-1-1795957500043000", "0123456789abcdef-4294967295--5"} {
		if r, err := storage.ParseFootageRef(text); err != nil || r.String() != text {
			t.Errorf("%q reads as %v, %v", text, r, err)
		}
	}
}

func FuzzFootageRef(f *testing.F) {
	f.Add("17")
	f.Add("0123456789abcdef-7-1795957500043000")
	f.Add("0123456789abcdef--7-1")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := storage.ParseFootageRef(text); err == nil && r.String() != text {
			t.Errorf("%q is written %q", text, r)
		}
	})
}

func TestSegmentThatIsDeletedStaysReadableForWhoHasIt(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	record := r.segment(noon, 5*time.Second)
	kept := r.segment(noon.Add(5*time.Second), 5*time.Second)
	path := r.store.Path(record)
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	footage, err := r.store.OpenFootage(t.Context(), storage.FootageRef{ID: record.ID})
	if err != nil {
		t.Fatal(err)
	}
	span, err := r.store.Span(t.Context(), hallway, noon, noon.Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer span.Close()
	if _, err := r.store.Sweep(t.Context(), storage.Rules{Twice: true, MaxSize: kept.Bytes}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("it was not deleted")
	}
	got, err := io.ReadAll(io.NewSectionReader(footage, 0, footage.Size))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v, want those of the file", len(got), err)
	}
	if err := footage.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.store.OpenFootage(t.Context(), storage.FootageRef{ID: record.ID}); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("opened again: %v", err)
	}
	if err := span.WriteTo(t.Context(), io.Discard); !errors.Is(err, storage.ErrNoFootage) {
		t.Errorf("span: %v", err)
	}
	r.holds(r.rows(storage.RowQuery{Camera: hallway, From: noon, To: noon.Add(time.Minute), Limit: 100}), r.in(noon.Add(5*time.Second), noon.Add(time.Minute)))
}

// What stands in a file's place without being it, and rows that lead elsewhere, open nothing.
func TestOnlyTheFileOfTheRowIsOpened(t *testing.T) {
	store, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := &reel{t: t, store: store}
	record := r.segment(noon, time.Second)
	path := store.Path(record)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	ref := storage.FootageRef{ID: record.ID}
	for name, put := range map[string]func() error{
		"nothing":      func() error { return nil },
		"a folder":     func() error { return os.Mkdir(path, 0o755) },
		"another file": func() error { return os.WriteFile(path, []byte("root:x:0:0"), 0o644) },
	} {
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if f, err := store.OpenFootage(t.Context(), ref); !errors.Is(err, storage.ErrNoFootage) {
			t.Errorf("%s: got %v, %v", name, f, err)
		}
		os.Remove(path)
	}
}

func TestOpenSegmentIsReadAsOneMoment(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	segment := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: noon})
	if _, err := r.store.OpenNewest(t.Context(), hallway); !errors.Is(err, storage.ErrNoFootage) {
		t.Errorf("without a picture: %v", err)
	}
	r.film(segment, noon, 3*time.Second, nil)
	f, err := r.store.OpenNewest(t.Context(), hallway)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before := make([]byte, f.Size)
	if _, err := f.ReadAt(before, 0); err != nil {
		t.Fatal(err)
	}
	seen := len(r.shot)
	r.film(segment, noon.Add(3*time.Second), 3*time.Second, nil)
	if err := r.store.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := make([]byte, f.Size)
	for i := range after { // a byte at a time, over the front's end too
		if i < 5200 {
			if _, err := f.ReadAt(after[i:i+1], int64(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := f.ReadAt(after[5000:], 5000); err != nil || !bytes.Equal(before, after) {
		t.Errorf("what was read changed: %v", err)
	}
	read, err := avi.Open(bytes.NewReader(before), int64(len(before)))
	if err != nil || len(read.Frames()) != seen || read.Finished() {
		t.Errorf("got %d frames, %v, want %d", len(read.Frames()), err, seen)
	}
	if got := read.Summary().Bytes; got != f.Size {
		t.Errorf("the front tells %d bytes, want %d", got, f.Size)
	}
	if f2, err := r.store.OpenFootage(t.Context(), f.FootageRef); err != nil || f2.Size <= f.Size || f2.Name != f.Name {
		t.Errorf("opened again: got %+v, %v", f2, err)
	} else {
		f2.Close()
	}
	record := r.commit(segment, noon.Add(6*time.Second))
	f3, err := r.store.OpenFootage(t.Context(), f.FootageRef)
	if err != nil {
		t.Fatal(err)
	}
	defer f3.Close()
	if f3.ID != record.ID || f3.Growing || f3.Name != f.Name || !strings.HasSuffix(record.Path, f.Name) {
		t.Errorf("committed: got %+v", f3)
	}
	part := make([]byte, f.Size-6000)
	if _, err := f3.ReadAt(part, 6000); err != nil || !bytes.Equal(part, before[6000:]) {
		t.Errorf("what stood there is another thing: %v", err)
	}
}

func TestFrameAtIsTheNewestBefore(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location(), Now: func() time.Time { return noon.Add(time.Hour) }})
	r.segment(noon, 5*time.Second)
	segment := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: noon.Add(20 * time.Second),
		Gaps: []avi.Gap{{From: noon.Add(5 * time.Second), To: noon.Add(20 * time.Second), Reason: storage.GapOffline}}})
	r.film(segment, noon.Add(20*time.Second), 5*time.Second, nil)
	r.commit(segment, noon.Add(25*time.Second))
	for _, c := range []struct {
		at   time.Duration
		want int // of r.shot; -1 is a gap
	}{{0, 0}, {50 * time.Millisecond, 0}, {100 * time.Millisecond, 1}, {4999 * time.Millisecond, 49}, {6 * time.Second, 49}, {20 * time.Second, 50}, {24 * time.Second, 90}, {8 * time.Second, -1}, {19999 * time.Millisecond, -1}} {
		found, err := r.store.FrameAt(t.Context(), hallway, noon.Add(c.at))
		if c.want < 0 {
			var gap *storage.GapError
			if !errors.As(err, &gap) || gap.Gap.Reason != storage.GapOffline || !errors.Is(err, storage.ErrNoFootage) {
				t.Errorf("at %v: got %v, want the gap", c.at, err)
			}
			continue
		}
		if err != nil || !found.Time().Equal(r.shot[c.want].at) {
			t.Errorf("at %v: got %v, %v, want picture %d of %v", c.at, found.Time(), err, c.want, r.shot[c.want].at)
		}
	}
	if _, err := r.store.FrameAt(t.Context(), hallway, noon.Add(-time.Hour)); !errors.Is(err, storage.ErrNoFootage) {
		t.Errorf("before all: %v", err)
	}
	if _, err := r.store.FrameAt(t.Context(), "0800c0000009", noon); !errors.Is(err, storage.ErrNoFootage) {
		t.Errorf("another camera: %v", err)
	}
}

// Whoever asks while a segment changes its name finds it.
func TestFootageIsFoundWhileItIsCommitted(t *testing.T) {
	r := newReel(t, storage.Options{Location: noon.Location()})
	for i := range 20 {
		start := noon.Add(time.Duration(i) * time.Minute)
		segment := create(t, r.store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: start})
		r.film(segment, start, time.Second, nil)
		f, err := r.store.OpenNewest(t.Context(), hallway)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		done := make(chan error)
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for ctx.Err() == nil {
				f, err := r.store.OpenFootage(context.Background(), f.FootageRef)
				if err != nil {
					done <- fmt.Errorf("segment %d: %w", i, err)
					return
				}
				f.Close()
			}
			done <- nil
		}()
		r.commit(segment, start.Add(time.Second))
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
