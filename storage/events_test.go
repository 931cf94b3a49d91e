package storage_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// note notes an event with a picture.
func note(t testing.TB, store *storage.Store, at time.Time, kind camera.EventKind) {
	t.Helper()
	if err := store.NoteEvent(t.Context(), storage.Note{
		Event: camera.Event{Camera: "0800c0000001", At: at, Kind: kind, Detail: `{"code":1}`}, Name: "door", Picture: jpeg(1),
	}); err != nil {
		t.Fatal(err)
	}
}

func readLines(t testing.TB, r io.Reader) (lines []storage.EventLine) {
	t.Helper()
	for line, err := range storage.EventLines(r) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func linesOf(t testing.TB, path string) (text string, lines []storage.EventLine) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), readLines(t, bytes.NewReader(b))
}

func TestEventStandsInItsDayWithAPicture(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Location: noon.Location()})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
	shoot(t, segment)
	e := camera.Event{Camera: "0800c0000001", At: noon.Add(1250 * time.Millisecond).UTC(), Kind: camera.Device, Detail: `{"content":"<bell>"}`}
	for range 2 {
		if err := store.NoteEvent(t.Context(), storage.Note{Event: e, Name: "door", Segment: segment, Picture: jpeg(7)}); err != nil {
			t.Fatal(err)
		}
	}
	e.Kind, e.Detail = camera.Offline, ""
	if err := store.NoteEvent(t.Context(), storage.Note{Event: e, Name: "door"}); err != nil {
		t.Fatal(err)
	}
	day := filepath.Join(store.Recordings(), "door", "2026-11-22")
	text, lines := linesOf(t, filepath.Join(day, "events.jsonl"))
	first := `{"time":"2026-11-22T14:05:01.293+01:00","camera":"0800c0000001","name":"door","kind":"device",` +
		`"detail":"{\"content\":\"<bell>\"}","segment":"2026-11-22T14-05-00+0100.avi","offset":1.25,"picture":"14-05-01_device.jpg"}` + "\n"
	if !strings.HasPrefix(text, first) || len(lines) != 3 {
		t.Errorf("got %q, want 3 lines, the first %q", text, first)
	}
	if lines[1].Picture != "14-05-01_device_2.jpg" || lines[2].Picture != "" || lines[2].Segment != "" {
		t.Errorf("got %+v", lines)
	}
	for _, line := range lines[:2] {
		if picture, err := os.ReadFile(filepath.Join(day, line.Picture)); err != nil || !bytes.Equal(picture, jpeg(7)) {
			t.Errorf("%s: got %d bytes, %v", line.Picture, len(picture), err)
		}
	}
	record, err := segment.Commit(t.Context(), noon.Add(2*time.Second))
	if err != nil || filepath.Base(record.Path) != lines[0].Segment {
		t.Errorf("the segment is called %s, %v, its event says %s", record.Path, err, lines[0].Segment)
	}
}

func TestEventOfTheNextDayNamesItsSegmentFromThere(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Location: noon.Location()})
	evening := time.Date(2026, 11, 22, 23, 59, 59, 0, noon.Location())
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: evening})
	shoot(t, segment)
	e := camera.Event{Camera: "0800c0000001", At: evening.Add(2 * time.Second), Kind: camera.Device}
	if err := store.NoteEvent(t.Context(), storage.Note{Event: e, Name: "door", Segment: segment}); err != nil {
		t.Fatal(err)
	}
	_, lines := linesOf(t, filepath.Join(store.Recordings(), "door", "2026-11-23", "events.jsonl"))
	if want := "../2026-11-22/2026-11-22T23-59-59+0100.avi"; len(lines) != 1 || lines[0].Segment != want {
		t.Errorf("got %+v, want the segment %s", lines, want)
	}
}

