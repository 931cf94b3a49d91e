package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"v720dvr/camera"
	"v720dvr/integration/rtsp"
	"v720dvr/recorder/live"
	"v720dvr/web"
)

// openRTSP makes the server for other programs, and binds its sockets.
func (b *box) openRTSP(hub *live.Hub, o boxOptions) (err error) {
	c := b.config.Load().Config
	if c.RTSP.Listen == "" {
		return nil
	}
	b.rtsp, err = rtsp.New(rtsp.Options{
		Listen: c.RTSP.Listen, Open: c.Web.Auth == "none", Authenticate: b.reader, Cameras: readable{b, hub}, Log: b.log,
		Bind: o.listen,
	})
	if err == nil {
		err = b.rtsp.Listen()
	}
	if err != nil {
		b.rtsp = nil
		return fmt.Errorf("rtsp.listen: %w", err)
	}
	return nil
}

// runRTSP serves other programs until ctx ends.
func (b *box) runRTSP(ctx context.Context) error {
	if b.rtsp == nil {
		<-ctx.Done()
		return nil
	}
	return b.rtsp.Run(ctx)
}

// reader has the page find out who reads: the same users, tokens and waits.
func (b *box) reader(ctx context.Context, user, password string, from netip.Addr) (rtsp.Reader, error) {
	p, err := b.web.Authenticate(ctx, user, password, from)
	wait := (*web.WaitError)(nil)
	switch {
	case errors.Is(err, web.ErrDenied):
		return rtsp.Reader{}, rtsp.ErrDenied
	case errors.As(err, &wait):
		return rtsp.Reader{}, &rtsp.WaitError{After: wait.After}
	case err != nil:
		return rtsp.Reader{}, err
	}
	return rtsp.Reader{
		Who: p.Who, May: func(id camera.ID) bool { return p.May(web.ScopeLive) && p.Cameras.Has(id) },
		Still: func(ctx context.Context) bool { return b.web.Still(ctx, p) },
	}, nil
}

// readable are the cameras that the recorder shows.
type readable struct {
	box *box
	hub *live.Hub
}

// Find finds a camera by its id or name.
func (r readable) Find(ctx context.Context, called string) (camera.ID, error) {
	list, err := r.box.Cameras(ctx)
	if err != nil {
		return "", err
	}
	for _, is := range []func(web.Camera) bool{
		func(c web.Camera) bool { return string(c.ID) == called },
		func(c web.Camera) bool { return strings.EqualFold(c.Name, called) },
		func(c web.Camera) bool { return strings.EqualFold(string(c.ID), called) }, // VLC writes hosts small, and people ids
	} {
		if i := slices.IndexFunc(list, is); i >= 0 {
			return list[i].ID, nil
		}
	}
	return "", rtsp.ErrNoCamera
}

// Watch takes every picture and all sound of a camera.
func (r readable) Watch(id camera.ID) rtsp.Feed {
	v := r.hub.Subscribe(nil)
	if err := v.Watch(map[camera.ID]live.Want{id: {Pictures: true, Every: true, Sound: true}}, false); err != nil {
		panic(err) // one camera can be watched
	}
	return feed{v}
}

// feed is a viewer of one camera.
type feed struct{ *live.Viewer }

func (f feed) Next() (camera.Frame, camera.Audio, bool) {
	item, ok := f.Viewer.Next()
	return item.Picture.Frame, item.Sound.Audio, ok
}

// Dropped is what gave way to newer.
func (f feed) Dropped() int64 {
	stats := f.Stats()
	return stats.Thinned + stats.DroppedSounds
}

// rtspAddress is where a camera is read, without rtsp://, and without a host where that is any of this box's; ""
// while RTSP is off.
func (b *box) rtspAddress(c web.Camera) string {
	if b.rtsp == nil {
		return ""
	}
	at, err := netip.ParseAddrPort(b.rtsp.Addr().String())
	if err != nil {
		return ""
	}
	host := ""
	if !at.Addr().IsUnspecified() {
		host = at.Addr().Unmap().String()
	}
	name := c.Name
	if name == "" || strings.Contains(name, "/") {
		name = string(c.ID)
	}
	return net.JoinHostPort(host, fmt.Sprint(at.Port())) + "/" + url.PathEscape(name)
}
