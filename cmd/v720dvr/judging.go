package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/web"
)

// What one request has judged again beside recording, at most.
const (
	mostPictures       = 30 * time.Minute // of footage: 18,000 pictures at 10 a second, some seconds of work
	mostReplayedFrames = 36_000           // that are told one by one: an hour, 3 MB
	mostReplayedEvents = 10_000           // 3 MB
)

// Replay judges a camera's footage of a span again (web.Judges).
func (b *box) Replay(ctx context.Context, q web.ReplayQuery) (web.Replay, error) {
	now := b.motionOf(q.Camera)
	settings, err := tried(now, q.Settings)
	if err != nil {
		return web.Replay{}, err
	}
	refs, err := b.reels(ctx, q.Camera, q.From.Add(-learns), q.To)
	if err != nil {
		return web.Replay{}, err
	}
	t := newRetrial(settings, &now, q.From, q.To)
	t.pictures, t.frames = q.Pictures, q.Frames
	t.most, t.mostFrames, t.mostEvents = mostPictures, mostReplayedFrames, mostReplayedEvents
	if t.turn, err = b.pace.begin(ctx); err != nil {
		return web.Replay{}, err
	}
	defer t.turn.end()
	for _, ref := range refs {
		if err := t.reel(ctx, b.store, ref); err != nil {
			return web.Replay{}, fmt.Errorf("judge footage of camera %s again: %w", q.Camera, err)
		}
	}
	return t.end(), nil
}

func (b *box) motionOf(id camera.ID) config.Motion { return b.config.Load().Config.Camera(id).Motion }

// reel judges a segment of the store's. One that has gone meanwhile, or is no film, is counted.
func (t *retrial) reel(ctx context.Context, store *storage.Store, ref storage.FootageRef) error {
	if err := t.wait(ctx); err != nil {
		return err
	}
	f, err := store.OpenFootage(ctx, ref)
	var r *footageFile
	if err == nil {
		r, err = openedFootage(f)
	}
	switch {
	case errors.Is(err, storage.ErrNoFootage), errors.Is(err, storage.ErrUnknown), errors.Is(err, avi.ErrNotAVI):
		t.told.Missing++
		return nil
	case err != nil:
		return err
	}
	defer r.close()
	return t.add(ctx, r)
}

const (
	mostReels = 50_000 // segments of a replay: a month of one minute each
	mostLate  = 10_000 // pictures of the last minute before the segment that is being written, by far
)

// reels names the segments of a camera with a part in a span, in the order in which they were recorded, with the
// one that is being written.
func (b *box) reels(ctx context.Context, id camera.ID, from, to time.Time) (list []storage.FootageRef, err error) {
	begun, writes, err := b.writing(ctx, id) // before the others, or one that is committed meanwhile would be in neither
	if err != nil {
		return nil, err
	}
	committed, err := b.store.Segments(ctx, storage.SegmentQuery{Camera: id, From: from, To: to, Limit: mostReels})
	if err != nil {
		return nil, err
	}
	if len(committed) == mostReels {
		return nil, storage.ErrManySegments
	}
	listed := make(map[int64]bool)
	for _, s := range committed {
		list = append(list, storage.FootageRef{ID: s.ID})
		listed[s.ID] = true
	}
	if !writes || !begun.Before(to) {
		return list, nil
	}
	// What ends right before it may be on its way into the index.
	if late := begun.Add(-time.Minute); from.Before(late) {
		from = late
	}
	page, err := b.store.Rows(ctx, storage.RowQuery{Camera: id, From: from, To: to, Pictures: true, Limit: mostLate})
	if err != nil {
		return nil, err
	}
	for _, ref := range page.Files {
		if !listed[ref.ID] { // one that is being written has the id 0
			list = append(list, ref)
		}
	}
	return list, nil
}

// writing tells when the segment of a camera was begun that is being written.
func (b *box) writing(ctx context.Context, id camera.ID) (begun time.Time, is bool, err error) {
	open, err := b.store.OpenNewest(ctx, id)
	if errors.Is(err, storage.ErrNoFootage) {
		return begun, false, nil
	}
	if err != nil {
		return begun, false, err
	}
	return open.Start, true, open.Close()
}

// Why tells what decided about the picture that stood at a moment (web.Judges).
func (b *box) Why(ctx context.Context, q web.WhyQuery) (web.Why, error) {
	settings, err := tried(b.motionOf(q.Camera), q.Settings)
	if err != nil {
		return web.Why{}, err
	}
	found, err := b.store.FrameAt(ctx, q.Camera, q.At)
	if err != nil {
		return web.Why{}, err
	}
	f, err := b.store.OpenFootage(ctx, found.Ref)
	if err != nil {
		return web.Why{}, err
	}
	r, err := openedFootage(f)
	if err != nil {
		return web.Why{}, err
	}
	defer r.close()
	i, err := r.nearest(found.Time())
	if err != nil {
		return web.Why{}, err
	}
	turn, err := b.pace.begin(ctx)
	if err != nil {
		return web.Why{}, err
	}
	defer turn.end()
	return whyFrame(ctx, r, i, motionSettings(settings), trial{pictures: q.Pictures, draw: q.Draw, turn: turn})
}
