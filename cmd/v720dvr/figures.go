package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/recorder"
	"v720dvr/storage"
	"v720dvr/web"
)

// figureLook is how often what cannot be counted is looked at: ages, queues, who is there.
const figureLook = 5 * time.Second

// figures is the runner that writes down, each minute, how cameras and box were.
type figures struct {
	kept    *storage.Figures // nil: it could not be opened
	cameras func() []cloud.Status
	decks   func() []recorder.DeckStats
	waits   func() []camera.ID // for a person: they are none of ours yet
	space   func() (storage.Space, error)
	waiting func() int64
	drops   func() int64
	synced  func() []time.Duration // since it was asked last
	log     *slog.Logger

	minute time.Time // that is looked at
	looks  int
	of     map[camera.ID]*figured
	box    storage.BoxFigures
	drop   int64
	busy   time.Duration // of the processor, at the minute's begin
	failed bool
}

// figured is a camera on its way through a minute.
type figured struct {
	storage.CameraFigures
	online int       // looks at which it was there
	since  time.Time // when it connected
	there  time.Time // when it was there last, or was first looked for
	deck   recorder.DeckStats
	sounds int64
}

// run looks until ctx ends. What it cannot write is told once and forgotten: it is no footage.
func (f *figures) run(ctx context.Context) error {
	look := time.NewTicker(figureLook)
	defer look.Stop()
	f.of = make(map[camera.ID]*figured)
	f.begin(time.Now())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		f.look(time.Now())
		if now := time.Now(); !now.Truncate(time.Minute).Equal(f.minute) {
			f.write(ctx)
			f.begin(now)
		}
	}
}

// begin starts a minute: sums at 0, counters go on.
func (f *figures) begin(now time.Time) {
	f.minute, f.looks, f.box = now.Truncate(time.Minute), 0, storage.BoxFigures{}
	f.busy = processorTime()
	for id, c := range f.of {
		c.CameraFigures, c.online = storage.CameraFigures{Camera: id}, 0
	}
}

// figuredFor is how long a camera that is away has figures: a month of zeros tells nobody anything.
const figuredFor = 24 * time.Hour

func (f *figures) at(id camera.ID, now time.Time) *figured {
	if f.of[id] == nil {
		f.of[id] = &figured{CameraFigures: storage.CameraFigures{Camera: id}, there: now}
	}
	return f.of[id]
}

func (f *figures) look(now time.Time) {
	f.looks++
	ages := make(map[camera.ID]time.Time)
	for _, d := range f.decks() {
		c := f.at(d.Camera, now)
		c.Frames += rise(c.deck.Frames, d.Frames)
		c.Lost += rise(c.deck.Lost, d.Lost)
		c.Repaired += rise(c.deck.Repaired, d.Repaired)
		c.Dropped += rise(c.deck.Dropped, d.Dropped)
		c.deck = d
		ages[d.Camera] = d.Last
	}
	waits := f.waits()
	for _, s := range f.cameras() {
		if slices.Contains(waits, s.Camera) {
			continue
		}
		c := f.at(s.Camera, now)
		c.there = now
		c.online++
		if !s.Since.Equal(c.since) {
			c.Opened++
			c.since, c.sounds = s.Since, 0
		}
		c.Sounds += rise(c.sounds, s.Counters.Sounds)
		c.sounds = s.Counters.Sounds
		if last := ages[s.Camera]; !last.IsZero() {
			c.Age = max(c.Age, now.Sub(last))
		}
	}
	if space, err := f.space(); err == nil && (f.looks == 1 || space.Free < f.box.Free) {
		f.box.Free = space.Free
	}
	f.box.Memory, f.box.Waiting = max(f.box.Memory, processMemory()), max(f.box.Waiting, f.waiting())
	drops := f.drops()
	f.box.Dropped += rise(f.drop, drops)
	f.drop = drops
}

// rise is by how much a counter has grown; one that began anew counts from 0.
func rise(before, now int64) int64 {
	if now < before {
		return now
	}
	return now - before
}

func (f *figures) write(ctx context.Context) {
	if f.looks == 0 {
		return
	}
	f.box.At = f.minute
	if took := f.synced(); len(took) > 0 {
		slices.Sort(took)
		f.box.SyncMedian, f.box.Sync = took[len(took)/2], took[len(took)-1]
	}
	f.box.CPU = float64(processorTime()-f.busy) / float64(time.Duration(f.looks)*figureLook)
	cameras := make([]storage.CameraFigures, 0, len(f.of))
	for _, c := range f.of {
		if f.minute.Sub(c.there) > figuredFor {
			continue // it stays in f.of, with what its counters were
		}
		c.Online = float64(c.online) / float64(f.looks)
		cameras = append(cameras, c.CameraFigures)
	}
	if f.kept == nil {
		return
	}
	err := f.kept.Add(ctx, f.box, cameras)
	if err != nil && !f.failed && ctx.Err() == nil {
		f.log.Warn("the history of figures has a hole", "err", err)
	}
	f.failed = err != nil
}

func (f *figures) close() error {
	if f.kept == nil {
		return nil
	}
	return f.kept.Close()
}

var errNoFigures = errors.New("the history of figures could not be opened at the start: the log says why")

// Figures lists the history of cameras and box.
func (b *box) Figures(ctx context.Context, q web.FiguresQuery) (cameras []storage.CameraFigures, of []storage.BoxFigures, err error) {
	if b.figures.kept == nil {
		return nil, nil, errNoFigures
	}
	if cameras, err = b.figures.kept.Cameras(ctx, q.Step, q.From, q.To, q.Cameras); err != nil {
		return nil, nil, err
	}
	of, err = b.figures.kept.Box(ctx, q.Step, q.From, q.To)
	return cameras, of, err
}
