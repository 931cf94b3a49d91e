package main

import (
	"context"
	"log/slog"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

// thinRate bounds what thinning reads and writes, in bytes a second: a tenth of what an SD card does, so that recording
// and who looks at footage do not feel it. A day of four cameras (90 GB) takes three hours.
const thinRate = 8 << 20

// thinner is the runner of retention.thin. It is one of its own beside the sweeper, since a pass may take hours: deleting
// never waits for it.
type thinner struct {
	store    *storage.Store
	config   func() config.Config
	location func() *time.Location
	log      *slog.Logger

	now     chan struct{} // of one: somebody asks for a pass at once
	clock   clock
	problem string // of the last pass; "" for none
}

// thinNow has a pass begin at once, or behind the one that goes on; it does not wait for it. False where nothing is to be thinned.
func (t *thinner) thinNow() bool {
	if !thins(t.config()) {
		return false
	}
	select {
	case t.now <- struct{}{}:
	default: // somebody has asked already
	}
	return true
}

// run thins whenever retention.cron says so or somebody asks, until ctx ends.
func (t *thinner) run(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		asked := false
		select {
		case <-ctx.Done():
			return nil
		case <-t.now:
			asked = true
		case <-look.C:
		}
		c := t.config()
		if due := t.clock.due(c.Retention.Cron, time.Now().In(t.location())); (due || asked) && thins(c) {
			t.pass(ctx, c)
		}
	}
}

// thins tells whether anything is to be thinned.
func thins(c config.Config) bool {
	any := len(c.Retention.Thin) > 0
	for _, of := range c.Cameras {
		any = any || of.Retention.Thin != nil && len(*of.Retention.Thin) > 0
	}
	return any
}

func (t *thinner) pass(ctx context.Context, c config.Config) {
	rules := thinRulesOf(c)
	rules.Rate = thinRate
	done, err := t.store.Thin(ctx, rules)
	if done.Segments > 0 {
		t.log.Info("recordings thinned", "segments", done.Segments, "pictures", done.Taken, "bytes", done.Freed)
	}
	if ctx.Err() != nil {
		return
	}
	before := t.problem
	t.problem = ""
	if err != nil {
		t.problem = err.Error()
	}
	switch {
	case err != nil && before == "":
		t.log.Warn("old recordings are not thinned; it is tried again", "err", err)
	case err == nil && before != "":
		t.log.Info("old recordings are thinned again")
	}
}

// thinRulesOf are the rules of a configuration.
func thinRulesOf(c config.Config) storage.ThinRules {
	return storage.ThinRules{Camera: func(id camera.ID) storage.CameraThin {
		own := c.Camera(id)
		of := storage.CameraThin{Before: time.Duration(own.Recording.Preroll), Behind: time.Duration(own.Recording.Postroll)}
		for _, step := range own.Retention.Thin {
			of.Steps = append(of.Steps, storage.ThinStep{After: time.Duration(step.After), FPS: step.FPS, Silent: step.Silent})
		}
		return of
	}}
}

// thinsOf puts into the API's words what rules would thin.
func thinsOf(ctx context.Context, store *storage.Store, c config.Config) ([]web.PreviewThin, error) {
	list := []web.PreviewThin{}
	if !thins(c) {
		return list, nil
	}
	plans, err := store.PlanThin(ctx, thinRulesOf(c))
	for _, p := range plans {
		list = append(list, web.PreviewThin{
			Camera: p.Camera, Name: c.Camera(p.Camera).Name, Rule: p.Step.String(), FPS: p.Step.FPS, Due: spanOf(p.Tally), Frees: p.Frees,
		})
	}
	return list, err
}
