package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"v720dvr/camera"
)

// Note is an event for who browses the recordings. The segment's journal has it too, by
// Segment.WriteEvent: that is the one that lasts.
type Note struct {
	Event   camera.Event  // Detail beyond MostDetail bytes is cut off
	Length  time.Duration // of one that is told when it is over; else 0
	Name    string        // what people call the camera; "" is its id
	Segment *Segment      // that was open then; nil when none was
	Picture []byte        // a JPEG of that moment; nil for none
}

// MostDetail bounds the detail of an event's line, in bytes. Devices send a few hundred.
const MostDetail = 64 << 10

// HasPicture tells whether an event of a kind is worth a picture: what the camera saw, not how its
// connection fares, that a clock was set, or what is over.
func HasPicture(kind camera.EventKind) bool {
	return !slices.Contains([]camera.EventKind{camera.Online, camera.Offline, camera.Streaming, camera.Stalled, camera.Ended, camera.Clock,
		camera.Absent, camera.Present, camera.BatteryLow, camera.BatteryFine, camera.Changed, camera.Deaf}, kind)
}

// NoteEvent tells of an event in the day's folder of its camera: a line in events.jsonl, and its
// picture beside it. Nothing is synced: what a power cut takes of it stands in the segment's
// journal. It may wait for the disk.
func (s *Store) NoteEvent(ctx context.Context, n Note) error {
	if err := s.noteEvent(ctx, n); err != nil {
		s.noteRefusal(err)
		return fmt.Errorf("note event of camera %s: %w", n.Event.Camera, err)
	}
	return nil
}

func (s *Store) noteEvent(ctx context.Context, n Note) error {
	if n.Name == "" {
		n.Name = string(n.Event.Camera)
	}
	n.Event.At = n.Event.At.In(s.Location())
	folder, err := s.folderOf(ctx, n.Event.Camera, n.Name)
	if err != nil {
		return err
	}
	noting := s.notingIn(folder)
	noting.Lock()
	defer noting.Unlock()
	dir, err := s.makeFolders(folder, n.Event.At.Format(dayLayout))
	if err != nil {
		return err
	}
	line := EventLine{
		Time: n.Event.At, Camera: n.Event.Camera, Name: n.Name, Kind: n.Event.Kind, Seconds: n.Length.Seconds(),
		Detail: strings.ToValidUTF8(n.Event.Detail[:min(len(n.Event.Detail), MostDetail)], "\uFFFD"),
	}
	if n.Segment != nil {
		line.Segment, line.Offset = n.Segment.finalName(dir), max(n.Event.At.Sub(n.Segment.Start()), 0).Seconds()
	}
	// The line goes before the picture: a picture of which no line tells would never be deleted,
	// since nobody could say whose it is.
	if n.Picture == nil {
		return s.appendLine(dir, line)
	}
	if line.Picture, err = s.freePicture(dir, line); err != nil {
		return err
	}
	if err := s.appendLine(dir, line); err != nil {
		return err
	}
	return s.writePicture(filepath.Join(dir, line.Picture), n.Picture)
}

// notingIn is the lock of what is written beside the segments of a camera's folder. Each has its own:
// it is held while its disk works, and another disk may be mounted on a folder.
func (s *Store) notingIn(folder string) *sync.Mutex {
	lock, _ := s.noting.LoadOrStore(folder, new(sync.Mutex))
	return lock.(*sync.Mutex)
}

// freePicture is the first name that is free: a second event of a kind within a second gets _2.
func (s *Store) freePicture(dir string, line EventLine) (string, error) {
	base := line.Time.Format(pictureLayout) + "_" + pictureKind(line.Kind)
	for n := 1; ; n++ {
		name := base + pictureSuffix
		if n > 1 {
			name = fmt.Sprintf("%s_%d%s", base, n, pictureSuffix)
		}
		if _, err := s.disk.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", err
		}
	}
}

func (s *Store) writePicture(path string, jpeg []byte) error {
	f, err := s.disk.Create(path)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(jpeg, 0)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, s.disk.Remove(path)) // half a picture is none
	}
	return nil
}

const (
	pictureLayout = "15-04-05" // local time; the folder has the day
	pictureSuffix = ".jpg"
)

// pictureKind makes a part of a file's name of a kind.
func pictureKind(kind camera.EventKind) string {
	const most = 32
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(string(kind[:min(len(kind), most)])))
}

// finalName is the name that the segment will have when it is committed, from a day's folder. Only
// a file that somebody puts there meanwhile could make it another.
func (g *Segment) finalName(day string) string {
	name := strings.TrimSuffix(g.Path(), partSuffix) + segmentSuffix
	relative, err := filepath.Rel(day, name)
	if err != nil {
		return filepath.Base(name)
	}
	return filepath.ToSlash(relative)
}
