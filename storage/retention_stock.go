package storage

import (
	"context"
	"fmt"
	"iter"
	"time"

	"v720dvr/camera"
)

// stock looks up what there is on the mounted volume: microseconds, however many segments there are.
func (s *Store) stock(ctx context.Context, rules Rules) (stock, error) {
	have := stock{
		volume: s.volume.ID,
		of: func(id camera.ID) iter.Seq2[candidate, error] {
			return s.candidates(ctx, `camera = ? AND +volume = ?`, id, s.volume.ID)
		},
		all: s.candidates(ctx, `volume = ?`, s.volume.ID),
	}
	if waits := s.waits.Load(); waits != nil {
		have.waits = func(c candidate) bool { return (*waits)(c.camera, c.id, time.UnixMicro(c.start), c.end) }
	}
	var err error
	if have.kept, err = s.Kept(ctx, s.now()); err != nil {
		return have, err
	}
	if rules.MinFree > 0 {
		space, err := s.Space()
		if err != nil {
			return have, err
		}
		have.short = rules.MinFree - space.Free
	}
	if have.cameras, err = s.cameraStocks(ctx); err != nil {
		return have, fmt.Errorf("list cameras with segments: %w", err)
	}
	if have.shown, err = s.shownFor(ctx, rules, have.cameras); err != nil {
		return have, err
	}
	sizes, err := s.sizes(ctx)
	if err != nil {
		return have, fmt.Errorf("look up sizes of segments: %w", err)
	}
	for i := range have.cameras {
		of := &have.cameras[i]
		of.bytes = sizes[of.id]
		have.footage += of.bytes
	}
	s.mu.Lock()
	open := s.openSegments()
	s.mu.Unlock()
	for _, segment := range open {
		for i := range have.cameras {
			if of := &have.cameras[i]; of.id == segment.spec.Camera {
				of.bytes += segment.Size()
			}
		}
	}
	return have, nil
}

// cameraStocks lists the cameras that have a segment on the volume, with the newest of each. (The
// plus keeps SQLite from the index by volume, in which one camera's rows lie far apart.)
func (s *Store) cameraStocks(ctx context.Context) ([]cameraStock, error) {
	ids, err := listColumn[camera.ID](ctx, s.index, `SELECT DISTINCT camera FROM folders ORDER BY camera`)
	if err != nil {
		return nil, err
	}
	var list []cameraStock
	for _, id := range ids {
		newest, err := s.page(ctx, `camera = ? AND +volume = ? ORDER BY start DESC, id DESC LIMIT 1`, id, s.volume.ID)
		if err != nil {
			return nil, err
		}
		if len(newest) > 0 {
			list = append(list, cameraStock{id: id, newest: newest[0]})
		}
	}
	return list, nil
}

// sizes are the bytes of each camera's committed segments on the volume, which the index keeps summed up.
func (s *Store) sizes(ctx context.Context) (map[camera.ID]int64, error) {
	rows, err := s.index.read.QueryContext(ctx, `SELECT camera, bytes FROM totals WHERE volume = ?`, s.volume.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sizes := make(map[camera.ID]int64)
	for rows.Next() {
		var id camera.ID
		var bytes int64
		if err := rows.Scan(&id, &bytes); err != nil {
			return nil, err
		}
		sizes[id] = bytes
	}
	return sizes, rows.Err()
}

// stockPage is how many segments a query of candidates reads at once. Between two of them no
// snapshot is held: a long one would let the WAL grow.
const stockPage = 256

// candidates lists segments by their place, page by page. Rows of a page that was read may go.
func (s *Store) candidates(ctx context.Context, where string, args ...any) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		last := place{start: -1 << 63}
		for {
			page, err := s.page(ctx, where+` AND (start, id) > (?, ?) ORDER BY start, id LIMIT ?`,
				append(args[:len(args):len(args)], last.start, last.id, stockPage)...)
			if err != nil {
				yield(candidate{}, fmt.Errorf("list segments: %w", err))
				return
			}
			for _, c := range page {
				if !yield(c, nil) {
					return
				}
				last = c.place
			}
			if len(page) < stockPage {
				return
			}
		}
	}
}

func (s *Store) page(ctx context.Context, where string, args ...any) ([]candidate, error) {
	rows, err := s.index.read.QueryContext(ctx, `SELECT id, camera, path, start, "end", bytes FROM segments WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []candidate
	for rows.Next() {
		var c candidate
		var end int64
		if err := rows.Scan(&c.id, &c.camera, &c.path, &c.start, &end, &c.bytes); err != nil {
			return nil, err
		}
		c.end = time.UnixMicro(end).UTC()
		page = append(page, c)
	}
	return page, rows.Err()
}

// listColumn reads a query of one column.
func listColumn[T any](ctx context.Context, db *database, query string, args ...any) ([]T, error) {
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		var value T
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, rows.Err()
}