func TestTornLastLineIsPassedOverAndMended(t *testing.T) {
	whole := `{"time":"2026-11-22T14:05:00Z","camera":"0800c0000001","name":"door","kind":"device"}` + "\n"
	for name, tail := range map[string]struct {
		text  string
		lines int // that are left of it
	}{
		"nothing":                         {"", 0},
		"a beginning":                     {`{"time":"2026-11-22T14:06`, 0},
		"a long beginning":                {`{"time":"2026-11-22T14:06:00Z","camera":"0800c0000001","name":"door","kind":"device","detail":"` + strings.Repeat("x", 9000), 0},
		"zeros, as a power cut leaves":    {strings.Repeat("\x00", 300), 0},
		"a whole line of an editor's":     {strings.TrimSuffix(whole, "\n"), 1},
		"more than a line of ours can be": {strings.Repeat("x", 500_000), 0},
	} {
		t.Run(name, func(t *testing.T) {
			store := storagetest.Open(t, storage.Options{Location: time.UTC})
			day := filepath.Join(store.Recordings(), "door", "2026-11-22")
			if err := os.MkdirAll(day, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(day, "events.jsonl")
			if err := os.WriteFile(path, []byte(whole+tail.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, lines := linesOf(t, path); len(lines) != 1+tail.lines {
				t.Errorf("before: got %d lines, want %d", len(lines), 1+tail.lines)
			}
			note(t, store, noon, camera.Device)
			text, lines := linesOf(t, path)
			if len(lines) != 2+tail.lines || !strings.HasPrefix(text, whole) || !strings.HasSuffix(text, "\n") || !lines[len(lines)-1].Time.Equal(noon) {
				t.Errorf("got %d lines in %.200q, want %d", len(lines), text, 2+tail.lines)
			}
			if got := strings.Count(text, "\n"); len(tail.text) < 100_000 && got != len(lines) {
				t.Errorf("got %d lines of which %d can be read: %q", got, len(lines), text)
			}
		})
	}
}

func TestDetailOfAnyLengthAndBytesIsALine(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Location: time.UTC})
	e := camera.Event{Camera: "0800c0000001", At: noon, Kind: "../Bad Kind!", Detail: strings.Repeat("\x01\xff\n", 100_000)}
	for range 2 {
		if err := store.NoteEvent(t.Context(), storage.Note{Event: e, Picture: jpeg(0)}); err != nil {
			t.Fatal(err)
		}
	}
	_, lines := linesOf(t, filepath.Join(store.Recordings(), "0800c0000001", "2026-11-22", "events.jsonl"))
	if len(lines) != 2 || lines[0].Picture != "13-05-00_---bad-kind-.jpg" || !strings.HasPrefix(lines[0].Detail, "\x01\uFFFD\n") || len(lines[0].Detail) < storage.MostDetail {
		t.Errorf("got %d lines, picture %q, detail of %d bytes", len(lines), lines[0].Picture, len(lines[0].Detail))
	}
}

func TestHalfAPictureIsNotLeftOnAFullDisk(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk, Location: time.UTC})
	note(t, store, noon, camera.Device)
	disk.Before(func(op, path string) error {
		if op == storagetest.OpWrite && strings.HasSuffix(path, ".jpg") {
			return syscall.ENOSPC
		}
		return nil
	})
	err := store.NoteEvent(t.Context(), storage.Note{Event: camera.Event{Camera: "0800c0000001", At: noon, Kind: camera.Device}, Name: "door", Picture: jpeg(0)})
	disk.Before(nil)
	if err == nil {
		t.Error("got no error")
	}
	day := filepath.Join(store.Recordings(), "door", "2026-11-22")
	entries, err := os.ReadDir(day)
	if _, lines := linesOf(t, filepath.Join(day, "events.jsonl")); err != nil || len(entries) != 2 || len(lines) != 2 {
		t.Errorf("got %v, %v and %d lines, want events.jsonl of 2 lines and 1 picture", entries, err, len(lines))
	}
	select {
	case <-store.Refused():
	default:
		t.Error("nobody is told that the disk is full")
	}
}

func TestEventsOfCommittedSegmentsAreInTheIndex(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	var want []storage.EventRecord
	for i := range 3 {
		segment := create(t, store, storage.SegmentSpec{Camera: cameraID(fmt.Sprint("0800c000000", i%2)), Start: noon.Add(time.Duration(i) * time.Minute)})
		shoot(t, segment)
		for j := range 2 {
			e := camera.Event{Camera: segmentCamera(i), At: segment.Start().Add(time.Duration(j) * 300 * time.Millisecond), Kind: camera.Device, Detail: fmt.Sprint(i, j)}
			if err := segment.WriteEvent(e); err != nil {
				t.Fatal(err)
			}
			want = append(want, storage.EventRecord{Segment: int64(i + 1), Camera: e.Camera, At: e.At.UTC().Truncate(time.Microsecond), Kind: e.Kind, Detail: e.Detail})
		}
		if _, err := segment.Commit(t.Context(), segment.Start().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		storage.EventQuery
		want []storage.EventRecord
	}{
		{storage.EventQuery{}, want},
		{storage.EventQuery{Camera: "0800c0000001"}, want[2:4]},
		{storage.EventQuery{Segment: 3}, want[4:]},
		{storage.EventQuery{From: want[1].At, To: want[4].At}, want[1:4]},
		{storage.EventQuery{Limit: 1}, want[:1]},
	} {
		got, err := store.Events(t.Context(), c.EventQuery)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].ID = 0
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("events %+v: got %+v, want %+v", c.EventQuery, got, c.want)
		}
	}
}

