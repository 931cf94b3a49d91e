package main

import (
	"context"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder"
	"v720dvr/storage"
	"v720dvr/web"
)

// Approve says yes to a camera, and has the cloud ask it to stream if it waits.
func (b *box) Approve(ctx context.Context, id camera.ID) error {
	if err := b.store.Approve(ctx, id, time.Now()); err != nil {
		return err
	}
	b.cloud.Reconsider()
	return nil
}

// Pause begins a camera's privacy. The recorder asks the store at each picture.
func (b *box) Pause(ctx context.Context, id camera.ID, until time.Time) error {
	if err := b.store.Pause(ctx, id, time.Now(), until); err != nil {
		return err
	}
	b.log.Info("a person changed what is recorded", "camera", id, "paused", true, "until", until)
	return nil
}

// Resume ends it.
func (b *box) Resume(ctx context.Context, id camera.ID) error {
	if err := b.store.Unpause(ctx, id); err != nil {
		return err
	}
	b.log.Info("a person changed what is recorded", "camera", id, "paused", false)
	return nil
}

// Trigger has a camera recorded as if something had happened.
func (b *box) Trigger(_ context.Context, id camera.ID, length time.Duration, detail string) error {
	if err := b.mayTrigger(id, length); err != nil {
		return err
	}
	b.recorder.Trigger(recorder.Trigger{Camera: id, Kind: camera.Asked, At: time.Now(), For: length, Detail: detail})
	return nil
}

// mayTrigger says why a camera cannot be recorded now; nil when it can.
func (b *box) mayTrigger(id camera.ID, length time.Duration) error {
	if length < 0 || length > longestAsked {
		return &web.RefusedError{Text: fmt.Sprintf("record for %v: want up to %v", length, longestAsked)}
	}
	for _, d := range b.recorder.Stats() {
		if d.Camera != id {
			continue
		}
		switch d.Rest {
		case storage.GapOff, storage.GapSchedule, storage.GapPaused, storage.GapOffline:
			return &web.RefusedError{Text: "it is not recorded now: " + gapMeans[d.Rest]}
		}
		return nil
	}
	return &web.RefusedError{Text: "it has not come since v720dvr started"}
}

// Schedule tells what is in force for a camera at a moment, in the moment's zone, and what comes.
func (b *box) Schedule(_ context.Context, id camera.ID, at time.Time, changes int) (web.Schedule, error) {
	loaded := *b.config.Load()
	pause, _ := b.store.Paused(id, at)
	mode, next, err := modesOf(loaded, loaded.Config.Camera(id), pause, at, changes)
	if err != nil {
		return web.Schedule{}, err
	}
	s := web.Schedule{Mode: mode.Mode, Why: mode.Why, Since: mode.From, Until: mode.Until, Schedule: mode.Schedule}
	for _, change := range next {
		s.Changes = append(s.Changes, web.ModeChange{At: change.From, Until: change.Until, Mode: change.Mode, Why: change.Why, Schedule: change.Schedule})
	}
	return s, nil
}
