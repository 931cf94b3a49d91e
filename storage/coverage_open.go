package storage

import (
	"context"
	"path"
	"time"
)

// gatherOpen takes the segments that are being written.
func (g *gathering) gatherOpen() {
	for _, o := range g.present.open {
		start := o.spec.Start.UnixMicro()
		g.begins(start)
		if start >= g.to {
			g.nextSegment = min(g.nextSegment, start)
		}
		open := covered{stretch: stretch{start, max(start, g.present.at.UnixMicro())}}
		for _, gap := range o.inside {
			open.inside = append(open.inside, claim{gap.From.UnixMicro(), gap.To.UnixMicro(), isTold, gap.Reason})
		}
		g.told = append(g.told, open.inside...)
		g.segments = append(g.segments, open)
		for _, gap := range o.spec.Gaps {
			c := claim{gap.From.UnixMicro(), start, isTold, gap.Reason}
			if !gap.To.IsZero() {
				c.to = min(c.to, gap.To.UnixMicro())
			}
			g.told = append(g.told, c)
		}
	}
}

// gatherPending takes what was noted. A segment that began since then tells of it itself; so each gap
// reaches no further than to that one's start, and nothing counts twice.
func (g *gathering) gatherPending(ctx context.Context) error {
	for _, p := range g.noted {
		c := claim{p.From.UnixMicro(), p.To.UnixMicro(), isTold, p.Reason}
		g.first = min(g.first, c.from)
		if p.To.IsZero() {
			c.to, c.rank = g.reached(p.run), isPending
		}
		next, ok, err := g.ask(ctx, `min(start) FROM segments WHERE camera = ? AND start >= ?`, c.from)
		if err != nil {
			return err
		}
		if ok {
			c.to = min(c.to, next)
		}
		for _, o := range g.present.open {
			if start := o.spec.Start.UnixMicro(); start >= c.from {
				c.to = min(c.to, start)
			}
		}
		if c.rank == isPending {
			g.pending = append(g.pending, c)
		} else {
			g.told = append(g.told, c)
		}
	}
	return nil
}

// reached is how far a run came, in µs. Where its clock was set back that is how far it had come before: what is
// missing now was missing then, or there is a segment.
func (g *gathering) reached(run [16]byte) int64 {
	to := int64(longAgo)
	for i := len(g.runs) - 1; i >= 0; i-- {
		if r := g.runs[i]; r.run == run && (to == longAgo || r.begun.UnixMicro() <= to) {
			to = max(to, r.alive.UnixMicro())
		}
	}
	return to
}

// gatherUnfinished takes the segments that have an intent and are not open: their names tell their
// start, to the second. What they hold and tell lies between the starts of their neighbours.
func (g *gathering) gatherUnfinished(ctx context.Context) error {
	paths, err := g.intents(ctx)
	if err != nil {
		return err
	}
	for _, p := range paths {
		start, ok := startOf(p)
		if !ok || g.isOpen(p) {
			continue
		}
		u := stretch{start, g.now}
		if before, ok, err := g.ask(ctx, `max(start) FROM segments WHERE camera = ? AND start <= ?`, start); err != nil {
			return err
		} else if ok {
			u.from = before
		}
		if behind, ok, err := g.ask(ctx, `min(start) FROM segments WHERE camera = ? AND start > ?`, start+time.Second.Microseconds()); err != nil {
			return err
		} else if ok {
			u.to = behind
		}
		g.begins(start)
		g.unfinished = append(g.unfinished, u)
		for i := range g.pending {
			if c := &g.pending[i]; start >= c.from {
				c.to = min(c.to, start)
			}
		}
	}
	return nil
}

func (g *gathering) intents(ctx context.Context) (paths []string, err error) {
	rows, err := g.index.QueryContext(ctx, `SELECT w.path FROM writing w JOIN folders f ON f.name = substr(w.path, 1, instr(w.path, '/') - 1) WHERE f.camera = ?`, g.camera)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, rows.Err()
}

func (g *gathering) isOpen(path string) bool {
	for _, o := range g.present.open {
		if o.path == path {
			return true
		}
	}
	return false
}

// startOf is the start that a segment's name tells.
func startOf(file string) (start int64, ok bool) {
	const length = len("2006-01-02T15-04-05-0700")
	name := path.Base(file)
	if len(name) < length {
		return 0, false
	}
	at, err := time.Parse(nameLayout, name[:length])
	return at.UnixMicro(), err == nil
}
