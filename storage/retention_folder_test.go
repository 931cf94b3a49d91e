package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// A lot of things lies in a folder. Whatever the rules are, a sweep takes files of segments alone that have a row of this volume and
// the size it tells; nothing that is kept, open or somebody else's, nothing at all while the volume is another one; and when it was
// told that much may go, all that may has gone: another sweep at once takes nothing.
func TestSweepOfAFolderTakesWhatThePlanSaysAndNothingElse(t *testing.T) {
	s := openInside(t, t.TempDir())
	s.disk = stillDisk{s.disk}
	now := archiveStart
	s.now = func() time.Time { return now }
	rapid.Check(t, func(t *rapid.T) {
		f := &folder{t: t, s: s, now: archiveStart.Add(5 * time.Hour), segments: make(map[string]SegmentRecord)}
		now = f.now
		f.wipe()
		defer f.wipe()
		f.fill()
		rules := Rules{Twice: true, MaxSize: rapid.Int64Range(0, 60_000).Draw(t, "max_size"), MinFree: rapid.Int64Range(0, 30_000).Draw(t, "min_free"),
			Camera: func(camera.ID) CameraRules { return CameraRules{} }}
		age := time.Duration(rapid.IntRange(0, 300).Draw(t, "max_age")) * time.Minute
		rules.Camera = func(camera.ID) CameraRules { return CameraRules{MaxAge: age} }
		before := f.files()
		if rapid.IntRange(0, 4).Draw(t, "volume") == 0 {
			ours := before[volumeFile]
			f.write(volumeFile, strings.Replace(ours, `"id": "`, `"id": "X`, 1))
			if _, err := s.Sweep(t.Context(), rules); !errors.Is(err, ErrWrongVolume) {
				t.Fatalf("on another volume: got %v", err)
			}
			f.write(volumeFile, ours)
			if after := f.files(); !maps.Equal(before, after) {
				t.Fatalf("on another volume: %v are left of %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
			}
		}
		plan := make(map[string]bool)
		for d, err := range s.Plan(t.Context(), rules) {
			if err != nil {
				t.Fatal(err)
			}
			plan[d.Path] = true
		}
		swept, err := s.Sweep(t.Context(), rules)
		if err != nil || swept.Segments != len(plan) {
			t.Fatalf("got %+v, %v, planned were %v", swept, err, plan)
		}
		after := f.files()
		for path, content := range before {
			switch got, there := after[path]; {
			case plan[path] && f.spoilt != path && there:
				t.Fatalf("%s was planned, and is there", path)
			case (!plan[path] || f.spoilt == path) && (!there || got != content):
				t.Fatalf("%s was not to go; it is there: %v", path, there)
			}
			if r, is := f.segments[path]; plan[path] && (!is || f.isKept(r)) {
				t.Fatalf("%s goes: a segment: %v", path, is)
			}
		}
		var others int
		if err := s.index.read.QueryRow(`SELECT count(*) FROM segments WHERE volume = 'elsewhere'`).Scan(&others); err != nil || others != 1 {
			t.Fatalf("%d rows of another volume are there (%v), want 1", others, err)
		}
		again, err := s.Sweep(t.Context(), rules)
		if err != nil || again.Segments > 0 && rules.MinFree <= 500 { // what is free never grows on this disk
			t.Fatalf("at once again: got %+v, %v", again, err)
		}
	})
}

// A folder is what a sweep is tried on.
type folder struct {
	t        *rapid.T
	s        *Store
	now      time.Time
	segments map[string]SegmentRecord // by path
	keeps    []Keep
	open     []*Segment
	spoilt   string // a segment's path where another file lies now
}

// wipe ends what is open and takes everything away.
func (f *folder) wipe() {
	for _, segment := range f.open {
		if _, err := segment.Commit(context.Background(), f.now.Add(time.Minute)); err != nil {
			f.t.Fatal(err)
		}
	}
	f.open = nil
	for _, db := range []struct {
		db   *database
		text string
	}{{f.s.index, `DELETE FROM segments`}, {f.s.state, `DELETE FROM keeps`}, {f.s.state, `DELETE FROM deletions`}} {
		if _, err := db.db.write.Exec(db.text); err != nil {
			f.t.Fatal(err)
		}
	}
	days, err := filepath.Glob(filepath.Join(f.s.recordings, "*", "2*"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, day := range days {
		if err := os.RemoveAll(day); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *folder) fill() {
	picture := slices.Concat([]byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0xE0, 2, 0x80, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1}, make([]byte, 2000), []byte{0xFF, 0xD9})
	create := func(id string, at time.Time) *Segment {
		segment, err := f.s.Create(SegmentSpec{Camera: camera.ID(id), Name: id, Start: at})
		if err != nil {
			f.t.Fatal(err)
		}
		if err := segment.WriteFrame(camera.Frame{At: at, JPEG: picture}); err != nil {
			f.t.Fatal(err)
		}
		return segment
	}
	var last SegmentRecord
	for i := range rapid.IntRange(1, 5).Draw(f.t, "segments") {
		at := archiveStart.Add(time.Duration(60*i+rapid.IntRange(0, 30).Draw(f.t, "minute")) * time.Minute)
		r, err := create(rapid.SampledFrom([]string{"0800c0000001", "0800c0000002"}).Draw(f.t, "camera"), at).Commit(f.t.Context(), at.Add(time.Minute))
		if err != nil {
			f.t.Fatal(err)
		}
		last, f.segments[r.Path] = r, r
		if rapid.IntRange(0, 3).Draw(f.t, "keep") == 0 {
			k, err := f.s.Keep(f.t.Context(), Keep{Camera: r.Camera, From: r.Start, To: r.End})
			if err != nil {
				f.t.Fatal(err)
			}
			f.keeps = append(f.keeps, k)
		}
	}
	f.open = append(f.open, create("0800c0000001", f.now))
	day := filepath.Dir(filepath.FromSlash(last.Path))
	f.write(filepath.Join(day, "holiday.avi"), "RIFF of somebody else")
	f.write(filepath.Join(day, "2026-01-01T00-00-07+0000.avi"), "named as ours, and no row tells of it")
	f.write(filepath.Join(day, "notes.txt"), "the fox comes at four")
	if rapid.Bool().Draw(f.t, "spoilt") { // somebody has put another file in its place
		f.spoilt = last.Path
		f.write(filepath.FromSlash(last.Path), "not what it was")
	}
	if _, err := f.s.index.write.Exec(`INSERT INTO segments (camera, name, volume, path, run, number, start, "end", width, height, frames, repaired, lost, missing, has_audio, samples, silence, dropped, bytes)
		SELECT camera, name, 'elsewhere', path, run, number, start, "end", width, height, frames, repaired, lost, missing, has_audio, samples, silence, dropped, bytes FROM segments WHERE id = ?`, last.ID); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) write(name, content string) {
	if err := os.WriteFile(filepath.Join(f.s.recordings, name), []byte(content), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// files are all that there is but for what tells of events, by their paths with slashes.
func (f *folder) files() map[string]string {
	all := make(map[string]string)
	err := filepath.WalkDir(f.s.recordings, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(f.s.recordings, name)
		if err != nil {
			return fmt.Errorf("name a file: %w", err)
		}
		all[filepath.ToSlash(relative)] = string(content)
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

func (f *folder) isKept(r SegmentRecord) bool {
	return slices.ContainsFunc(f.keeps, func(k Keep) bool { return k.Camera == r.Camera && k.From.Before(r.End) && k.To.After(r.Start) })
}
