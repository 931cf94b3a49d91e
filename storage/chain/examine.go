package chain

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"v720dvr/storage/avi"
)

var (
	// ErrUnsealed is returned for a segment without a seal: of an early version, or one from which it was taken.
	ErrUnsealed = errors.New("it has no seal")
	// ErrAltered is returned for a segment that is not what was sealed.
	ErrAltered = errors.New("it is not what was sealed")
)

// Sealed is what the seal of a segment says.
type Sealed struct {
	Link    Link
	Hash    Hash   // of Link
	Thin    *Thin  // nil: it was never thinned
	Begin   *Begin // of its chain; nil: it does not tell
	BeginAs Hash   // the hash of Begin
	Raw     avi.Seal
}

// Content is what the segment holds now, as was signed.
func (s *Sealed) Content() avi.Content {
	if s.Thin != nil {
		return s.Thin.Content
	}
	return s.Link.Content
}

// Read reads the seal of a file of so many bytes and looks whether one of the keys has signed it, and whether its
// statements belong together. It reads 1024 bytes. ErrUnsealed, ErrForged, ErrStranger, ErrAltered, wrapped, or the error
// of the read.
func Read(f io.ReaderAt, size int64, keys Keys) (*Sealed, error) {
	raw, err := avi.ReadSeal(f, size)
	if errors.Is(err, avi.ErrNoSeal) || err == nil && raw.Link == nil {
		return nil, ErrUnsealed
	}
	if err != nil {
		return nil, err
	}
	return unseal(raw, keys)
}

func unseal(raw avi.Seal, keys Keys) (*Sealed, error) {
	s := &Sealed{Raw: raw}
	var err error
	if s.Link, s.Hash, err = OpenLink(raw.Link, keys); err != nil {
		return nil, fmt.Errorf("its seal: %w", err)
	}
	if raw.Thin != nil {
		thin, err := OpenThin(raw.Thin, keys)
		if err != nil {
			return nil, fmt.Errorf("what its seal says of thinning: %w", err)
		}
		if thin.Link != s.Hash {
			return nil, fmt.Errorf("%w: its seal tells of the thinning of another segment", ErrAltered)
		}
		s.Thin = &thin
	}
	if raw.Begin != nil {
		note, hash, err := OpenBegin(raw.Begin, keys)
		if err != nil {
			return nil, fmt.Errorf("what its seal says of its run: %w", err)
		}
		if note.Run != s.Link.Run || note.Camera != s.Link.Camera || s.Link.Number == 1 && s.Link.Previous != hash {
			return nil, fmt.Errorf("%w: its seal tells of another run", ErrAltered)
		}
		s.Begin, s.BeginAs = &note, hash
	}
	return s, nil
}

// Examine is Read, and holds the file against it: its length and its camera, and with whole every byte. It returns what
// Read found also with ErrAltered of the content.
func Examine(f io.ReaderAt, size int64, keys Keys, whole bool) (*Sealed, error) {
	s, err := Read(f, size, keys)
	if err != nil {
		return nil, err
	}
	want := s.Content()
	var of []byte
	switch front, err := avi.ReadSummary(f, size); {
	case err == nil:
		of = []byte(front.Camera)
	case !errors.Is(err, avi.ErrNoSummary):
		return s, err
	default: // of more gaps than fit into a front
		r, err := avi.Open(f, size)
		if err != nil {
			return s, altered(err)
		}
		of = []byte(r.Summary().Camera)
	}
	if !bytes.Equal(of[:min(len(of), mostText)], []byte(s.Link.Camera)) {
		return s, fmt.Errorf("%w: it says that it is of camera %q, the seal is of %q", ErrAltered, of, s.Link.Camera)
	}
	if !whole {
		return s, nil
	}
	got, _, err := avi.Digest(f, size, false)
	switch {
	case err != nil:
		return s, altered(err)
	case got.Size != want.Size:
		return s, fmt.Errorf("%w: it has %d bytes before the seal, the seal is of %d", ErrAltered, got.Size, want.Size)
	case got.Leaves != want.Leaves || got.Root != want.Root:
		return s, fmt.Errorf("%w: pictures or sound, or their times, are others", ErrAltered)
	case got.Rest != want.Rest:
		return s, fmt.Errorf("%w: what it says about its pictures and sound is something else", ErrAltered)
	}
	return s, nil
}

// ErrNoCopy is returned for a file that is no export, or one that nothing is vouched for.
var ErrNoCopy = errors.New("it is no export that was sealed")

// ExamineCopy holds an export against its seal, every byte of it. ErrNoCopy, or as Examine.
func ExamineCopy(f io.ReaderAt, size int64, keys Keys) (c Copy, err error) {
	raw, err := avi.ReadSeal(f, size)
	if errors.Is(err, avi.ErrNoSeal) || err == nil && (raw.Copy == nil || raw.Link != nil) {
		return c, ErrNoCopy
	}
	if err == nil {
		c, err = OpenCopy(raw.Copy, keys)
	}
	if err != nil {
		return c, fmt.Errorf("its seal: %w", err)
	}
	got, _, err := avi.Digest(f, size, false)
	if err != nil {
		return c, altered(err)
	}
	if got != c.Content {
		return c, fmt.Errorf("%w: it is another file than was exported", ErrAltered)
	}
	return c, nil
}

// altered tells an error of a file's own bytes from one of the disk.
func altered(err error) error {
	for _, of := range []error{avi.ErrNotAVI, avi.ErrNoSeal, avi.ErrDamaged} {
		if errors.Is(err, of) {
			return fmt.Errorf("%w: %w", ErrAltered, err)
		}
	}
	return err
}
