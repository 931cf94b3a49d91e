package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// TileBuckets is how many buckets a tile has.
const TileBuckets = 1024

// TileLevels are the lengths of a bucket that tiles come in.
func TileLevels() []time.Duration {
	return []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour}
}

// Tile is TileBuckets buckets of a camera's time, for a timeline. The first bucket of tile number n begins
// n × TileBuckets × the level after 1970 UTC. A bucket is four bytes: the largest motion and the largest
// sound of its seconds, the share of it with pictures, and the flags of all (avi.Level).
type Tile struct {
	Buckets [TileBuckets]avi.Level
	// Open tells that a segment which is being written has a part in it: the next second it is another.
	Open bool
}

// Append appends the buckets, four bytes each.
func (t *Tile) Append(dst []byte) []byte {
	for _, b := range t.Buckets {
		dst = append(dst, b.Motion, b.Sound, b.Coverage, byte(b.Flags))
	}
	return dst
}

// TileSpan is the time of a tile: the first moment in it, and the first behind it. ErrMalformed: there is no such
// level, or no such tile.
func TileSpan(level time.Duration, number int64) (from, to time.Time, err error) {
	for _, known := range TileLevels() {
		if known == level {
			const farthest = 1 << 33 // seconds: the year 2242
			length := int64(level/time.Second) * TileBuckets
			if number < 0 || number >= farthest/length {
				return from, to, fmt.Errorf("%w: no tile %d of %v", ErrMalformed, number, level)
			}
			return time.Unix(number*length, 0).UTC(), time.Unix((number+1)*length, 0).UTC(), nil
		}
	}
	return from, to, fmt.Errorf("%w: no tiles of %v", ErrMalformed, level)
}

// Tile makes a tile of a camera from its committed segments. level is one of TileLevels; ErrMalformed
// otherwise. What retention deletes, and what comes late from a disk that failed, is another tile from
// then on: none stays for ever.
func (v *View) Tile(ctx context.Context, id camera.ID, level time.Duration, number int64) (Tile, error) {
	return v.tile(ctx, id, level, number, nil)
}

// Tile is View.Tile of the running recorder: it knows the segments that are open.
func (s *Store) Tile(ctx context.Context, id camera.ID, level time.Duration, number int64) (Tile, error) {
	return s.tile(ctx, id, level, number, s.openLevels(id))
}

func (v *View) tile(ctx context.Context, id camera.ID, level time.Duration, number int64, open []openLevels) (Tile, error) {
	from, to, err := TileSpan(level, number)
	if err != nil {
		return Tile{}, err
	}
	p := newPool(from.Unix(), int64(level/time.Second))
	tx, err := v.index.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Tile{}, fmt.Errorf("make a tile: %w", err)
	}
	defer tx.Rollback()
	if err := p.addCommitted(ctx, tx, id, from, to); err != nil {
		return Tile{}, fmt.Errorf("make a tile: %w", err)
	}
	for _, o := range open {
		if !p.touches(o.levels, 1) {
			continue
		}
		// It may have been committed since it was asked: then it has been added.
		var entered bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM segments WHERE volume = ? AND path = ?)`, o.volume, o.path).Scan(&entered); err != nil {
			return Tile{}, fmt.Errorf("make a tile: %w", err)
		}
		if p.open = true; !entered {
			p.add(o.levels, 1)
		}
	}
	return p.tile(), nil
}

// openLevels are those of a segment that is being written.
type openLevels struct {
	volume, path string // that it is to have
	levels       avi.Levels
}

func (s *Store) openLevels(id camera.ID) (list []openLevels) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.openSegments() {
		if path, err := s.intentOf(g.Path()); err == nil && g.spec.Camera == id && g.spec.source == "" {
			list = append(list, openLevels{s.volume.ID, path, g.avi.Levels()})
		}
	}
	return list
}

// insertLevels writes a segment's levels, within the transaction that writes its row.
func insertLevels(ctx context.Context, tx *sql.Tx, segment int64, l avi.Levels) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO levels (segment, seconds) VALUES (?, ?)`, segment, l.Append(nil)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO levels_by_minute (segment, minutes) VALUES (?, ?)`, segment, byMinute(l).Append(nil))
	return err
}

// readLevels reads the levels of a finished segment's file; of an early version's file all but its sound.
func readLevels(f File, size int64) (avi.Levels, error) {
	l, err := avi.ReadLevels(f, size)
	if err == nil {
		return l, nil
	}
	r, err := avi.Open(f, size)
	if err != nil {
		return avi.Levels{}, err
	}
	return r.Levels(), nil
}
