package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/integration/hooks"
	"v720dvr/internal/config"
	"v720dvr/recorder/live"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
)

// openHooks makes the runner that tells others what happens.
func (b *box) openHooks(hub *live.Hub) (err error) {
	b.hooks, err = hooks.New(hooks.Options{
		Queue: b.store, Live: hub, Version: version, Log: b.log, Picture: b.pictureOf(hub),
		Name: func(id camera.ID) string { return b.config.Load().Config.Camera(id).Name },
		File: func(ctx context.Context, id camera.ID, at time.Time) string {
			path, _ := b.store.FileAt(ctx, id, at) // one that is not committed has no name yet
			return path
		},
	})
	if err == nil {
		b.hooks.Apply(b.hooksOf(b.config.Load().Config))
	}
	return err
}

// hooksOf makes hooks of the configuration, which has checked them.
func (b *box) hooksOf(c config.Config) (list []hooks.Hook) {
	for _, h := range c.Hooks {
		hook := hooks.Hook{
			Name: h.Name, On: h.On, Command: h.Command, Shell: h.Shell, URL: h.URL, Format: h.Format, CAFile: h.CAFile,
			Timeout: time.Duration(h.Timeout), Picture: h.Picture || strings.Contains(strings.Join(h.Command, " "), "{picture}"),
			Cameras: h.Cameras, MinLength: time.Duration(h.MinLength), Cooldown: time.Duration(h.Cooldown),
			Page: h.Page, Title: h.Title, Message: h.Message, Priority: h.Priority, Tags: h.Tags, Secret: secretOf(h),
			Called: func(id camera.ID) []string { return []string{string(id), b.config.Load().Config.Camera(id).Name} },
		}
		for _, kind := range h.Kinds {
			hook.Kinds = append(hook.Kinds, camera.EventKind(kind))
		}
		if window, err := schedule.NewWindow(h.Start, h.Stop); h.Start != "" && err == nil {
			plan := schedule.Plan{Rules: []schedule.Rule{{Window: window, Mode: "open"}}}
			hook.Open = func(t time.Time) bool { return plan.Active(t, b.zone.now()).Mode == "open" }
		}
		list = append(list, hook)
	}
	return list
}

// secretOf reads a hook's secret when it is needed, so that a new one needs no restart. It is never told anywhere.
func secretOf(h config.Hook) func() (string, error) {
	switch {
	case h.SecretFile != "":
		return func() (string, error) {
			text, err := os.ReadFile(h.SecretFile)
			return strings.TrimSpace(string(text)), err
		}
	case h.SecretEnv != "":
		return func() (string, error) {
			text := os.Getenv(h.SecretEnv)
			if text == "" {
				return "", fmt.Errorf("the environment variable %s is not set", h.SecretEnv)
			}
			return text, nil
		}
	}
	return nil
}

// pictureOf finds the picture that stands at a moment: what was recorded, or else the one that is shown now.
func (b *box) pictureOf(hub *live.Hub) func(context.Context, camera.ID, time.Time) ([]byte, error) {
	return func(ctx context.Context, id camera.ID, at time.Time) ([]byte, error) {
		found, err := b.store.FrameAt(ctx, id, at)
		if err == nil {
			projector := b.store.Projector()
			defer projector.Close()
			var jpeg []byte
			if jpeg, err = projector.Read(ctx, nil, found.Ref, found.Row); err == nil {
				return jpeg, nil
			}
		}
		if f, ok := hub.Latest(id); ok && f.At.Sub(at).Abs() < time.Minute {
			return f.JPEG, nil
		}
		return nil, err
	}
}

// teller hands on what cameras give, and has hooks told when one is lost, found or new.
type teller struct {
	camera.Sink
	hooks *hooks.Runner
}

// Event hands an event on.
func (t *teller) Event(e camera.Event) {
	t.Sink.Event(e)
	switch e.Kind {
	case camera.Absent:
		t.hooks.Tell(hooks.OfCamera(hooks.CameraLost, e.Camera, e.At, e.Detail))
	case camera.Present:
		t.hooks.Tell(hooks.OfCamera(hooks.CameraFound, e.Camera, e.At, e.Detail))
	}
}

// arrived are the cameras that were here before: that one of them comes is nothing new.
type arrived struct {
	mu    sync.Mutex
	known map[camera.ID]bool // maxSightings at most
}

// recall learns those that were here before this start.
func (a *arrived) recall(ctx context.Context, store *storage.Store) error {
	list, err := store.Cameras(ctx)
	a.known = make(map[camera.ID]bool, len(list))
	for _, c := range list {
		a.known[c.ID] = !c.FirstSeen.IsZero()
	}
	return err
}

// first notes that a camera is here; true the first time.
func (a *arrived) first(id camera.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known[id] || len(a.known) >= maxSightings {
		return false
	}
	a.known[id] = true
	return true
}

// tellNew has hooks told of a camera that registered for the first time.
func (b *box) tellNew(seen cloud.Sighting) {
	if seen.Registered && seen.Camera != demoID && b.arrived.first(seen.Camera) {
		b.hooks.Tell(hooks.OfCamera(hooks.CameraNew, seen.Camera, seen.At, ""))
	}
}

// diskEvery is how often the disk is looked at for hooks.
const diskEvery = 2 * time.Second

// tellDisk has hooks told when the disk of the recordings is in trouble, in another one, or in none any more.
func (b *box) tellDisk(ctx context.Context) error {
	look := time.NewTicker(diskEvery)
	defer look.Stop()
	for was := storage.NoTrouble; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		if disk := b.recorder.Disk(); disk.Trouble != was {
			was = disk.Trouble
			b.hooks.Tell(hooks.OfDisk(string(disk.Trouble), time.Now(), disk.String()))
		}
	}
}

// runHooks tells until ctx ends.
func (b *box) runHooks(ctx context.Context) error {
	return together(ctx, b.hooks.Run, b.tellDisk)
}
