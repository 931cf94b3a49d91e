package chain

import (
	"errors"
	"io"

	"v720dvr/storage/avi"
)

// Take examines a file. Its summary, where it can be read, says whose it is when it has no seal.
func (t *Trial) Take(path string, f io.ReaderAt, size int64) {
	if raw, err := Read(f, size, t.keys); err == nil && t.only != "" && raw.Link.Camera != t.only {
		return
	}
	t.Counts.Files++
	s, err := Examine(f, size, t.keys, t.whole)
	switch {
	case errors.Is(err, ErrUnsealed):
		if !t.export(path, f, size) {
			t.unsealed(path, f, size)
		}
		return
	case err != nil && s == nil && t.only != "" && t.ofAnother(f, size):
		t.Counts.Files--
		return
	case err != nil:
		t.find(Finding{What: whatOf(err), Path: path, Camera: cameraOf(s), Run: runOf(s), First: numberOf(s), Last: numberOf(s), Text: err.Error()})
		if s == nil {
			return
		}
	default:
		t.Counts.Sealed++
		if t.whole {
			t.Counts.Bytes += size
		}
		if s.Thin != nil {
			t.Counts.Thinned++
		}
		if s.Link.Flags&Finished != 0 {
			t.Counts.Finished++
		}
		if s.Link.Flags&Imported != 0 {
			t.Counts.Imported++
		}
	}
	t.link(path, s)
}

// export takes an export, which has no place in a chain.
func (t *Trial) export(path string, f io.ReaderAt, size int64) bool {
	c, err := ExamineCopy(f, size, t.keys)
	switch {
	case errors.Is(err, ErrNoCopy):
		return false
	case err != nil:
		t.find(Finding{What: whatOf(err), Path: path, Camera: c.Camera, Text: err.Error()})
	default:
		t.Counts.Files--
		t.Counts.Exports++
		t.Counts.Bytes += size
	}
	return true
}

// Unreadable notes a file that could not be opened.
func (t *Trial) Unreadable(path string, err error) {
	t.Counts.Files++
	t.find(Finding{What: Unread, Path: path, Text: err.Error()})
}

// Gone notes a file that ought to be there.
func (t *Trial) Gone(path, camera string) {
	t.find(Finding{What: Missing, Camera: camera, Path: path, Text: "the file is gone"})
}

func (t *Trial) link(path string, s *Sealed) {
	c := t.chain(s.Link.Camera, s.Link.Run)
	if s.Begin != nil && c.begin == nil {
		t.takeBegin(c, *s.Begin, s.BeginAs)
	}
	n := s.Link.Number
	found := Finding{Camera: c.camera, Path: path, Run: c.run, First: n, Last: n}
	twice, broken := c.links.add(Stretch{First: n, Last: n, Previous: s.Link.Previous, Head: s.Hash})
	switch want, pinned := t.pins[pin{c.chainKey, n}]; {
	case twice:
		found.What, found.Text = Copied, "the same segment is there in another file"
		if len(t.Notices) < mostFindings {
			t.Notices = append(t.Notices, found)
		}
		t.Counts.Copies++
		return
	case broken:
		found.What, found.Text = Broken, "it does not name the segment before it, or is not named by the one behind it"
	case pinned && want != s.Hash:
		found.What, found.Text = Broken, "a note or an anchor says that this link is another one"
	default:
		return
	}
	t.find(found)
}

// ofAnother tells whether a file says that it is of another camera than the only one that is asked for.
func (t *Trial) ofAnother(f io.ReaderAt, size int64) bool {
	r, err := avi.Open(f, size)
	return err == nil && r.Summary().Camera != t.only
}

// unsealed takes a file without a seal. In a file's place that was sealed, its link is missing besides.
func (t *Trial) unsealed(path string, f io.ReaderAt, size int64) {
	r, err := avi.Open(f, size)
	if t.strict {
		t.find(Finding{What: Unsealed, Path: path, Text: ErrUnsealed.Error() + ": nothing can be shown of it"})
		return
	}
	if err != nil || !r.Ours() {
		t.Counts.Files--
		t.Counts.Foreign++
		return
	}
	of := early{path: path, camera: r.Summary().Camera, start: r.Summary().Start}
	switch _, known := t.first[of.camera]; {
	case t.only != "" && of.camera != t.only:
		t.Counts.Files--
	case known:
		t.judgeEarly(of)
	case len(t.early) < mostEarly:
		t.early = append(t.early, of)
	default:
		t.Counts.Early++
	}
}

// judgeEarly tells a file of a time before its camera's first chain from one whose seal is gone.
func (t *Trial) judgeEarly(f early) {
	if first, ok := t.first[f.camera]; !ok || f.start.Before(first) {
		t.Counts.Early++
		return
	}
	t.find(Finding{What: Unsealed, Camera: f.camera, Path: f.path, Text: ErrUnsealed.Error() + ", and is of a time when all had one"})
}

func whatOf(err error) string {
	switch {
	case errors.Is(err, ErrForged), errors.Is(err, ErrStranger), errors.Is(err, ErrMalformed):
		return Forged
	case errors.Is(err, ErrAltered):
		return Altered
	}
	return Unread
}

func cameraOf(s *Sealed) string {
	if s == nil {
		return ""
	}
	return s.Link.Camera
}

func runOf(s *Sealed) (r Run) {
	if s != nil {
		r = s.Link.Run
	}
	return r
}

func numberOf(s *Sealed) uint32 {
	if s == nil {
		return 0
	}
	return s.Link.Number
}
