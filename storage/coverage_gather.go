package storage

import (
	"context"
	"database/sql"
	"errors"

	"v720dvr/camera"
)

// A gathering reads the facts: the state first, since what is noted there goes when the index has it.
type gathering struct {
	facts
	present  present
	view     *View
	camera   camera.ID
	from, to int64
	noted    []pendingGap
	index    *sql.Tx
}

func (g *gathering) gather(ctx context.Context) (err error) {
	g.first, g.last, g.nextSegment, g.nextDeleted.from = never, never, never, never
	if err := g.gatherRuns(ctx); err != nil {
		return err
	}
	if g.noted, err = g.view.pending(ctx, g.camera); err != nil {
		return err
	}
	if err := g.gatherDeleted(ctx); err != nil {
		return err
	}
	if g.index, err = g.view.index.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		return err
	}
	defer g.index.Rollback()
	g.gatherOpen()
	return errors.Join(g.gatherSegments(ctx), g.gatherPending(ctx), g.gatherUnfinished(ctx))
}

func (g *gathering) gatherRuns(ctx context.Context) (err error) {
	if g.runs, err = g.view.runs(ctx); err != nil {
		return err
	}
	n := len(g.runs)
	if n == 0 {
		return nil
	}
	if last := &g.runs[n-1]; g.present.running && last.run == g.present.run {
		g.running, last.alive = true, g.present.at
	}
	g.now = g.runs[n-1].alive.UnixMicro()
	return nil
}

// begins notes when something of the camera begins.
func (g *gathering) begins(at int64) {
	g.first = min(g.first, at)
	if at <= g.now && (g.last == never || at > g.last) {
		g.last = at
	}
}

func (g *gathering) gatherDeleted(ctx context.Context) error {
	for _, table := range []struct {
		name string
		into *[]removal
	}{{"deletions", &g.deleted}, {"deletion_days", &g.deletedDays}} {
		rows, err := g.view.state.read.QueryContext(ctx, `SELECT start, "end", rule FROM `+table.name+` WHERE camera = ? AND "end" > ? AND start < ?`, g.camera, g.from, g.to)
		if err != nil {
			return err
		}
		if *table.into, err = scanRemovals(rows); err != nil {
			return err
		}
		var first, last sql.NullInt64
		err = g.view.state.read.QueryRowContext(ctx, `SELECT min(start), max(start) FILTER (WHERE start <= ?) FROM `+table.name+` WHERE camera = ?`,
			g.now, g.camera).Scan(&first, &last)
		if err != nil {
			return err
		}
		for _, at := range []sql.NullInt64{first, last} {
			if at.Valid {
				g.begins(at.Int64)
			}
		}
		next, err := g.view.state.read.QueryContext(ctx, `SELECT start, "end", rule FROM `+table.name+` WHERE camera = ? AND start >= ? ORDER BY start LIMIT 1`, g.camera, g.to)
		if err != nil {
			return err
		}
		behind, err := scanRemovals(next)
		if err != nil {
			return err
		}
		if len(behind) > 0 && behind[0].from < g.nextDeleted.from {
			g.nextDeleted = behind[0]
		}
	}
	return nil
}

func scanRemovals(rows *sql.Rows) (list []removal, err error) {
	defer rows.Close()
	for rows.Next() {
		var r removal
		var rule Rule
		if err := rows.Scan(&r.from, &r.to, &rule); err != nil {
			return nil, err
		}
		r.reason = rule.gap()
		list = append(list, r)
	}
	return list, rows.Err()
}

func (g *gathering) gatherSegments(ctx context.Context) error {
	inside, err := g.gatherGaps(ctx)
	if err != nil {
		return err
	}
	rows, err := g.index.QueryContext(ctx, `SELECT id, start, "end", frames, repaired, lost, missing FROM segments
		WHERE camera = ? AND "end" > ? AND start < ? AND start > ?`, g.camera, g.from, g.to, g.from-longest.Microseconds())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var s covered
		if err := rows.Scan(&id, &s.from, &s.to, &s.frames, &s.repaired, &s.lost, &s.missing); err != nil {
			return err
		}
		s.inside = inside[id]
		g.segments = append(g.segments, s)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	// Each of these is a look into the index segments_by_camera.
	for _, ask := range []struct {
		what string
		arg  int64
		take func(int64)
	}{
		{`min(start) FROM segments WHERE camera = ? AND start >= ?`, longAgo, g.begins},
		{`max(start) FROM segments WHERE camera = ? AND start <= ?`, g.now, g.begins},
		{`min(start) FROM segments WHERE camera = ? AND start >= ?`, g.to, func(at int64) { g.nextSegment = min(g.nextSegment, at) }},
	} {
		if at, ok, err := g.ask(ctx, ask.what, ask.arg); err != nil {
			return err
		} else if ok {
			ask.take(at)
		}
	}
	return nil
}

// ask asks the index for one time.
func (g *gathering) ask(ctx context.Context, what string, arg int64) (at int64, ok bool, err error) {
	var found sql.NullInt64
	err = g.index.QueryRowContext(ctx, `SELECT `+what, g.camera, arg).Scan(&found)
	return found.Int64, found.Valid, err
}

// gatherGaps reads the gaps that segments tell of; those inside, by segment, are returned too.
func (g *gathering) gatherGaps(ctx context.Context) (inside map[int64][]claim, err error) {
	rows, err := g.index.QueryContext(ctx, `SELECT segment, inside, "from", "to", reason FROM gaps WHERE camera = ? AND "to" > ? AND "from" < ?`, g.camera, g.from, g.to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	inside = make(map[int64][]claim)
	for rows.Next() {
		var segment int64
		var isInside bool
		c := claim{rank: isTold}
		if err := rows.Scan(&segment, &isInside, &c.from, &c.to, &c.reason); err != nil {
			return nil, err
		}
		if isInside {
			inside[segment] = append(inside[segment], c)
		}
		g.told = append(g.told, c)
	}
	return inside, rows.Err()
}
