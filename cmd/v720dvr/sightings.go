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
	written map[camera.ID]bool
}

const (
	sightingPause = 10 * time.Second
	lastSightings = time.Second // for what waits when v720dvr stops
	maxSightings  = 4096        // cameras that wait to be written; strangers can make up ids
)

func newSightings(store *storage.Store, log *slog.Logger) *sightings {
	return &sightings{
		store: store, log: log, wake: make(chan struct{}, 1),
		waiting: make(map[camera.ID]storage.Sighting), written: make(map[camera.ID]bool),
	}
}

// note takes a sighting. It does not block.
func (s *sightings) note(seen cloud.Sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, waits := s.waiting[seen.Camera]
	if !waits && len(s.waiting) >= maxSightings {
		return
	}
	if seen.Firmware == "" {
		seen.Firmware = was.Firmware
	}
	s.waiting[seen.Camera] = storage.Sighting{Camera: seen.Camera, At: seen.At, Firmware: seen.Firmware, Addr: seen.Addr}
	if !s.written[seen.Camera] {
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
	for id := range waiting {
		if len(s.written) < maxSightings {
			s.written[id] = true
		}
	}
	s.mu.Unlock()
	for _, seen := range waiting {
		err := s.store.Seen(ctx, seen)
		if errors.Is(err, context.Canceled) { // in the midst of it: once more, with the last ones
			s.mu.Lock()
			s.waiting[seen.Camera] = seen
			s.mu.Unlock()
			continue
		}
		if err != nil {
			s.log.Warn("cannot note that a camera was seen", "camera", seen.Camera, "err", err)
		}
	}
}
