package storage

import (
	"context"
	"fmt"
	"math"
	"time"

	"v720dvr/camera"
)

// ThinPlan is what a step would thin of a camera now.
type ThinPlan struct {
	Camera camera.ID
	Step   ThinStep
	Tally        // segments that are due, and their bytes now
	Frees  int64 // bytes, about: by the mean size of each segment's pictures
}

// PlanThin says what Thin would do now, about: for an exact answer every frame table would have to be read. Nothing is
// thinned. What keeps hold is left out, and so is what would not become smaller by the twentieth part.
func (s *Store) PlanThin(ctx context.Context, rules ThinRules) (list []ThinPlan, err error) {
	ids, err := listColumn[camera.ID](ctx, s.index, `SELECT DISTINCT camera FROM folders ORDER BY camera`)
	if err != nil {
		return nil, fmt.Errorf("plan thinning: %w", err)
	}
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return nil, fmt.Errorf("plan thinning: %w", err)
	}
	for _, id := range ids {
		of := rules.camera(id)
		for i, step := range of.Steps {
			behind := int64(math.MinInt64)
			if i+1 < len(of.Steps) {
				behind = s.now().Add(-of.Steps[i+1].After).UnixMicro()
			}
			plan, err := s.planStep(ctx, id, of, step, behind, kept)
			if err != nil {
				return nil, fmt.Errorf("plan thinning of camera %s: %w", id, err)
			}
			if plan.Segments > 0 {
				list = append(list, plan)
			}
		}
	}
	return list, nil
}

// A thinCandidate is a segment that is due, as its row tells.
type thinCandidate struct {
	start, end     int64
	bytes, samples int64
	frames         int64
}

func (s *Store) planStep(ctx context.Context, id camera.ID, of CameraThin, step ThinStep, behind int64, kept Kept) (plan ThinPlan, err error) {
	plan = ThinPlan{Camera: id, Step: step}
	rows, err := s.index.read.QueryContext(ctx, `SELECT start, "end", bytes, samples, frames FROM segments
		WHERE camera = ? AND passed > ? AND volume = ? AND "end" <= ? AND "end" > ? ORDER BY start`,
		id, step.rate(), s.volume.ID, s.now().Add(-step.After).UnixMicro(), behind)
	if err != nil {
		return plan, err
	}
	defer rows.Close()
	var due []thinCandidate
	for rows.Next() {
		var c thinCandidate
		if err := rows.Scan(&c.start, &c.end, &c.bytes, &c.samples, &c.frames); err != nil {
			return plan, err
		}
		if !kept.has(id, c.start, c.end) {
			due = append(due, c)
		}
	}
	if err := rows.Err(); err != nil || len(due) == 0 {
		return plan, err
	}
	whole, open, err := s.eventSpans(ctx, id, time.UnixMicro(due[0].start), time.UnixMicro(due[len(due)-1].end), of)
	if err != nil {
		return plan, err
	}
	for _, c := range due {
		for len(whole) > 0 && whole[0].to <= c.start {
			whole = whole[1:]
		}
		frees := c.frees(whole, step)
		if open < c.end || float64(frees) < worthThinning*float64(c.bytes) {
			continue
		}
		plan.add(time.UnixMicro(c.start).UTC(), time.UnixMicro(c.end).UTC(), c.bytes)
		plan.Frees += frees
	}
	return plan, nil
}

// frees is how many bytes a step takes out, about. whole are spans at full rate, from the segment's start on.
func (c *thinCandidate) frees(whole []span, step ThinStep) int64 {
	length := c.end - c.start
	if length <= 0 || c.frames <= 0 {
		return 0
	}
	spared := int64(0)
	for _, s := range whole {
		if s.from >= c.end {
			break
		}
		spared += max(min(s.to, c.end)-max(s.from, c.start), 0)
	}
	rate := float64(c.frames) * 1e6 / float64(length)
	share := (1 - float64(spared)/float64(length)) * (1 - min(1, step.FPS/rate))
	frees := int64(float64(c.bytes-c.samples) * share)
	if step.Silent {
		frees += c.samples
	}
	return frees
}
