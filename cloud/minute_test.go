package cloud

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/cloud/cloudtest"
)

// logbook is a log that keeps its lines.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (d *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (d *logbook) WithGroup(string) slog.Handler            { return d }
func (d *logbook) WithAttrs(attrs []slog.Attr) slog.Handler { return logbookWith{d, attrs} }

func (d *logbook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
	return nil
}

type logbookWith struct {
	*logbook
	attrs []slog.Attr
}

func (d logbookWith) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(d.attrs...)
	return d.logbook.Handle(ctx, r)
}

// with lists the lines that hold all of these.
func (d *logbook) with(parts ...string) (found []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
lines:
	for _, line := range d.lines {
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue lines
			}
		}
		found = append(found, line)
	}
	return found
}

func TestWhatGoesWrongIsToldOnceAMinuteForEachCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logbook{}
		network := cloudtest.NewNetwork(*seed)
		n := newTownOn(t, network, Options{Log: slog.New(log)})
		ids := []string{"0800c0000000", "0800c0000001", "0800c0000002"}
		// The first never sends again, the second does, the third has a good link.
		for i, o := range []cloudtest.Options{{Resend: cloudtest.Never}, {}, {}} {
			host := mustAddr("10.42.1." + itoa(i+1))
			o.ID, o.Host, o.Seed = ids[i], network.Host(host), int64(i)
			if i < 2 {
				network.SetConditions(host, mustAddr("10.42.0.1"), badLink)
			}
			_, leave := n.settle(o)
			defer leave()
		}
		time.Sleep(3*time.Minute + 30*time.Second)
		n.stop()
		const line = "camera's minute on a bad link"
		if got := log.with("WARN", line, ids[0], "lost=", "packages_missing="); len(got) != 3 {
			t.Errorf("of the camera that loses pictures: %d warnings in three minutes, want 3: %q", len(got), got)
		}
		if got := log.with("DEBUG", line, ids[1], "repaired="); len(got) != 3 || len(log.with("WARN", line, ids[1])) > 0 {
			t.Errorf("of the camera whose pictures are repaired: %d lines, want 3 and no warning: %q", len(got), got)
		}
		if got := log.with(line, ids[2]); len(got) > 0 {
			t.Errorf("of the camera with a good link: %q", got)
		}
	})
}

// What a link counted before it ended is told too, even if it never lived for a minute.
func TestTheLastMinuteOfALinkIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logbook{}
		network := cloudtest.NewNetwork(*seed)
		network.SetDefault(badLink)
		n := newTownOn(t, network, Options{Log: slog.New(log)})
		const id = "0800c00128F8"
		c, leave := n.settle(cloudtest.Options{ID: id, Resend: cloudtest.Never})
		defer leave()
		for range 6 {
			time.Sleep(19 * time.Second)
			c.Reboot()
		}
		time.Sleep(10 * time.Second)
		counted := n.sink.lost(id)
		n.stop()
		lines := log.with("WARN", "camera's minute on a bad link", id)
		if len(lines) != 2 {
			t.Errorf("%d lines in two minutes with six reboots, want 2: %q", len(lines), lines)
		}
		if counted == 0 {
			t.Error("nothing was lost: this measured something else")
		}
	})
}

// lost counts a camera's lost pictures.
func (c *collector) lost(id string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for camera, frames := range c.frames {
		for _, f := range frames {
			if string(camera) == id && f.JPEG == nil {
				n++
			}
		}
	}
	return n
}
