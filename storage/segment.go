package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

var (
	// ErrGivenUp wraps the disk's error: the segment was given up, its .part stays as it is. The
	// caller begins a new one.
	ErrGivenUp = errors.New("segment given up")
	// ErrClosed is returned by Create and Check on a closed store.
	ErrClosed = errors.New("store is closed")
)

// ErrManyEvents is returned by WriteEvent for a segment whose events are as many as it may have.
var ErrManyEvents = errors.New("segment has too many events")

// What a segment takes of events at most: one every 70 ms of five minutes, and a megabyte of details.
const (
	mostEvents     = 4096
	mostEventBytes = 1 << 20
)

// SegmentSpec says what to create.
type SegmentSpec struct {
	Camera camera.ID
	Name   string    // what people call the camera; "" is its id
	Start  time.Time // of the segment: no picture or sound in it is earlier
	Gaps   []avi.Gap // what is missing right before it, in order, as avi.Meta.Gaps; nil for nothing
	Motion bool      // it holds one event of motion mode, and is named so
	// source is what a segment was imported from: it stands in no order of a run, and nobody takes it for
	// what is being recorded now. See Import.
	source string
}

// Segment is a file being written. Its methods may be called from any goroutine; calls that
// write come from one, in capture order.
type Segment struct {
	store *Store
	spec  SegmentSpec
	// part is its absolute path while it is open. It changes where its folder is renamed, by us with
	// placing held, or by a person, whom the look through the folder follows.
	part atomic.Pointer[string]

	// syncing is held during an fsync of the file and until its error has given the segment up:
	// Linux reports a failed write-back to one fsync of an open file, and to the next it says that
	// all is well (fsync(2)). So there is one at a time, and the next looks at err first. It is
	// taken before mu.
	syncing gate
	// mu is held while writing, against the sync's Flush: both append to one file. It is never
	// held during an fsync.
	mu    gate
	file  *trackedFile
	avi   *avi.Writer
	dirty bool  // something was handed over since the last sync
	ended bool  // committed, left or given up: the file is closed or about to be
	err   error // why it was given up

	events     []avi.Event // those of the journal, for the index: at most mostEvents
	eventBytes int         // of their details: at most mostEventBytes

	// inside are the gaps that it tells of so far, at most avi.MaxInside, with a lock of their own: who asks for
	// them is not to wait for the disk.
	insideMu sync.Mutex
	inside   []avi.Gap
}

// trackedFile remembers the disk's own error, to tell it from the writer's refusals.
type trackedFile struct {
	File
	err error
}

func (f *trackedFile) WriteAt(p []byte, at int64) (int, error) {
	n, err := f.File.WriteAt(p, at)
	if err != nil && f.err == nil {
		f.err = err
	}
	return n, err
}

// Create begins a segment: it makes the camera's folder and the day's, and in it ….avi.part
// under a name that neither a segment nor a .part bears. The name is durable on return.
func (s *Store) Create(spec SegmentSpec) (*Segment, error) {
	segment, err := s.create(spec)
	if err != nil {
		s.noteRefusal(err)
		return nil, fmt.Errorf("create segment of camera %s: %w", spec.Camera, err)
	}
	return segment, nil
}

func (s *Store) create(spec SegmentSpec) (*Segment, error) {
	if s.isClosed() {
		return nil, ErrClosed
	}
	spec.Start = spec.Start.In(s.Location())
	if spec.Name == "" {
		spec.Name = string(spec.Camera)
	}
	folder, err := s.folderOf(context.Background(), spec.Camera, spec.Name)
	if err != nil {
		return nil, err
	}
	var dir, part string
	var file File
	for try := 1; ; try++ { // retention may take a folder away for as long as nothing is in it
		if dir, err = s.makeFolders(folder, spec.Start.Format(dayLayout)); err != nil {
			return nil, err
		}
		if file, part, err = s.createPart(dir, spec); err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || try == 3 {
			return nil, err
		}
	}
	defer s.endMaking(part) // behind addOpen
	if err := s.disk.SyncDir(dir); err != nil {
		return nil, errors.Join(err, s.uncreate(file, part))
	}
	segment := &Segment{store: s, spec: spec, file: &trackedFile{File: file}, syncing: newGate(), mu: newGate()}
	segment.part.Store(&part)
	meta := avi.Meta{Camera: string(spec.Camera), Name: spec.Name, Start: spec.Start, Software: s.software, Gaps: spec.Gaps}
	if spec.source == "" {
		meta.Run, meta.Number = s.run, s.begun.Add(1)
	} else {
		meta.Software = cmp.Or(s.software, "v720dvr") + ", imported from " + spec.source
	}
	segment.avi, err = avi.NewWriter(segment.file, meta)
	if err == nil {
		err = s.addOpen(segment)
	}
	if err != nil {
		return nil, errors.Join(err, s.uncreate(file, part))
	}
	return segment, nil
}

func (s *Store) uncreate(file File, part string) error {
	err := errors.Join(file.Close(), s.disk.Remove(part))
	if err == nil {
		s.dropIntent(context.Background(), part)
	}
	return err
}

