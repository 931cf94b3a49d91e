package main

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"v720dvr/cloud"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

// asksOutside are the parts of the world beyond this process that facts are taken of. Tests put others in their place.
type asksOutside struct {
	lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	own    func() []netip.Addr
	disk   storage.FS
	system func() systemFacts
	udp    func(network, address string) (cloud.PacketConn, error) // a socket to probe from
}

func outside() asksOutside {
	return asksOutside{
		lookup: func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
		},
		own: ownAddresses, disk: storage.DiskFS{}, system: systemNow,
		udp: func(network, address string) (cloud.PacketConn, error) {
			conn, err := net.ListenPacket(network, address)
			if err != nil {
				return nil, err
			}
			return conn.(*net.UDPConn), nil
		},
	}
}

// asks are what doctor asks: the system, but for what the box was given in its place.
func (o boxOptions) asks() asksOutside {
	if o.outside != nil {
		return *o.outside
	}
	asks := outside()
	if o.disk != nil {
		asks.disk = o.disk
	}
	if o.listenPacket != nil {
		asks.udp = o.listenPacket
	}
	return asks
}

// systemFacts are what the system tells of itself and of this process; doctor_linux.go.
type systemFacts struct {
	Container bool
	Firewalls []string
	Synced    *bool
	Limits    limitFact
}

// Bounds of what doctor asks.
const (
	askedName   = "v720.naxclow.com" // docs/protocol.md, section 2
	nameLimit   = 3 * time.Second
	trialSize   = 4 << 20
	trialPiece  = 1 << 20
	trialRoom   = 64 << 20 // bytes that must be free for a trial
	trialPlace  = ".doctor"
	oldestTrial = 10 * time.Second // how old a lookup and a trial may be that are told again
)

// names asks the system's resolver where cameras are led by it.
func (o asksOutside) names(ctx context.Context) *nameFact {
	ctx, cancel := context.WithTimeout(ctx, nameLimit)
	defer cancel()
	fact := &nameFact{Name: askedName}
	all, err := o.lookup(ctx, askedName)
	for _, a := range all {
		fact.Addresses = append(fact.Addresses, a.Unmap())
	}
	fact.Err = err
	return fact
}

// volume looks at the recordings' disk.
func (o asksOutside) volume(folder string, minFree config.Size) diskFact {
	fact := diskFact{Folder: folder}
	space, err := o.disk.Space(existing(folder))
	fact.Size, fact.Free, fact.Err = space.Size, space.Free, err
	fact.MinFree = minFree.Of(space.Size)
	return fact
}

// trial writes some megabytes to the recordings' disk, makes them safe, and takes them away again.
func (o asksOutside) trial(folder string) *writeFact {
	path, fact := filepath.Join(folder, trialPlace), &writeFact{}
	o.disk.Remove(path) // of a trial that a crash ended
	f, err := o.disk.Create(path)
	if err != nil {
		fact.Err = err
		return fact
	}
	defer o.disk.Remove(path)
	defer f.Close()
	piece := make([]byte, trialPiece)
	for i := range piece {
		piece[i] = byte(i * 131) // nothing that a disk makes smaller
	}
	begun := time.Now()
	for ; fact.Bytes < trialSize && fact.Err == nil; fact.Bytes += trialPiece {
		_, fact.Err = f.WriteAt(piece, fact.Bytes)
	}
	if fact.Err == nil {
		fact.Err = f.Sync()
	}
	fact.Took = time.Since(begun)
	return fact
}

// reach probes the media port through the address that cameras are told: the announced one, else each that they may come by.
func (o asksOutside) reach(ctx context.Context, bound netip.AddrPort, announced netip.AddrPort) *reachFact {
	to := announced
	if !to.Addr().IsValid() {
		to = netip.AddrPortFrom(bound.Addr(), announced.Port())
		if own := o.own(); to.Addr().IsUnspecified() && len(own) > 0 {
			to = netip.AddrPortFrom(own[0], announced.Port())
		} else if to.Addr().IsUnspecified() {
			to = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), announced.Port())
		}
	}
	fact := &reachFact{To: to}
	from := ":0"
	if to.Addr().IsLoopback() {
		from = "127.0.0.1:0"
	}
	conn, err := o.udp("udp4", from)
	if err != nil {
		fact.Err = err
		return fact
	}
	fact.Took, fact.Err = cloud.Reach(ctx, conn, to)
	return fact
}
