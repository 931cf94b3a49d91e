package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"v720dvr/camera"
	"v720dvr/integration/compat"
	"v720dvr/integration/rtsp"
	"v720dvr/recorder/live"
	"v720dvr/recorder/motion"
)

// openCompat makes the server of the Python server's addresses, and binds its own.
func (b *box) openCompat(hub *live.Hub, o boxOptions) (err error) {
	c := b.config.Load().Config
	if c.Compat.Listen == "" {
		return nil
	}
	b.compat, err = compat.New(compat.Options{
		Listen: c.Compat.Listen, Open: c.Web.Auth == "none", Authenticate: b.changedOver, Cameras: connected{b, hub}, Log: b.log, Bind: o.listen,
	})
	if err == nil {
		err = b.compat.Listen()
	}
	if err != nil {
		b.compat = nil
		return fmt.Errorf("compat.listen: %w", err)
	}
	return nil
}

// runCompat serves until ctx ends.
func (b *box) runCompat(ctx context.Context) error {
	if b.compat == nil {
		<-ctx.Done()
		return nil
	}
	return b.compat.Run(ctx)
}

// changedOver finds out who reads, as for RTSP.
func (b *box) changedOver(ctx context.Context, user, password string, from netip.Addr) (compat.Reader, error) {
	r, err := b.reader(ctx, user, password, from)
	wait := (*rtsp.WaitError)(nil)
	switch {
	case errors.Is(err, rtsp.ErrDenied):
		return compat.Reader{}, compat.ErrDenied
	case errors.As(err, &wait):
		return compat.Reader{}, &compat.WaitError{After: wait.After}
	}
	return compat.Reader(r), err
}

// connected are the cameras that the recorder shows.
type connected struct {
	box *box
	hub *live.Hub
}

// Connected lists those that are there and may stream.
func (c connected) Connected(context.Context) (list []compat.Camera, err error) {
	waits := c.box.cloud.Waiting()
	for _, s := range c.box.cloud.Cameras() {
		if !slices.Contains(waits, s.Camera) {
			list = append(list, compat.Camera{ID: s.Camera, Addr: s.Addr})
		}
	}
	return list, nil
}

// Watch takes what comes of a camera.
func (c connected) Watch(id camera.ID, want compat.Want) compat.Feed {
	v := c.hub.Subscribe(nil)
	if err := v.Watch(map[camera.ID]live.Want{id: {Pictures: want.Pictures, Every: want.Every, Sound: want.Sound}}, false); err != nil {
		panic(err) // one camera can be watched
	}
	return &compatFeed{viewer: v}
}

// compatFeed is a viewer of one camera, whose pictures any decoder can read.
type compatFeed struct {
	viewer *live.Viewer
	given  live.Picture // has been sent when the next thing is asked for
}

func (f *compatFeed) Ready() <-chan struct{} { return f.viewer.Ready() }

func (f *compatFeed) Next() (camera.Frame, camera.Audio, bool) {
	if f.given.JPEG != nil {
		f.viewer.Ack(f.given.Camera, f.given.Number)
		f.given = live.Picture{}
	}
	item, ok := f.viewer.Next()
	if f.given = item.Picture; item.Picture.JPEG != nil {
		item.Picture.JPEG = motion.WithTables(item.Picture.JPEG)
	}
	return item.Picture.Frame, item.Sound.Audio, ok
}

func (f *compatFeed) Close() { f.viewer.Close() }
