package storage

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"
)

// A runSpan is a row of runs: a time through which v720dvr ran, on one reading of the wall clock.
type runSpan struct {
	id           int64
	run          [16]byte // zero: of several runs, joined
	begun, alive time.Time
}

// runs lists when v720dvr ran, in the order in which the rows began.
func (v *View) runs(ctx context.Context) ([]runSpan, error) {
	return listRuns(ctx, v.state.read)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func listRuns(ctx context.Context, db querier) (list []runSpan, err error) {
	rows, err := db.QueryContext(ctx, `SELECT id, run, begun, alive FROM runs ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r runSpan
		var run []byte
		var begun, alive int64
		if err := rows.Scan(&r.id, &run, &begun, &alive); err != nil {
			return nil, err
		}
		copy(r.run[:], run)
		r.begun, r.alive = time.UnixMicro(begun).UTC(), time.UnixMicro(alive).UTC()
		list = append(list, r)
	}
	return list, rows.Err()
}

// The rows of runs: a box that starts every day has three years in mostRuns. Beyond that they become
// keptRuns, of which the freshRuns that began last are as they were.
const (
	mostRuns  = 1000
	keptRuns  = 500
	freshRuns = 100
)

// joinRuns bounds the rows of runs.
func joinRuns(ctx context.Context, tx *sql.Tx) error {
	rows, err := listRuns(ctx, tx)
	if err != nil || len(rows) <= mostRuns {
		return err
	}
	left := joinSpans(rows[:len(rows)-freshRuns], keptRuns-freshRuns)
	if _, err := tx.ExecContext(ctx, `DELETE FROM runs WHERE id < ?`, rows[len(rows)-freshRuns].id); err != nil {
		return err
	}
	for _, r := range left {
		var run any
		if r.run != [16]byte{} {
			run = r.run[:]
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO runs (id, run, begun, alive, ended) VALUES (?, ?, ?, ?, 1)`,
			r.id, run, r.begun.UnixMicro(), r.alive.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// joinSpans joins rows over the shortest times between them until most are left: those of a program
// that was started again every few seconds go, a week without power stays. What is forgotten stands in
// the segments that were recorded behind it; where those are deleted, so is what it was about.
func joinSpans(rows []runSpan, most int) []runSpan {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b runSpan) int { return a.begun.Compare(b.begun) })
	between := make([]time.Duration, 0, len(rows)) // before each row but the first
	reached := rows[0].alive
	for _, r := range rows[1:] {
		between = append(between, r.begun.Sub(reached))
		if r.alive.After(reached) {
			reached = r.alive
		}
	}
	order := make([]int, len(between))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(between[a], between[b]) })
	closed := make([]bool, len(rows))
	for _, i := range order[:max(0, len(rows)-most)] {
		closed[i+1] = true
	}
	joined := rows[:0]
	for i, r := range rows {
		if !closed[i] {
			joined = append(joined, r)
			continue
		}
		last := &joined[len(joined)-1]
		if r.alive.After(last.alive) {
			last.alive = r.alive
		}
		if last.run != r.run {
			last.run = [16]byte{}
		}
		last.id = max(last.id, r.id)
	}
	return joined
}
