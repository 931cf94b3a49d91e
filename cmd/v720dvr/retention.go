package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

// lookEvery is how often the free space is looked at. That is a system call of microseconds, and
// 64 cameras write 16 MB until the next: far less than min_free leaves of any disk they fit on.
const lookEvery = time.Second

// mostAtOnce is how much is deleted for min_free before it is looked whether that helped.
const mostAtOnce = 4 << 30

// lowPart is the part of min_free below which it is not waited for room to come back.
const lowPart = 4

// restAfterError keeps away from a disk that fails, or that has no room to make.
const restAfterError = 5 * time.Second

// sweeper is the runner of retention: ages and sizes by the clock, min_free whenever it is not met.
type sweeper struct {
	store    *storage.Store
	config   func() config.Config
	written  func() int64 // bytes that were handed to the disk so far, about
	location func() *time.Location
	log      *slog.Logger

	clock  clock
	twice  bool      // said: more than half of all footage may go
	swept  time.Time // when ages and sizes were last looked at, or this began
	owed   bool      // a sweep was due and has not been done
	relief relief
	rest   time.Time     // after an error nothing is tried until then
	tally  storage.Sweep // not logged yet
	logged time.Time
	choked string // the rules that keeps were in the way of
	now    chan chan<- sweepAnswer
	asked  *storage.Sweep // what the sweep that somebody asked for has deleted; nil without one

	mu     sync.Mutex
	health recordingsHealth
}

// run works until ctx ends.
func (s *sweeper) run(ctx context.Context) error {
	s.swept = time.Now()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		refused := false
		select {
		case <-ctx.Done():
			s.report()
			return nil
		case <-s.store.Refused():
			refused = true
		case answer := <-s.now:
			answer <- s.sweepAsked(ctx)
			continue
		case <-look.C:
		}
		if !time.Now().Before(s.rest) {
			s.set(s.look(ctx, refused))
		}
	}
}

// look does what is due; the error is what somebody must act on.
func (s *sweeper) look(ctx context.Context, refused bool) error {
	c := s.config()
	rules, space, err := rulesNow(s.store, c)
	if err != nil {
		return err
	}
	s.change(func(h *recordingsHealth) {
		h.Size, h.Free, h.MinFree = space.Size, space.Free, rules.MinFree
	})
	s.owed = s.clock.due(c.Retention.Cron, time.Now().In(s.location())) || s.owed
	if s.owed {
		if err := s.sweep(ctx, rules); err != nil {
			return err
		}
		s.owed = false
	}
	if rules.MinFree == 0 || space.Free >= rules.MinFree && !refused {
		s.relief = relief{}
		return nil
	}
	return s.makeRoom(ctx, space.Free, rules, refused)
}

// sweep deletes by ages and sizes.
func (s *sweeper) sweep(ctx context.Context, rules storage.Rules) error {
	rules.MinFree = 0
	rules.Twice, rules.Due = s.twice, time.Since(s.swept) // by the clock that nobody sets
	begun := time.Now()
	swept, err := s.store.Sweep(ctx, rules)
	s.count(swept)
	s.report()
	if err == nil {
		s.swept = begun
		s.tellChoked(swept.Choked)
		s.tellWithheld(swept.Withheld)
		s.change(func(h *recordingsHealth) { h.LastSweep = time.Now() })
	}
	return err
}

// sweepAnswer is what a sweep came to that somebody asked for.
type sweepAnswer struct {
	swept storage.Sweep
	err   error
}

// sweepNow has the runner sweep at once, and waits for it.
func (s *sweeper) sweepNow(ctx context.Context) (storage.Sweep, error) {
	answer := make(chan sweepAnswer, 1) // who asked may have gone
	select {
	case s.now <- answer:
	case <-ctx.Done():
		return storage.Sweep{}, ctx.Err()
	}
	select {
	case got := <-answer:
		return got.swept, got.err
	case <-ctx.Done():
		return storage.Sweep{}, ctx.Err()
	}
}

// sweepAsked deletes by ages and sizes, and what min_free lacks as the next look would.
func (s *sweeper) sweepAsked(ctx context.Context) sweepAnswer {
	s.asked, s.owed, s.twice = new(storage.Sweep), true, true // who asks has been asked back
	err := s.look(ctx, false)
	s.set(err)
	swept := *s.asked
	s.asked, s.twice = nil, false
	return sweepAnswer{swept, err}
}

