package storage

import (
	"context"
	"database/sql"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A pool puts levels into the buckets of a tile. Segments that overlap, since the clock was set back,
// cover a bucket once.
type pool struct {
	from, step int64 // seconds since 1970, and of a bucket
	unit       int64 // seconds of what is added
	buckets    [TileBuckets]avi.Level
	covered    [TileBuckets]uint32 // sums of what the units in it are covered
	open       bool
}

func newPool(from, step int64) *pool {
	p := &pool{from: from, step: step, unit: 1}
	if step > minute {
		p.unit = minute
	}
	return p
}

const minute = 60

// floor divides, down.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// byMinute pools seconds: largest motion and sound, mean coverage, all flags.
func byMinute(l avi.Levels) avi.Levels {
	m := avi.Levels{First: floor(l.First, minute)}
	n := floor(l.First+int64(len(l.Seconds))-1, minute) - m.First + 1
	if len(l.Seconds) == 0 {
		n = 0
	}
	covered := make([]uint32, n)
	m.Seconds = make([]avi.Level, n)
	for i, s := range l.Seconds {
		at := floor(l.First+int64(i), minute) - m.First
		merge(&m.Seconds[at], s)
		covered[at] += uint32(s.Coverage)
	}
	for i := range m.Seconds {
		m.Seconds[i].Coverage = share(covered[i], minute)
	}
	return m
}

func merge(into *avi.Level, l avi.Level) {
	into.Motion = max(into.Motion, l.Motion)
	into.Sound = max(into.Sound, l.Sound)
	into.Flags |= l.Flags
}

// share is the mean coverage of n units; a little is not nothing.
func share(sum uint32, n int64) uint8 {
	if sum == 0 {
		return 0
	}
	return uint8(min(255, max(1, (int64(sum)+n/2)/n)))
}

// touches tells whether levels of a unit of so many seconds have a part in the tile.
func (p *pool) touches(l avi.Levels, unit int64) bool {
	return l.First*unit < p.from+TileBuckets*p.step && (l.First+int64(len(l.Seconds)))*unit > p.from
}

// add adds levels of a unit of so many seconds: that of the pool, or of one second.
func (p *pool) add(l avi.Levels, unit int64) {
	if unit != p.unit {
		l = byMinute(l)
	}
	for i, s := range l.Seconds {
		at := (l.First + int64(i)) * p.unit
		if b := floor(at-p.from, p.step); b >= 0 && b < TileBuckets {
			merge(&p.buckets[b], s)
			p.covered[b] += uint32(s.Coverage)
		}
	}
}

func (p *pool) addCommitted(ctx context.Context, tx *sql.Tx, id camera.ID, from, to time.Time) error {
	query := `SELECT l.seconds FROM segments s JOIN levels l ON l.segment = s.id`
	if p.unit == minute {
		query = `SELECT l.minutes FROM segments s JOIN levels_by_minute l ON l.segment = s.id`
	}
	// The end of a segment stands in its row alone, which is not looked at: the index on the start leads past it.
	rows, err := tx.QueryContext(ctx, query+` WHERE s.camera = ? AND s.start < ? AND s.start > ?`, id, to.UnixMicro(), from.Add(-longest).UnixMicro())
	if err != nil {
		return err
	}
	defer rows.Close()
	var blob sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&blob); err != nil {
			return err
		}
		if l, ok := avi.ParseLevels(blob); ok {
			p.add(l, p.unit)
		}
	}
	return rows.Err()
}

func (p *pool) tile() Tile {
	for i := range p.buckets {
		p.buckets[i].Coverage = share(p.covered[i], p.step/p.unit)
	}
	return Tile{Buckets: p.buckets, Open: p.open}
}
