package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/integration/metrics"
	"v720dvr/recorder"
	"v720dvr/recorder/live"
	"v720dvr/web"
)

// scraped gathers what the rooms count, for who measures.
type scraped struct {
	box *box
	hub *live.Hub
}

// Figures asks the rooms.
func (m scraped) Figures(ctx context.Context) (f metrics.Figures, err error) {
	b := m.box
	state, err := b.System(ctx)
	if err != nil {
		return f, err
	}
	f = metrics.Figures{Version: version, Problems: len(state.Problems), Viewers: m.hub.Viewers(), Syncs: metrics.Durations(b.recorder.SyncTimes())}
	if b.home != nil {
		h := metrics.HomeAssistant(b.home.Stats())
		f.HomeAssistant = &h
	}
	if b.rtsp != nil {
		r := b.rtsp.Stats()
		f.RTSP = &metrics.RTSP{
			Readers: r.Readers, Pictures: r.Pictures, Sounds: r.Sounds, Dropped: r.Dropped, Refused: r.Refused,
			Slow: r.Slow, Denied: r.Denied, Strangers: r.Strangers,
		}
	}
	d := state.Disk
	f.Disk = metrics.Disk{Trouble: d.Trouble, Size: d.Size, Free: d.Free, MinFree: d.MinFree, Waiting: d.Waiting, Budget: d.Budget, Kept: state.Retention.Kept, Oldest: d.Oldest}
	f.Doors = metrics.Doors(state.Doors)
	if f.Cameras, err = m.cameras(ctx); err != nil {
		return f, err
	}
	totals, err := b.store.RuleTotals(ctx)
	if err != nil {
		return f, err
	}
	for _, t := range totals {
		f.Deleted = append(f.Deleted, metrics.Deleted{Rule: string(t.Rule), Segments: t.Segments, Bytes: t.Bytes})
	}
	hooks, err := b.store.Hooks(ctx)
	if err != nil {
		return f, err
	}
	for _, h := range hooks {
		f.Hooks = append(f.Hooks, metrics.Hook{Name: h.Name, Waiting: h.Waiting, Done: h.Done, Failed: h.Failed, Lost: h.Lost})
	}
	for _, r := range b.web.Requests() {
		f.Requests = append(f.Requests, metrics.Request(r))
	}
	return f, nil
}

func (m scraped) cameras(ctx context.Context) (list []metrics.Camera, err error) {
	known, err := m.box.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	decks, lines := make(map[camera.ID]recorder.DeckStats), make(map[camera.ID]cloud.Status)
	for _, d := range m.box.recorder.Stats() {
		decks[d.Camera] = d
	}
	for _, s := range m.box.cloud.Cameras() {
		lines[s.Camera] = s
	}
	for _, k := range known {
		d, p := decks[k.ID], lines[k.ID].Counters
		list = append(list, metrics.Camera{
			ID: string(k.ID), Name: k.Name, Model: k.Model, Firmware: k.Firmware, Online: k.Online, Recording: k.Recording == web.RecordingOn,
			Frames: d.Frames, Bytes: d.Bytes, Repaired: d.Repaired, Lost: d.Lost, Recorded: d.Written, Dropped: d.Dropped,
			DroppedSound: d.DroppedSound, Segments: d.Segments, Connections: m.box.cloud.Condition(k.ID).Connections,
			Packages: p.Packages, Missing: p.Missing, Duplicate: p.Duplicates, Late: p.Late, TooLate: p.TooLate, Sounds: p.Sounds,
			Last: d.Last, FPS: d.FPS, Motion: d.Moves, Queue: d.Queue,
		})
	}
	return list, nil
}

// openMeters binds the listeners of [metrics], those that are asked for.
func (b *box) openMeters(o boxOptions) (err error) {
	c := b.config.Load().Config.Metrics
	listen := o.listen
	if listen == nil {
		listen = net.Listen
	}
	for _, one := range []struct {
		key, address string
		handler      http.Handler
	}{{"metrics.listen", c.Listen, b.scrapes()}, {"metrics.pprof", c.Pprof, profiles()}} {
		if one.address == "" {
			continue
		}
		l, err := listen("tcp", one.address)
		if err != nil {
			return fmt.Errorf("%s: %w", one.key, err)
		}
		b.log.Info("who measures is answered", "key", one.key, "at", l.Addr().String())
		b.meters = append(b.meters, meter{l, &http.Server{Handler: one.handler, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}})
	}
	return nil
}

// meter is a listener for programs that measure.
type meter struct {
	listener net.Listener
	server   *http.Server
}

// scrapes serves /metrics alone.
func (b *box) scrapes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", b.measure)
	return mux
}

// profiles serves what `go tool pprof` asks for. It tells what is in memory, so it listens on this machine alone.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	return mux
}

// runMeters serves until ctx ends.
func (b *box) runMeters(ctx context.Context) error {
	runners := []func(context.Context) error{func(ctx context.Context) error { <-ctx.Done(); return nil }}
	for _, m := range b.meters {
		runners = append(runners, func(ctx context.Context) error {
			stop := context.AfterFunc(ctx, func() { m.server.Close() })
			defer stop()
			if err := m.server.Serve(m.listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve who measures: %w", err)
			}
			return nil
		})
	}
	return together(ctx, runners...)
}

// closeMeters gives up listeners that were never served.
func (b *box) closeMeters() error {
	var errs []error
	for _, m := range b.meters {
		errs = append(errs, m.listener.Close())
	}
	return errors.Join(errs...)
}
