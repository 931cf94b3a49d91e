package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

const thinCamera = camera.ID("0800c0000001")

// filmMinute writes a minute of 10 pictures a second with sound, and an event from the 20th second on for 5 s, and
// says whether that is told to be over.
func filmMinute(t testing.TB, store *storage.Store, start time.Time, event, over bool) storage.SegmentRecord {
	t.Helper()
	segment := create(t, store, storage.SegmentSpec{Camera: thinCamera, Name: "door", Start: start})
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 600 {
		at := start.Add(time.Duration(i) * 100 * time.Millisecond)
		must(segment.WriteJudged(camera.Frame{At: at, JPEG: append(jpeg(i), make([]byte, 500)...)}, uint16(i), []byte{1, byte(i)}))
		must(segment.WriteAudio(camera.Audio{At: at, ALaw: make([]byte, 800)}))
		if event && i == 200 {
			must(segment.WriteEvent(camera.Event{Camera: thinCamera, At: at, Kind: camera.Motion}))
		}
		if event && over && i == 270 {
			must(segment.WriteEvent(camera.Event{Camera: thinCamera, At: at, Kind: camera.Ended,
				Detail: fmt.Sprintf(`{"begin":%q,"seconds":5,"kinds":["motion"]}`, start.Add(20*time.Second).UTC().Format(time.RFC3339Nano))}))
		}
	}
	record, err := segment.Commit(t.Context(), start.Add(time.Minute))
	must(err)
	return record
}

// thinTo are rules with these rates, each a day later than the one before.
func thinTo(rates ...float64) storage.ThinRules {
	of := storage.CameraThin{Before: 2 * time.Second, Behind: 3 * time.Second}
	for i, fps := range rates {
		of.Steps = append(of.Steps, storage.ThinStep{After: time.Duration(i+1) * 24 * time.Hour, FPS: fps})
	}
	return storage.ThinRules{Camera: func(camera.ID) storage.CameraThin { return of }}
}

func only(t testing.TB, store *storage.Store) storage.SegmentRecord {
	t.Helper()
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %+v, %v, want one segment", rows, err)
	}
	return rows[0]
}

func openThin(t testing.TB, dir string, disk storage.FS, now *time.Time) *storage.Store {
	t.Helper()
	return storagetest.Open(t, storage.Options{Dir: dir, FS: disk, Location: noon.Location(), Now: func() time.Time {
		return now.UTC().Add(321 * time.Nanosecond) // as a clock tells it: in another zone than the footage's, and finer than files
	}})
}

