package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

const (
	// stockFresh is how old an inventory may be that questions are answered from: who moves a slider
	// asks several times a second, and a million segments take a second to read, and a fifth of that to read again.
	stockFresh = 10 * time.Second
	// stockEvery is how often it is looked for how long all will fit, and stockSoon as long as nobody
	// knows, or there is so little that it costs nothing.
	stockEvery = 10 * time.Minute
	stockSoon  = 30 * time.Second
	stockSmall = 20_000 // segments
)

// stocks answers what retention makes of the recordings. As a runner it looks by itself how long all fits.
type stocks struct {
	store    *storage.Store
	config   func() config.Config
	location func() *time.Location
	started  time.Time
	log      *slog.Logger

	mu    sync.Mutex // held while an inventory is read, so that nobody reads it beside another
	have  *storage.Inventory
	stale bool // something has changed since

	telling sync.Mutex
	told    web.Storage // what was answered last; never changed
	toldOf  toldOf
	days    float64 // how far back the camera with the least will reach; 0: nobody knows, or endless
}

// run looks now and then how long all will fit.
func (s *stocks) run(ctx context.Context) error {
	next := time.NewTimer(stockSoon)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		wait := stockEvery
		inventory, rules, err := s.inventory(ctx, nil)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.log.Warn("how long recordings will fit cannot be told", "err", err)
		default:
			outlook := inventory.Outlook(rules, s.location(), s.started, 0)
			s.tell(outlook)
			if !outlook.Known || inventory.Segments() < stockSmall {
				wait = stockSoon
			}
		}
		next.Reset(wait)
	}
}

func (s *stocks) tell(o storage.Outlook) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.days = finite(o.Days)
}

// fits are the days that were told last.
func (s *stocks) fits() float64 {
	s.telling.Lock()
	defer s.telling.Unlock()
	return s.days
}

// finite is 0 for a number of days that no rule ends.
func finite(days float64) float64 {
	if storage.IsEndless(days) {
		return 0
	}
	return days
}

// inventory is what there is, some seconds old at most, with the rules of a configuration; nil is that in force.
func (s *stocks) inventory(ctx context.Context, of *config.Config) (*storage.Inventory, storage.Rules, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have != nil {
		same, err := s.store.HasKeepsOf(ctx, s.have)
		if err != nil {
			return nil, storage.Rules{}, err
		}
		if age := time.Since(s.have.At); !same || age < 0 || age > stockFresh {
			s.stale = true
		}
	}
	if s.have == nil || s.stale {
		have, err := s.store.Renew(ctx, s.have)
		if err != nil {
			return nil, storage.Rules{}, err
		}
		s.have, s.stale = have, false
	}
	c := s.config()
	if of != nil {
		c = *of
	}
	if !s.have.HasSpace {
		c.Retention.MinFree = config.Size{} // this system does not tell what is free
	}
	return s.have, rulesOf(c, s.have.Space.Size), nil
}

// forget has the next question read anew: something was deleted.
func (s *stocks) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = true
}
