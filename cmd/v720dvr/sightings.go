package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/storage"
)

// sightings carries what the cloud learns of cameras to the store, without keeping the cloud
// waiting for a disk. Of one camera the newest is kept, so what waits is bounded by the number of
// cameras; a new camera is written at once, one that is known every sightingPause.
type sightings struct {
	store *storage.Store
	log   *slog.Logger
	wake  chan struct{}

	mu      sync.Mutex
	waiting map[camera.ID]storage.Sighting
	written map[camera.ID]bool // registered, and in state.sqlite

	full time.Time // of the last line that says so; run's own
}

const (
	sightingPause = 10 * time.Second
	lastSightings = time.Second // for what waits when v720dvr stops
	maxSightings  = 4096        // cameras that wait to be written; strangers can make up ids
	fullPause     = time.Minute // between two lines that say that no more cameras are remembered
)

func newSightings(store *storage.Store, log *slog.Logger) *sightings {
	return &sightings{
		store: store, log: log, wake: make(chan struct{}, 1),
		waiting: make(map[camera.ID]storage.Sighting), written: make(map[camera.ID]bool),
	}
}

// note takes a sighting; accepted says that each camera is accepted now. It does not block. Half
// of the places are kept for cameras that registered.
func (s *sightings) note(seen cloud.Sighting, accepted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, waits := s.waiting[seen.Camera]
	if n := len(s.waiting); !waits && (n >= maxSightings || n >= maxSightings/2 && !seen.Registered) {
		return
	}
	if seen.Firmware == "" {
		seen.Firmware = was.Firmware
	}
	s.waiting[seen.Camera] = storage.Sighting{
		Camera: seen.Camera, At: seen.At, Firmware: seen.Firmware, Addr: seen.Addr,
		Registered: seen.Registered || was.Registered,
		Accepted:   seen.Registered && accepted || was.Accepted,
	}
	if seen.Registered && !s.written[seen.Camera] {
		select {
		case s.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// run writes what waits until ctx ends, and what waits then.
func (s *sightings) run(ctx context.Context) error {
	pause := time.NewTicker(sightingPause)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSightings)
			defer cancel()
			s.write(last)
			return nil
		case <-pause.C:
		case <-s.wake:
		}
		s.write(ctx)
	}
}

func (s *sightings) write(ctx context.Context) {
	s.mu.Lock()
	waiting := s.waiting
	s.waiting = make(map[camera.ID]storage.Sighting)
	s.mu.Unlock()
	for _, seen := range waiting {
		err := s.store.Seen(ctx, seen)
		switch {
		case err == nil:
			s.wrote(seen)
		case errors.Is(err, context.Canceled): // in the midst of it: once more, with the last ones
			s.mu.Lock()
			s.waiting[seen.Camera] = seen
			s.mu.Unlock()
		case errors.Is(err, storage.ErrTooManyStrangers):
			if time.Since(s.full) >= fullPause {
				s.full = time.Now()
				s.log.Error("a camera is not remembered: something on the network makes cameras up", "camera", seen.Camera, "addr", seen.Addr, "err", err,
					"do", "find out what has this address; if the camera is yours: v720dvr cameras approve "+string(seen.Camera))
			}
		default:
			s.log.Warn("cannot note that a camera was seen", "camera", seen.Camera, "err", err)
		}
	}
}

// wrote notes that a camera that registered is known: its later sightings are in no hurry.
func (s *sightings) wrote(seen storage.Sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen.Registered && len(s.written) < maxSightings {
		s.written[seen.Camera] = true
	}
}
