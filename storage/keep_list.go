package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"v720dvr/camera"
)

// KeepQuery asks for a page of the keeps that overlap [From, To), by their From. Its Kind says nothing.
type KeepQuery PageQuery

// Held is what keeps hold of what is committed: whole segments, since those are kept or not.
type Held struct {
	Segments int
	Bytes    int64
	Length   time.Duration // of the segments' time
}

// Keeps lists keeps with what they hold, such as are over too: Keep.Holds tells. What two of them hold
// counts for both.
func (v *View) Keeps(ctx context.Context, q KeepQuery) ([]Keep, error) {
	list, err := page(PageQuery(q), func(id camera.ID) ([]Keep, error) {
		w := PageQuery(q).where(id, `"from"`)
		if !q.From.IsZero() {
			w.and(`"to" > ?`, q.From.UnixMicro())
		}
		return v.listKeeps(ctx, w.text+PageQuery(q).order(`"from"`), w.args...)
	}, func(k Keep) Place { return Place{k.From, k.ID} })
	for i := 0; err == nil && i < len(list); i++ {
		list[i].Held, err = v.held(ctx, list[i])
	}
	if err != nil {
		return nil, fmt.Errorf("list keeps: %w", err)
	}
	return list, nil
}

// FindKeep finds a keep, with what it holds. ErrUnknown, wrapped, without one.
func (v *View) FindKeep(ctx context.Context, id int64) (k Keep, err error) {
	list, err := v.listKeeps(ctx, `id = ?`, id)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err == nil {
		k = list[0]
		k.Held, err = v.held(ctx, k)
	}
	if err != nil {
		return Keep{}, fmt.Errorf("find keep %d: %w", id, err)
	}
	return k, nil
}

func (v *View) listKeeps(ctx context.Context, where string, args ...any) ([]Keep, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT id, camera, "from", "to", note, until, who, made FROM keeps WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Keep
	for rows.Next() {
		var k Keep
		var from, to, made int64
		var until sql.NullInt64
		if err := rows.Scan(&k.ID, &k.Camera, &from, &to, &k.Note, &until, &k.Who, &made); err != nil {
			return nil, err
		}
		k.From, k.To, k.Made = time.UnixMicro(from).UTC(), time.UnixMicro(to).UTC(), time.UnixMicro(made).UTC()
		k.Until = fromMicros(until)
		list = append(list, k)
	}
	return list, rows.Err()
}

// held looks up what a keep holds, in force or not, on whichever volume.
func (v *View) held(ctx context.Context, k Keep) (Held, error) {
	in := span{k.From.UnixMicro(), k.To.UnixMicro()}
	return scanHeld(v.index.read.QueryRowContext(ctx, heldQuery, in.heldArgs(k.Camera, -1<<63)...))
}

// Held is what all keeps that are in force hold on the volume, each segment counted once.
func (s *Store) Held(ctx context.Context) (all Held, err error) {
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return Held{}, err
	}
	sum, err := s.index.read.PrepareContext(ctx, heldQuery+` AND +volume = ?`) // once for what may be 10,000
	if err != nil {
		return Held{}, fmt.Errorf("look up what is kept: %w", err)
	}
	defer sum.Close()
	for id, spans := range kept.of {
		counted := int64(-1 << 63)
		for _, one := range spans {
			held, err := scanHeld(sum.QueryRowContext(ctx, append(one.heldArgs(id, counted), s.volume.ID)...))
			if err != nil {
				return Held{}, fmt.Errorf("look up what is kept: %w", err)
			}
			all.Segments, all.Bytes, all.Length = all.Segments+held.Segments, all.Bytes+held.Bytes, all.Length+held.Length
			counted = one.to // what began before it and overlaps the next span has been counted
		}
	}
	return all, nil
}

// heldQuery sums a camera's segments that overlap a span (Kept.has says the same) and begin no earlier than
// a moment.
const heldQuery = `SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum("end" - start), 0) FROM segments
	WHERE camera = ? AND start >= ? AND start < ? AND max("end", start + 1) > ?`

func (in span) heldArgs(id camera.ID, begin int64) []any {
	return []any{id, max(begin, in.from-longest.Microseconds()), in.to, in.from}
}

func scanHeld(row *sql.Row) (h Held, err error) {
	var micros int64
	err = row.Scan(&h.Segments, &h.Bytes, &micros)
	h.Length = time.Duration(micros) * time.Microsecond
	return h, err
}
