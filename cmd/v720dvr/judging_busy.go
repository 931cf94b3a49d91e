package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/web"
)

// Busy counts how often each cell changed, by the track alone: pictures that nobody looked at are many hours of
// work, and do not count (web.Judges).
func (b *box) Busy(ctx context.Context, q web.BusyQuery) (web.Busy, error) {
	refs, err := b.reels(ctx, q.Camera, q.From, q.To)
	if err != nil {
		return web.Busy{}, err
	}
	turn, err := b.pace.begin(ctx)
	if err != nil {
		return web.Busy{}, err
	}
	defer turn.end()
	busy := motion.Busy{Sensitivity: cmp.Or(q.Sensitivity, b.motionOf(q.Camera).Sensitivity)}
	told := web.Busy{Shares: []float64{}, Zones: []web.MotionZone{}}
	for _, ref := range refs {
		f, err := b.store.OpenFootage(ctx, ref)
		var r *footageFile
		if err == nil {
			r, err = openedFootage(f)
		}
		if errors.Is(err, storage.ErrNoFootage) || errors.Is(err, storage.ErrUnknown) || errors.Is(err, avi.ErrNotAVI) {
			told.Missing++
			continue
		}
		if err != nil {
			return web.Busy{}, fmt.Errorf("look where camera %s is busy: %w", q.Camera, err)
		}
		err = countBusy(ctx, r, q, turn, &busy)
		if err := errors.Join(err, r.close()); err != nil {
			return web.Busy{}, fmt.Errorf("look where camera %s is busy: %w", q.Camera, err)
		}
	}
	told.Width, told.Height, told.Frames = busy.Width, busy.Height, busy.Frames
	for _, share := range busy.Shares() {
		told.Shares = append(told.Shares, rounded(share, 3))
	}
	for _, z := range busy.Propose(q.Above) {
		zone := web.MotionZone{Kind: string(z.Kind)}
		for _, p := range z.Points {
			zone.Points = append(zone.Points, [2]float64{rounded(p.X, 4), rounded(p.Y, 4)})
		}
		told.Zones = append(told.Zones, zone)
	}
	return told, nil
}

// countBusy counts the frames of a file that somebody looked at.
func countBusy(ctx context.Context, r *footageFile, q web.BusyQuery, turn *turn, busy *motion.Busy) error {
	if !r.tracked(q.From, q.To) {
		return nil
	}
	var change motion.Change
	for _, frame := range r.Track() {
		if frame.Lost || frame.At.Before(q.From) || !frame.At.Before(q.To) {
			continue
		}
		if err := turn.pause(ctx); err != nil {
			return err
		}
		if change.DecodeTrack(frame.Cells) == nil { // what cannot be read says nothing
			busy.Step(&change)
		}
	}
	return nil
}