// createPart takes the first free name: a second segment within the second becomes _2. Its intent is
// there before it.
func (s *Store) createPart(dir string, spec SegmentSpec) (File, string, error) {
	for n := 1; ; n++ {
		name := filepath.Join(dir, segmentName(spec.Start, spec.Motion, n))
		if free, err := s.free(name+segmentSuffix, name+partSuffix); err != nil {
			return nil, "", err
		} else if !free {
			continue
		}
		part := name + partSuffix
		if err := s.intend(context.Background(), part); err != nil {
			return nil, "", fmt.Errorf("write down that it begins: %w", err)
		}
		s.beginMaking(part)
		file, err := s.disk.Create(part)
		if err != nil {
			s.endMaking(part)
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			s.dropIntent(context.Background(), part)
		}
		return file, part, err
	}
}

// free tells whether none of the names is taken.
func (s *Store) free(names ...string) (bool, error) {
	for _, name := range names {
		if _, err := s.disk.Stat(name); err == nil {
			return false, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return true, nil
}

func (s *Store) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *Store) addOpen(segment *Segment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.open[segment] = struct{}{}
	return nil
}

// WriteFrame hands a picture, or the place of a lost one, to the file. avi.ErrSizeChanged and
// avi.ErrFull ask for the next segment, avi.ErrNotPicture refuses these bytes alone; ErrGivenUp
// is the disk's.
func (g *Segment) WriteFrame(f camera.Frame) error { return g.WriteJudged(f, 0, nil) }

// WriteJudged is WriteFrame with what was seen in the picture: the score of its motion, and what changed
// in it, as avi.Frame has them.
func (g *Segment) WriteJudged(f camera.Frame, score uint16, cells []byte) error {
	return g.write(func() error {
		return g.avi.WriteFrame(avi.Frame{At: f.At, JPEG: f.JPEG, Repaired: f.Repaired, Missing: f.Missing, Score: score, Cells: cells})
	})
}

// WriteAudio hands sound to the file. Sound before the first picture waits for it in memory.
func (g *Segment) WriteAudio(a camera.Audio) error {
	return g.write(func() error { return g.avi.WriteAudio(a.At, a.ALaw) })
}

// WriteEvent notes an event in the segment's journal. One too many is refused with ErrManyEvents,
// of a detail what is beyond avi.MaxEvent bytes is cut off.
func (g *Segment) WriteEvent(e camera.Event) error {
	detail := []byte(e.Detail[:min(len(e.Detail), avi.MaxEvent)])
	return g.write(func() error {
		if len(g.events) == mostEvents || g.eventBytes+len(detail) > mostEventBytes {
			return ErrManyEvents
		}
		err := g.avi.WriteEvent(string(e.Kind), e.At, detail)
		if err == nil {
			g.events = append(g.events, avi.Event{Kind: string(e.Kind), At: e.At, Body: detail})
			g.eventBytes += len(detail)
		}
		return err
	})
}

// WriteGap notes a stretch inside the segment without a picture, that did not end it; its reason is
// one of the Gap constants. avi.ErrFull asks for the next segment.
func (g *Segment) WriteGap(gap avi.Gap) error {
	return g.write(func() error {
		err := g.avi.WriteGap(gap)
		if err == nil {
			g.insideMu.Lock()
			defer g.insideMu.Unlock()
			g.inside = append(g.inside, gap)
		}
		return err
	})
}

func (g *Segment) insideSoFar() []avi.Gap {
	g.insideMu.Lock()
	defer g.insideMu.Unlock()
	return slices.Clone(g.inside)
}

func (g *Segment) write(do func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil || g.ended {
		return g.over()
	}
	err := do()
	if g.file.err != nil {
		return g.giveUp(g.file.err)
	}
	g.dirty = true
	return err
}

func (g *Segment) over() error {
	if g.err != nil {
		return g.err
	}
	return fmt.Errorf("segment %s: %w", g.Path(), os.ErrClosed)
}

// failure is why the segment was given up, or nil.
func (g *Segment) failure() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// giveUp ends the segment after an error of the disk; mu is held. What is in the file stays; a file
// without a whole picture goes, since each try on a full disk would leave one more.
func (g *Segment) giveUp(cause error) error {
	g.err = fmt.Errorf("%w: %s: %w", ErrGivenUp, g.Path(), cause)
	g.ended = true
	// What the disk took of the write that it refused goes: that picture begins the next segment.
	_ = g.file.Truncate(g.avi.Size()) // these errors would be the same disk's; after Commit it is closed already
	g.file.Close()
	s := g.store
	s.noteRefusal(cause)
	stays := g.avi.Size() > 0 || s.disk.Remove(g.Path()) != nil
	if !stays {
		s.dropIntent(context.Background(), g.Path())
	}
	s.mu.Lock()
	delete(s.open, g)
	if stays {
		s.givenUp[g.Path()] = struct{}{}
	}
	s.mu.Unlock()
	return g.err
}

// Size returns the file's size so far, in bytes.
func (g *Segment) Size() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.avi.Size()
}

// SoundEnd is the time that the next sample would stand at; ok is false before the first.
func (g *Segment) SoundEnd() (end time.Time, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.avi.SoundEnd()
}

// Path returns the absolute path under which the open file can be played.
func (g *Segment) Path() string { return *g.part.Load() }

// Start returns when the segment begins.
func (g *Segment) Start() time.Time { return g.spec.Start }