// makeRoom deletes for min_free, no more at once than shows whether it helps.
func (s *sweeper) makeRoom(ctx context.Context, free int64, rules storage.Rules, refused bool) error {
	written := s.written()
	may, err := s.relief.may(free, written, free < rules.MinFree/lowPart, time.Now())
	if may == 0 {
		return err
	}
	if may < 0 {
		may = mostAtOnce
	}
	rules.MinFree = min(rules.MinFree, free+may)
	swept, err := s.store.MakeRoom(ctx, rules, refused)
	s.count(swept)
	s.relief.deleted(free, written, swept.Bytes, time.Now())
	if time.Since(s.logged) >= 10*time.Minute {
		s.report()
	}
	switch {
	case err != nil:
		return err
	case len(swept.Choked) > 0: // by keeps
		return errors.New(chokedInWords(swept.Choked[0]))
	case swept.Short > 0:
		return fmt.Errorf("%s are missing to retention.min_free, and there is nothing left to delete: what is being recorded and what is not v720dvr's fill the disk",
			config.Size{Bytes: swept.Short})
	}
	return nil
}

// rulesNow are the rules of a configuration on a store's volume, as it is now.
func rulesNow(store *storage.Store, c config.Config) (storage.Rules, storage.Space, error) {
	space, err := store.Space()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		c.Retention.MinFree = config.Size{} // this system does not tell what is free
	case err != nil:
		return storage.Rules{}, space, fmt.Errorf("find out how much of the disk is free: %w", err)
	}
	return rulesOf(c, space.Size), space, nil
}

// rulesOf are the rules of a configuration on a volume of so many bytes.
func rulesOf(c config.Config, size int64) storage.Rules {
	own := make(map[camera.ID]int64)
	for _, camera := range c.Cameras {
		if limit := camera.Retention.MaxSize; limit != nil {
			own[camera.ID] = limit.Of(size)
		}
	}
	return storage.Rules{
		MaxSize: c.Retention.MaxSize.Of(size),
		MinFree: c.Retention.MinFree.Of(size),
		Camera: func(id camera.ID) storage.CameraRules {
			of := c.Camera(id)
			return storage.CameraRules{
				MaxAge: time.Duration(of.Retention.MaxAge), MaxSize: own[id], EventAge: time.Duration(of.Retention.EventAge),
				Before: time.Duration(of.Recording.Preroll), After: time.Duration(of.Recording.Postroll),
			}
		},
	}
}

func (s *sweeper) count(swept storage.Sweep) {
	s.tally.Add(swept)
	if s.asked != nil {
		s.asked.Add(swept)
	}
	lost := swept.ByRule[storage.RuleUnarchived]
	if lost > 0 {
		s.log.Error("recordings were deleted before they were archived: the disk is full, and all else is gone", "segments", lost)
	}
	s.change(func(h *recordingsHealth) { h.Deleted, h.Lost = h.Deleted+swept.Segments, h.Lost+lost })
}

// lost is how many recordings went, since the start, before they were archived though that was to be waited for.
func (s *sweeper) lost() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health.Lost
}

// report logs what was deleted since the last time: on a full disk that is a segment every few
// seconds, so they are summed.
func (s *sweeper) report() {
	if s.tally.Segments > 0 {
		s.log.Info("recordings deleted", "segments", s.tally.Segments, "bytes", s.tally.Bytes, "by_rule", s.tally.ByRule)
		s.tally, s.logged = storage.Sweep{}, time.Now()
	}
}

// set notes what is wrong, and logs when that begins and when it ends.
func (s *sweeper) set(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	problem := ""
	if err != nil {
		problem = err.Error()
		s.rest = time.Now().Add(restAfterError)
	}
	var before string
	s.change(func(h *recordingsHealth) { before, h.Problem = h.Problem, problem })
	switch {
	case before == "" && problem != "":
		s.log.Error("old recordings are not deleted as they should be", "err", err)
	case before != "" && problem == "":
		s.log.Info("old recordings are deleted again")
	}
}

func (s *sweeper) change(do func(*recordingsHealth)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.health)
}
