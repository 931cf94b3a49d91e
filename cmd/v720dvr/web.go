package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"

	"v720dvr/recorder/live"
	"v720dvr/web"
)

// openWeb makes the server of page and API, and binds its address and the socket for other commands.
func (b *box) openWeb(ctx context.Context, hub *live.Hub, o boxOptions) (err error) {
	c := b.config.Load().Config.Web
	if b.web, err = web.New(web.Options{
		Listen: c.Listen, Open: c.Auth == "none", TLS: web.TLS{Cert: c.TLS.Cert, Key: c.TLS.Key, Made: c.TLS.Made},
		Store: b.store, Box: b, Live: hub, Metrics: b.measure, Version: version, Announce: o.announce, Log: b.log, Bind: o.listen,
	}); err != nil {
		return err
	}
	if err := b.web.Listen(ctx); err != nil {
		key := "web"
		if op := (*net.OpError)(nil); errors.As(err, &op) {
			key = "web.listen"
		}
		return fmt.Errorf("%s: %w", key, err)
	}
	if o.socket == "" {
		return nil
	}
	if b.local, err = listenAt(o.socket); err != nil {
		// A folder that cannot hold a socket (FAT, some network drives) can hold recordings.
		b.log.Warn("other commands cannot ask this v720dvr how it is", "err", err)
	}
	return nil
}

// listenAt binds a unix socket. The store's lock is held, so one that is there already was left behind by
// a process that was killed. Who may open the socket may everything: that is its owner, whatever the umask.
func listenAt(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("clear the socket that an earlier run left: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen at %s (a socket's path has at most 107 bytes: a shorter --data helps if this one is longer): %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("keep %s from other users: %w", path, err)
	}
	return l, nil
}

// answer serves other commands until ctx ends.
func (b *box) answer(ctx context.Context) error {
	if b.local == nil {
		<-ctx.Done()
		return nil
	}
	return b.web.ServeLocal(ctx, b.local)
}

// announceTo tells the password of the first admin, where who starts v720dvr looks.
func announceTo(w io.Writer) func(user, password string) {
	return func(user, password string) {
		fmt.Fprintf(w, "First start: log in on the page as %s with the password %s\n"+
			"Choose one of your own there. This one is not shown again; `v720dvr user password %s` makes another.\n", user, password, user)
	}
}

// mostPages are told at the start: containers give a machine dozens of addresses.
const mostPages = 6

// pages are the addresses at which page and API are reached, as browsers take them.
func (b *box) pages() (pages []string) {
	if b.web.Addr() == nil {
		return nil
	}
	at, err := netip.ParseAddrPort(b.web.Addr().String())
	if err != nil {
		return nil
	}
	c := b.config.Load().Config.Web
	scheme := "http://"
	if c.TLS.Made || c.TLS.Cert != "" {
		scheme = "https://"
	}
	hosts := []netip.Addr{at.Addr().Unmap()}
	if hosts[0].IsUnspecified() {
		hosts = append(ownAddresses(), netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	for _, host := range hosts[:min(len(hosts), mostPages)] {
		pages = append(pages, scheme+netip.AddrPortFrom(host, at.Port()).String())
	}
	return pages
}

// ownAddresses are this machine's in its networks: IPv4, which every phone has.
func ownAddresses() (list []netip.Addr) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		network, err := netip.ParsePrefix(a.String())
		if err == nil && network.Addr().Is4() && network.Addr().IsGlobalUnicast() {
			list = append(list, network.Addr())
		}
	}
	return list
}
