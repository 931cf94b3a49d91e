package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
)

// row holds a row against its file and its folder.
func (a *audit) row(ctx context.Context, r SegmentRecord, listed bool) error {
	s := a.store
	folder, _, _ := strings.Cut(r.Path, "/")
	if _, owned := s.folderOwner(folder); !owned && isPlace(r.Path) {
		a.problem(ctx, Problem{Invariant: "I5", Path: r.Path, Text: fmt.Sprintf("folder %q belongs to nobody", folder),
			Remedy: "it is noted as camera " + string(r.Camera) + "'s"}, func(ctx context.Context) error {
			_, err := s.claimFolder(ctx, folder, r.Camera)
			return err
		})
	}
	name := s.Path(r)
	info, err := s.disk.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.gone = append(a.gone, goneRow{r.ID, r.Path})
		return nil
	case err != nil:
		a.problem(ctx, Problem{Invariant: "I1", Path: r.Path, Text: err.Error()}, nil)
		return nil
	case info.Size() != r.Bytes:
		a.report.again = true // files may have changed places
		a.problem(ctx, Problem{Invariant: "I1", Path: r.Path, Text: fmt.Sprintf("the file has %d bytes, the row says %d", info.Size(), r.Bytes),
			Remedy: rewritten}, func(ctx context.Context) error { return s.rewriteRow(ctx, r) })
	}
	if a.deep {
		a.content(ctx, r, name)
	}
	return ctx.Err()
}

const rewritten = "its row is written again, from what the file says"

// content holds a row against what its file says.
func (a *audit) content(ctx context.Context, r SegmentRecord, name string) {
	s := a.store
	said, err := s.readSegment(name, true)
	if err != nil {
		a.problem(ctx, Problem{Invariant: "I4", Path: r.Path, Text: err.Error()}, nil)
		return
	}
	if !said.finished {
		a.problem(ctx, Problem{Invariant: "I4", Path: r.Path, Text: "the file has no frame table: it was cut or damaged",
			Remedy: "it is finished in place: a torn end is cut off, index and frame table are written"},
			func(ctx context.Context) error { return s.finishSegment(ctx, r) })
		return
	}
	record := newRecord(r.Volume, r.Path, said.sums)
	record.ID = r.ID
	if !reflect.DeepEqual(record, r) {
		a.problem(ctx, Problem{Invariant: "I4", Path: r.Path, Text: fmt.Sprintf("the file says %+v, the row %+v", record, r), Remedy: rewritten},
			func(ctx context.Context) error { return s.rewriteRow(ctx, r) })
		return
	}
	var events int
	err = s.index.read.QueryRowContext(ctx, `SELECT count(*) FROM events WHERE segment = ?`, r.ID).Scan(&events)
	if err == nil && events != len(said.events) {
		a.problem(ctx, Problem{Invariant: "I4", Path: r.Path, Text: fmt.Sprintf("the file tells of %d events, the index of %d", len(said.events), events), Remedy: rewritten},
			func(ctx context.Context) error { return s.rewriteRow(ctx, r) })
		return
	}
	var seconds []byte // a row of an early version has none, until Rescan fills them in
	err = s.index.read.QueryRowContext(ctx, `SELECT seconds FROM levels WHERE segment = ?`, r.ID).Scan(&seconds)
	if err == nil && !bytes.Equal(seconds, said.levels.Append(nil)) {
		a.problem(ctx, Problem{Invariant: "I4", Path: r.Path, Text: "the file tells of other levels than the index", Remedy: rewritten},
			func(ctx context.Context) error { return s.rewriteRow(ctx, r) })
	}
}
