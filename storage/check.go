package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// Report is what Check found.
type Report struct {
	Segments int // rows of the mounted volume, each held against its file
	Foreign  int // .avi files that are not ours
	Left     int // .part files of earlier runs, and those given up
	Problems []Problem
}

// Problem is an invariant that does not hold.
type Problem struct {
	Invariant string // I1 … of the package comment
	Path      string // below recordings, or the database's name
	Text      string
}

func (p Problem) String() string { return fmt.Sprintf("%s %s: %s", p.Invariant, p.Path, p.Text) }

// Check tests the invariants of the package comment. It opens every segment of the volume, and
// reads its front and frame table; pictures it does not read. The error says that it could not
// be carried out, not that something is wrong. While segments are being committed its word on
// those is worth nothing.
func (s *Store) Check(ctx context.Context) (Report, error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return Report{}, ErrClosed
	}
	c := check{store: s, rows: make(map[string]SegmentRecord)}
	for name, db := range map[string]*database{stateFile: s.state, indexFile: s.index} {
		if err := c.database(ctx, name, db); err != nil {
			return Report{}, fmt.Errorf("check %s: %w", name, err)
		}
	}
	if len(c.report.Problems) > 0 {
		return c.report, nil // what a damaged database says can be held against nothing
	}
	rows, err := s.Segments(ctx, SegmentQuery{})
	if err != nil {
		return Report{}, err
	}
	for _, r := range rows {
		if r.Volume == s.volume.ID {
			c.rows[r.Path] = r
			c.report.Segments++
			c.row(r)
		}
	}
	if err := c.files(ctx); err != nil {
		return Report{}, fmt.Errorf("check recordings: %w", err)
	}
	return c.report, nil
}

type check struct {
	store  *Store
	rows   map[string]SegmentRecord
	report Report
}

func (c *check) problem(invariant, path, format string, args ...any) {
	c.report.Problems = append(c.report.Problems, Problem{invariant, path, fmt.Sprintf(format, args...)})
}

func (c *check) database(ctx context.Context, name string, db *database) error {
	var verdict string
	if err := db.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		c.problem("I6", name, "%s", verdict)
	}
	return nil
}

// row holds a row against its file and its folder.
func (c *check) row(r SegmentRecord) {
	folder, _, _ := strings.Cut(r.Path, "/")
	if owner, ok := c.store.folderOwner(folder); !ok || owner != r.Camera {
		c.problem("I5", r.Path, "folder %q belongs to camera %q, the row to %s", folder, owner, r.Camera)
	}
	path := c.store.Path(r)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.problem("I1", r.Path, "the file is gone")
		return
	case err != nil:
		c.problem("I1", r.Path, "%v", err)
		return
	case info.Size() != r.Bytes:
		c.problem("I1", r.Path, "the file has %d bytes, the row says %d", info.Size(), r.Bytes)
	}
	file, err := openSummary(path)
	if err != nil {
		c.problem("I4", r.Path, "%v", err)
		return
	}
	if !file.finished {
		c.problem("I4", r.Path, "the file was not finished")
	}
	said := newRecord(r.Volume, r.Path, file.sums)
	said.ID = r.ID
	if !reflect.DeepEqual(said, r) {
		c.problem("I4", r.Path, "the file says %+v, the row %+v", said, r)
	}
}

// files looks for segments without a row and parts that nobody writes.
func (c *check) files(ctx context.Context) error {
	s := c.store
	s.mu.Lock()
	open := make(map[string]bool, len(s.open))
	for segment := range s.open {
		open[segment.part] = false
	}
	s.mu.Unlock()
	err := filepath.WalkDir(s.recordings, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		relative, err := filepath.Rel(s.recordings, path)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		switch {
		case strings.HasSuffix(path, partSuffix):
			if _, ok := open[path]; ok {
				open[path] = true
				return nil
			}
			c.part(path, relative)
		case strings.HasSuffix(path, segmentSuffix):
			if _, ok := c.rows[relative]; !ok {
				c.withoutRow(path, relative)
			}
		}
		return nil
	})
	for path, found := range open {
		if !found {
			c.problem("I3", path, "the segment is open, its file is gone")
		}
	}
	return err
}

func (c *check) part(path, relative string) {
	c.store.mu.Lock()
	_, givenUp := c.store.givenUp[path]
	c.store.mu.Unlock()
	c.report.Left++
	if givenUp {
		return
	}
	if file, err := openSummary(path); err == nil && file.ours && file.sums.Run == c.store.run {
		c.problem("I3", relative, "a .part of this run that nobody writes")
	}
}

func (c *check) withoutRow(path, relative string) {
	file, err := openSummary(path)
	if err != nil || !file.ours {
		c.report.Foreign++
		return
	}
	c.problem("I2", relative, "a segment of camera %s without a row", camera.ID(file.sums.Camera))
}

type fileSummary struct {
	sums           avi.Summary
	ours, finished bool
}

func openSummary(path string) (fileSummary, error) {
	f, err := os.Open(path)
	if err != nil {
		return fileSummary{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fileSummary{}, err
	}
	r, err := avi.Open(f, info.Size())
	if err != nil {
		return fileSummary{}, err
	}
	return fileSummary{sums: r.Summary(), ours: r.Ours(), finished: r.Finished()}, nil
}
