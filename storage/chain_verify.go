package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/chain"
)

// VerifySpec says what is to be held against its seals. The zero value: everything, every byte.
type VerifySpec struct {
	Camera   camera.ID // "" for all
	From, To time.Time // of a camera: segments that have a part in [From, To); both or none
	Quick    bool      // look at seals and chains alone: what was changed inside a file is not found
	Keys     chain.Keys
	Anchors  []chain.End
	Progress func(chain.Counts) // called behind each folder, or each 100 files; nil for none
}

// Verdict is what Verify found.
type Verdict struct {
	chain.Counts
	Findings []chain.Finding // at most 10,000; More counts those beyond
	More     int
	Notices  []chain.Finding // what is there and no harm: copies
	Heads    []chain.End     // the end of each camera's chain that goes on, or went on last; of a span none
}

// Holds tells whether nothing was found.
func (v *Verdict) Holds() bool { return len(v.Findings) == 0 }

// Verify reads segments and holds them against their seals, and these against one another and against what was signed about
// deletions and runs. Without a span it looks at all files below the recordings, whatever they are called and whatever
// the index says; it may run beside a recorder. It holds one file's records at a time, and what grows with runs and
// with holes in chains. The error says that it could not be carried out.
func (s *Store) Verify(ctx context.Context, spec VerifySpec) (Verdict, error) {
	v, err := s.verify(ctx, spec)
	if err != nil {
		return Verdict{}, fmt.Errorf("verify recordings: %w", err)
	}
	return v, nil
}

func (s *Store) verify(ctx context.Context, spec VerifySpec) (v Verdict, err error) {
	if spec.Keys == nil {
		if spec.Keys, err = s.chainKeys(ctx); err != nil {
			return v, err
		}
	}
	w := verifying{ctx: ctx, store: s, spec: spec, trial: chain.NewTrial(spec.Keys, !spec.Quick, string(spec.Camera))}
	for _, a := range spec.Anchors {
		w.trial.Anchor(a)
	}
	// What is known of chains is read before the files, and what was deleted behind: so whatever is sealed or deleted
	// meanwhile is missed by nobody.
	notes, err := s.chainNotes(ctx)
	if err != nil {
		return v, err
	}
	for _, n := range notes {
		w.trial.Know(n)
	}
	if spec.From.IsZero() && spec.To.IsZero() {
		err = w.all()
	} else {
		err = w.span()
	}
	t := w.trial
	return Verdict{t.Counts, t.Findings, t.More, t.Notices, w.heads(notes)}, err
}

type verifying struct {
	ctx   context.Context
	store *Store
	spec  VerifySpec
	trial *chain.Trial
}

// deepest is how many folders below the recordings files are looked for: two, and what people make of them.
const deepest = 8

func (w *verifying) all() error {
	if err := w.folder("", 0); err != nil {
		return err
	}
	reg, err := w.store.registry(w.ctx, w.spec.Keys)
	if err != nil {
		return err
	}
	return w.trial.JudgeAll(reg)
}

func (w *verifying) folder(dir string, depth int) error {
	s := w.store
	entries, err := s.disk.ReadDir(filepath.Join(s.recordings, filepath.FromSlash(dir)))
	if errors.Is(err, fs.ErrNotExist) && dir != "" {
		return nil // retention took it meanwhile
	}
	if err = errors.Join(err, w.ctx.Err()); err != nil {
		return err
	}
	for _, entry := range entries {
		relative := strings.TrimPrefix(dir+"/"+entry.Name(), "/")
		switch {
		case entry.IsDir() && depth < deepest:
			err = w.folder(relative, depth+1)
		case entry.Type().IsRegular() && strings.HasSuffix(relative, segmentSuffix):
			_, err = w.take(relative)
		}
		if err = errors.Join(err, w.ctx.Err()); err != nil {
			return err
		}
	}
	if w.spec.Progress != nil {
		w.spec.Progress(w.trial.Counts)
	}
	return nil
}

// take has a file examined; there is false where it is gone.
func (w *verifying) take(relative string) (there bool, err error) {
	f, size, err := w.open(relative)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		w.trial.Unreadable(relative, err)
		return true, nil
	}
	defer f.Close()
	w.trial.Take(relative, stopping{f, w.ctx}, size)
	return true, w.ctx.Err()
}

func (w *verifying) open(relative string) (File, int64, error) {
	f, err := w.store.disk.Open(filepath.Join(w.store.recordings, filepath.FromSlash(relative)))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// stopping is a file whose reading ends with ctx.
type stopping struct {
	File
	ctx context.Context
}

func (f stopping) ReadAt(b []byte, at int64) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(b, at)
}