func thinAll(t testing.TB, store *storage.Store, rules storage.ThinRules) storage.ThinPass {
	t.Helper()
	done, err := store.Thin(t.Context(), rules)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// A minute of 600 pictures: at 2 a second 120 stay, and around the event of 5 s all of 10 s.
func TestThinningTakesPicturesOutAndKeepsEventsWhole(t *testing.T) {
	dir, now := t.TempDir(), noon.Add(time.Hour)
	store := openThin(t, dir, new(storagetest.Disk), &now)
	was := filmMinute(t, store, noon, true, true)
	covered, err := store.Coverage(t.Context(), thinCamera, was.Start, was.End)
	if err != nil {
		t.Fatal(err)
	}
	if done := thinAll(t, store, thinTo(2, 0.1)); done != (storage.ThinPass{}) {
		t.Errorf("before a rule asks for it: got %+v", done)
	}
	now = noon.Add(25 * time.Hour)
	events, err := store.Events(t.Context(), storage.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	done := thinAll(t, store, thinTo(2, 0.1))
	is := only(t, store)
	if done.Segments != 1 || done.Taken != was.Frames-is.Frames || done.Freed != was.Bytes-is.Bytes || is.Frames < 199 || is.Frames > 203 {
		t.Errorf("got %+v, and %d pictures of %d stay; want 100 of the event and 100 of the rest", done, is.Frames, was.Frames)
	}
	if is.ID == was.ID || is.Thinned != done.Taken || is.ThinRate != 2 || is.Samples != was.Samples || !is.End.Equal(was.End) {
		t.Errorf("got row %+v of %+v", is, was)
	}
	if again := thinAll(t, store, thinTo(2, 0.1)); again != (storage.ThinPass{}) {
		t.Errorf("once more by the same rule: got %+v", again)
	}
	after, err := store.Events(t.Context(), storage.EventQuery{})
	for i := range after {
		after[i].Segment = was.ID
	}
	if err != nil || !reflect.DeepEqual(after, events) {
		t.Errorf("events are %+v, %v, were %+v", after, err, events)
	}
	if c, err := store.Coverage(t.Context(), thinCamera, was.Start, was.End); err != nil || c.Recorded != covered.Recorded || len(c.Gaps) != len(covered.Gaps) {
		t.Errorf("coverage is %+v, %v, was %+v", c, err, covered)
	}
	log, err := store.Thinnings(t.Context(), 9)
	if err != nil || len(log) != 1 || log[0].Taken != done.Taken || log[0].Less != done.Freed || log[0].Rule != "thin after 1d to 2 fps" || log[0].Path != was.Path {
		t.Errorf("got log %+v, %v", log, err)
	}

	// The second step finds the file of the first.
	now = noon.Add(49 * time.Hour)
	second := thinAll(t, store, thinTo(2, 0.1))
	last := only(t, store)
	if second.Segments != 1 || last.Thinned != done.Taken+second.Taken || last.Frames < 103 || last.Frames > 108 {
		t.Errorf("got %+v, and %d pictures stay; want 100 of the event and one of ten seconds", second, last.Frames)
	}
	file, err := os.Open(store.Path(last))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, err := avi.Open(file, last.Bytes)
	if err != nil || len(read.Summary().Thinned) != 2 || read.Summary().Thinned[0].Bytes != was.Bytes || len(read.Track()) != 600 {
		t.Errorf("the file tells %+v, %d of its track, %v", read.Summary().Thinned, len(read.Track()), err)
	}
	for i, f := range read.Track() {
		if f.Score != uint16(i) || len(f.Cells) != 2 {
			t.Fatalf("frame %d of the track is %+v", i, f)
		}
	}

	// Built again from the files the index says the same.
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	removeIndex(t, dir)
	if _, err := storage.Reindex(t.Context(), storage.Options{Dir: dir, Location: noon.Location()}, nil); err != nil {
		t.Fatal(err)
	}
	again := openThin(t, dir, nil, &now)
	built := only(t, again)
	if built.ID = last.ID; !reflect.DeepEqual(built, last) {
		t.Errorf("after reindex: got %+v\nwant %+v", built, last)
	}
	if done := thinAll(t, again, thinTo(2, 0.1)); done != (storage.ThinPass{}) {
		t.Errorf("after reindex: got %+v", done)
	}
}

func TestThinningLeavesAloneWhatIsKeptOpenOrNotWorthIt(t *testing.T) {
	now := noon.Add(time.Hour)
	store := openThin(t, "", new(storagetest.Disk), &now)
	kept := filmMinute(t, store, noon, false, false)
	if _, err := store.Keep(t.Context(), storage.Keep{Camera: thinCamera, From: kept.Start.Add(time.Second), To: kept.Start.Add(2 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	filmMinute(t, store, noon.Add(10*time.Minute), true, false) // goes on, for all that is known
	filmMinute(t, store, noon.Add(20*time.Minute), false, false)
	before, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	now = noon.Add(20 * time.Hour)
	of := storage.CameraThin{Steps: []storage.ThinStep{{After: time.Hour, FPS: 9.9}}}
	rules := storage.ThinRules{Camera: func(camera.ID) storage.CameraThin { return of }}
	if done := thinAll(t, store, rules); done != (storage.ThinPass{}) {
		t.Errorf("got %+v, want none: one is kept, behind the other an event goes on", done)
	}
	now = noon.Add(25 * time.Hour) // who has not told the end by now was killed
	if done := thinAll(t, store, rules); done.Passed != 2 || done.Segments != 0 {
		t.Errorf("got %+v, want two passed over: 9.9 of 10 pictures is not worth it", done)
	}
	after, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("got %+v, %v\nwant %+v", after, err, before)
	}
	of.Steps[0] = storage.ThinStep{After: time.Hour, FPS: 1, Silent: true}
	if done := thinAll(t, store, rules); done.Segments != 2 {
		t.Errorf("got %+v, want both thinned", done)
	}
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || !reflect.DeepEqual(rows[0], before[0]) || rows[1].HasAudio || rows[1].Frames < 400 || rows[2].Frames > 62 {
		t.Errorf("got %+v, %v; want the first as it was, the second whole from its event on, no sound", rows, err)
	}
}

func TestWhoReadsASegmentKeepsItWhileItIsThinned(t *testing.T) {
	now := noon.Add(30 * time.Hour)
	store := openThin(t, "", new(storagetest.Disk), &now)
	was := filmMinute(t, store, noon, false, false)
	ref, err := storage.ParseFootageRef(fmt.Sprint(was.ID))
	if err != nil {
		t.Fatal(err)
	}
	span, err := store.Span(t.Context(), thinCamera, was.Start, was.End)
	if err != nil {
		t.Fatal(err)
	}
	query := storage.RowQuery{Camera: thinCamera, From: was.Start, To: was.End, Pictures: true, Limit: 10_000}
	rows, err := store.Rows(t.Context(), query)
	if err != nil || len(rows.Rows) != 600 {
		t.Fatalf("got %d rows, %v", len(rows.Rows), err)
	}
	if done := thinAll(t, store, thinTo(1)); done != (storage.ThinPass{}) {
		t.Errorf("got %+v, want none while a span of it is about to be written", done)
	}
	if err := span.WriteTo(t.Context(), io.Discard); err != nil {
		t.Errorf("write the span: %v", err)
	}
	span.Close()
	open, err := store.OpenFootage(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if done := thinAll(t, store, thinTo(1)); done.Segments != 1 {
		t.Fatalf("got %+v", done)
	}
	read, err := open.Reader()
	if err != nil || len(read.Frames()) != 600 {
		t.Errorf("who has the old file open finds %v", err)
	} else if b, err := read.ReadFrame(nil, 17); err != nil || !slices.Equal(b[:len(jpeg(17))], jpeg(17)) {
		t.Errorf("and reads %x, %v", b, err)
	}
	if _, err := store.OpenFootage(t.Context(), ref); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("the file under its old number: got %v, want %v", err, storage.ErrUnknown)
	}
	thin, err := store.Rows(t.Context(), query)
	if err != nil || len(thin.Rows) < 60 || len(thin.Rows) > 62 || thin.Files[0] == rows.Files[0] {
		t.Fatalf("got %d rows, %v", len(thin.Rows), err)
	}
	if found, err := store.FrameAt(t.Context(), thinCamera, noon.Add(30*time.Second+900*time.Millisecond)); err != nil || found.Ref != thin.Files[0] {
		t.Errorf("the picture that stands in it: %+v, %v", found, err)
	}
	projector := store.Projector()
	defer projector.Close()
	for _, row := range thin.Rows {
		n := int(row.Time().Sub(was.Start) / (100 * time.Millisecond))
		if b, err := projector.Read(t.Context(), nil, thin.Files[0], row); err != nil || !slices.Equal(b[:len(jpeg(n))], jpeg(n)) {
			t.Errorf("picture %d: %x, %v", n, b, err)
		}
	}
	again, err := store.Span(t.Context(), thinCamera, was.Start, was.End)
	if err != nil || again.Summary.Frames != len(thin.Rows) {
		t.Fatalf("a span over it: %v", err)
	}
	if err := again.WriteTo(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
	again.Close()
}

func TestFullDiskGivesThinningUpWithoutLoss(t *testing.T) {
	for name, fault := range map[string]func(*storagetest.Disk){
		"full":          func(d *storagetest.Disk) { d.Full(10_000) },
		"failing write": func(d *storagetest.Disk) { d.Fail(syscall.EIO, storagetest.OpWrite) },
		"failing sync":  func(d *storagetest.Disk) { d.Fail(syscall.EIO, storagetest.OpSync) },
		"failing name":  func(d *storagetest.Disk) { d.Fail(syscall.EIO, storagetest.OpRename) },
	} {
		t.Run(name, func(t *testing.T) {
			disk, now := new(storagetest.Disk), noon.Add(30*time.Hour)
			store := openThin(t, "", disk, &now)
			was := filmMinute(t, store, noon, false, false)
			fault(disk)
			done, err := store.Thin(t.Context(), thinTo(1))
			if done.Segments != 0 || err == nil && done.Failed != 1 {
				t.Errorf("got %+v, %v", done, err)
			}
			disk.Heal()
			if is := only(t, store); !reflect.DeepEqual(is, was) {
				t.Errorf("got %+v, want %+v", is, was)
			}
			if left, _ := filepath.Glob(filepath.Join(store.Recordings(), "*", "*", "*.thin")); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
			select {
			case <-store.Refused():
				t.Error("room was asked for")
			default:
			}
			if done := thinAll(t, store, thinTo(1)); done.Segments != 1 {
				t.Errorf("when the disk is well again: got %+v", done)
			}
		})
	}
}

// Wherever a kill or a power cut falls: behind it there is the old file or the new one, whole, and all is in order.
func TestThinningSurvivesKillsAndPowerCutsAtEveryStep(t *testing.T) {
	for _, cut := range []bool{false, true} {
		olds, news := 0, 0
		for n := 0; ; n++ {
			dir, now := t.TempDir(), noon.Add(30*time.Hour)
			disk := storagetest.NewDisk(t, uint64(n))
			store, err := storage.Open(t.Context(), storage.Options{Dir: dir, FS: disk, Location: noon.Location(), Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			was := filmMinute(t, store, noon, true, true)
			if !cut { // nor does it matter where a person has put it
				if err := os.Rename(store.Path(was), filepath.Join(store.Recordings(), "the fox.avi")); err != nil {
					t.Fatal(err)
				}
				if _, err := store.Repair(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			ctx, killed := mortal(disk, n)
			_, _ = store.Thin(ctx, thinTo(2))
			over := !killed()
			disk.Before(nil)
			if cut {
				disk.PowerCut(t)
			}
			store.Close()
			disk.PowerOn()
			again, err := storage.Open(t.Context(), storage.Options{Dir: dir, FS: disk, Location: noon.Location(), Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			storagetest.Check(t, again)
			switch is := only(t, again); {
			case is.Frames == was.Frames && is.Bytes == was.Bytes:
				olds++
			case is.Frames < was.Frames && is.Thinned == was.Frames-is.Frames:
				news++
			default:
				t.Errorf("step %d: got %+v", n, is)
			}
			if got := pictures(t, again); got != only(t, again).Frames {
				t.Errorf("step %d: %d pictures can be read", n, got)
			}
			for _, where := range []string{"*.thin", "*/*/*.thin"} {
				if left, _ := filepath.Glob(filepath.Join(dir, "recordings", where)); len(left) > 0 {
					t.Errorf("step %d: %v is left", n, left)
				}
			}
			if done := thinAll(t, again, thinTo(2)); only(t, again).Thinned == 0 {
				t.Errorf("step %d: tried again: got %+v", n, done)
			}
			storagetest.Check(t, again)
			if err := again.Close(); err != nil {
				t.Error(err)
			}
			if over || t.Failed() {
				break
			}
		}
		if t.Logf("power cut %v: %d times the old file, %d times the new one", cut, olds, news); olds == 0 || news == 0 {
			t.Error("both were to be seen")
		}
	}
}

// The pass ends with its context, at once and without a trace.
func TestThinningEndsWithItsContext(t *testing.T) {
	now := noon.Add(30 * time.Hour)
	disk := new(storagetest.Disk)
	store := openThin(t, "", disk, &now)
	was := filmMinute(t, store, noon, false, false)
	ctx, cancel := context.WithCancel(t.Context())
	disk.Before(func(op, path string) error {
		if op == storagetest.OpCreate && strings.HasSuffix(path, ".thin") {
			cancel()
		}
		return nil
	})
	rules := thinTo(2)
	rules.Rate = 200_000 // it would take seconds
	if _, err := store.Thin(ctx, rules); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if is := only(t, store); !reflect.DeepEqual(is, was) {
		t.Errorf("got %+v, want %+v", is, was)
	}
}