func segmentCamera(i int) camera.ID { return cameraID(fmt.Sprint("0800c000000", i%2)) }

func TestDaysEventsGoWithItsLastSegment(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	for day := range archiveDays {
		note(t, a.Store, noon.Add(time.Duration(day)*24*time.Hour), camera.Device)
		note(t, a.Store, noon.Add(time.Duration(day)*24*time.Hour), camera.Device)
	}
	note(t, a.Store, noon.Add(-24*time.Hour), camera.Device) // a day without a segment
	day := func(n int) string {
		return filepath.Join(a.Recordings(), "door", noon.Add(time.Duration(n)*24*time.Hour).Format("2006-01-02"))
	}
	a.MakeRoom(t.Context(), storage.Rules{MinFree: 1}, true) // the first of the first day
	if _, lines := linesOf(t, filepath.Join(day(0), "events.jsonl")); len(lines) != 2 {
		t.Errorf("got %d lines while the day has a segment, want 2", len(lines))
	}
	a.sweep(t, storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Minute} }})
	// Of today nothing goes: more may come.
	entries, err := os.ReadDir(filepath.Join(a.Recordings(), "door"))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(day(archiveDays-1)) {
		t.Errorf("got days %v, %v, want today alone", entries, err)
	}
	_, lines := linesOf(t, filepath.Join(day(archiveDays-1), "events.jsonl"))
	if len(lines) != 2 {
		t.Errorf("got %d lines of today, want 2", len(lines))
	}
	a.now = a.now.Add(48 * time.Hour)
	a.sweep(t, storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Hour} }})
	if entries, err := os.ReadDir(filepath.Join(a.Recordings(), "door")); !os.IsNotExist(err) {
		t.Errorf("two days later: got %v, %v, want nothing left", entries, err)
	}
}

func TestPictureThatNoLineNamesIsNotOurs(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	note(t, a.Store, noon, camera.Device)
	day := filepath.Join(a.Recordings(), "door", "2026-11-22")
	theirs := filepath.Join(day, "14-05-01_device.jpg")
	if err := os.WriteFile(theirs, []byte("a picture of somebody's"), 0o644); err != nil {
		t.Fatal(err)
	}
	a.sweep(t, storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: 24 * time.Hour} }})
	if entries, err := os.ReadDir(day); err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(theirs) {
		t.Errorf("got %v, %v, want theirs alone", entries, err)
	}
}

func TestReadingEventsEndsWithTheErrorOfTheDisk(t *testing.T) {
	text := `{"time":"2026-11-22T14:05:00Z","camera":"c","name":"n","kind":"device"}` + "\n"
	var kinds []string
	for line, err := range storage.EventLines(io.MultiReader(strings.NewReader(text), iotest.ErrReader(syscall.EIO))) {
		if err != nil {
			kinds = append(kinds, err.Error())
			continue
		}
		kinds = append(kinds, string(line.Kind))
	}
	if want := []string{"device", syscall.EIO.Error()}; !slices.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
}

func FuzzEventLines(f *testing.F) {
	f.Add([]byte(`{"time":"2026-11-22T14:05:00+01:00","camera":"0800c0000001","name":"door","kind":"device","detail":"a\nb","segment":"x.avi","offset":1.25,"picture":"14-05-00_device.jpg"}` + "\n"))
	f.Add([]byte("{}\n\n{\"kind\":\"x\"}\nnull\n{\"kind\":"))
	f.Add([]byte("\x00\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := readLines(t, bytes.NewReader(text))
		for _, line := range lines {
			encoded, err := storage.EncodeLine(line)
			if err != nil {
				continue // a year that RFC 3339 cannot tell
			}
			if again := readLines(t, bytes.NewReader(encoded)); len(again) != 1 || !again[0].Time.Equal(line.Time) || again[0].Detail != line.Detail ||
				again[0].Kind != line.Kind || again[0].Offset != line.Offset || again[0].Segment != line.Segment || again[0].Picture != line.Picture {
				t.Errorf("got %+v, and read again %+v", line, again)
			}
		}
	})
}