// span looks at a camera's segments that have a part in the span, as the index has them.
func (w *verifying) span() error {
	s := w.store
	rows, err := s.Segments(w.ctx, SegmentQuery{Camera: w.spec.Camera, From: w.spec.From, To: w.spec.To})
	if err != nil {
		return err
	}
	looked := make(map[int64]bool, len(rows))
	for i, r := range rows {
		if r.Volume != s.volume.ID {
			continue
		}
		looked[r.ID] = true
		there, err := w.take(r.Path)
		if err != nil {
			return err
		}
		if has, err := s.hasRow(w.ctx, r.Path); err == nil && has && !there {
			w.trial.Gone(r.Path, string(r.Camera))
		}
		if w.spec.Progress != nil && i%100 == 99 {
			w.spec.Progress(w.trial.Counts)
		}
	}
	if w.trial.Holes() { // what was sealed between them may be of another time
		if err := w.fill(looked); err != nil {
			return err
		}
	}
	reg, err := s.registry(w.ctx, w.spec.Keys)
	if err != nil {
		return err
	}
	return w.trial.Judge(reg)
}

// fill reads the seals of the camera's other segments.
func (w *verifying) fill(looked map[int64]bool) error {
	for last := int64(0); ; {
		page, err := w.store.listSegments(w.ctx, `camera = ? AND volume = ? AND id > ? ORDER BY id LIMIT ?`, w.spec.Camera, w.store.volume.ID, last, stockPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if last = r.ID; looked[r.ID] {
				continue
			}
			f, size, err := w.open(r.Path)
			if err != nil {
				continue // it is no answer, and nobody asked for it
			}
			if sealed, err := chain.Read(f, size, w.spec.Keys); err == nil {
				w.trial.Fill(sealed)
			}
			if err := errors.Join(f.Close(), w.ctx.Err()); err != nil {
				return err
			}
		}
	}
}

// heads are the last chains of cameras, as far as they were known when all was looked at.
func (w *verifying) heads(notes []chain.Notes) (heads []chain.End) {
	last := make(map[string]chain.End)
	for _, n := range notes {
		if w.spec.Camera == "" || n.Camera == string(w.spec.Camera) {
			end := n.Known
			end.Run, end.Camera, end.At = n.Run, n.Camera, utcMicros(w.store.now())
			if _, ok := last[n.Camera]; !ok {
				heads = append(heads, end)
			}
			last[n.Camera] = end
		}
	}
	for i := range heads {
		heads[i] = last[heads[i].Camera]
	}
	return heads
}

// chainNotes lists what is known of chains, in the order in which they began.
func (s *Store) chainNotes(ctx context.Context) (list []chain.Notes, err error) {
	rows, err := s.state.read.QueryContext(ctx, `SELECT camera, run, volume, begin, links, head, "end" FROM chains ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list chains: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n chain.Notes
		var run, head []byte
		var volume string
		if err := rows.Scan(&n.Camera, &run, &volume, &n.Begin, &n.Known.Number, &head, &n.End); err != nil {
			return nil, fmt.Errorf("list chains: %w", err)
		}
		copy(n.Run[:], run)
		copy(n.Known.Head[:], head)
		n.Apart = volume != s.volume.ID
		list = append(list, n)
	}
	return list, rows.Err()
}

// registry tells what was deleted until now, or is about to be.
type registry struct {
	ctx   context.Context
	store *Store
	keys  chain.Keys
	past  map[string]chain.End
	going map[string][]chain.Gone // by camera: deletions that are not done, at most a few batches
}

func (s *Store) registry(ctx context.Context, keys chain.Keys) (*registry, error) {
	past, err := s.pasts(ctx, keys)
	if err != nil {
		return nil, err
	}
	r := &registry{ctx: ctx, store: s, keys: keys, past: past, going: make(map[string][]chain.Gone)}
	list, err := s.deletions(ctx, `done IS NULL AND link IS NOT NULL ORDER BY id`)
	for _, d := range list {
		p := d.place
		r.going[string(d.Camera)] = append(r.going[string(d.Camera)], chain.Gone{Run: p.run, Camera: string(d.Camera),
			Stretch: chain.Stretch{First: p.number, Last: p.number, Previous: p.previous, Head: p.head}})
	}
	return r, err
}

// Gone implements chain.Registry.
func (r *registry) Gone(id string, run chain.Run) ([]chain.Gone, error) {
	list, err := r.store.tombstones(r.ctx, r.keys, id, run)
	for _, g := range r.going[id] {
		if g.Run == run {
			list = append(list, g)
		}
	}
	return chain.InOrder(list), err
}

// Past implements chain.Registry.
func (r *registry) Past(id string) (chain.End, bool) {
	end, ok := r.past[id]
	return end, ok
}
