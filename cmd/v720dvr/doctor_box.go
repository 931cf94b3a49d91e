package main

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/web"
)

// doctor looks for what is wrong with a running box: when somebody asks, and by itself now and then, so that the page can
// say that there is a fault.
type doctor struct {
	outside asksOutside

	turn   chan struct{} // one place: who looks has it, and what follows
	tried  time.Time     // when names and wrote were found out
	names  *nameFact
	wrote  *writeFact
	faults atomic.Int64
}

// When it looks by itself; it asks no other machine then, and writes nothing to the disk.
const (
	firstLook = time.Minute
	nextLook  = 5 * time.Minute
)

// Diagnose looks at box and cameras. A trial wears the disk: who only reads is told of the last one.
func (b *box) Diagnose(ctx context.Context) (web.Diagnosis, error) {
	asks := web.Asks(ctx)
	return b.diagnose(ctx, asks == nil || asks.May(web.ScopeAdmin))
}

// lookForFaults looks by itself until ctx ends.
func (b *box) lookForFaults(ctx context.Context) error {
	for wait := firstLook; ; wait = nextLook {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if _, err := b.diagnose(ctx, false); err != nil && ctx.Err() == nil {
			b.log.Debug("could not look for faults", "err", err)
		}
	}
}

// diagnose gathers facts and judges them; trying also asks the resolver and writes a trial to the disk.
func (b *box) diagnose(ctx context.Context, trying bool) (web.Diagnosis, error) {
	select {
	case b.doctor.turn <- struct{}{}:
		defer func() { <-b.doctor.turn }()
	case <-ctx.Done():
		return web.Diagnosis{}, ctx.Err()
	}
	system, err := b.System(ctx)
	if err != nil {
		return web.Diagnosis{}, err
	}
	cameras, err := b.cameraFacts(ctx)
	if err != nil {
		return web.Diagnosis{}, err
	}
	facts := b.boxFacts(ctx, system)
	if room := facts.Disk.Err == nil && facts.Disk.Trouble == "" && facts.Disk.Free > trialRoom; trying && facts.At.Sub(b.doctor.tried).Abs() >= oldestTrial {
		b.doctor.names, b.doctor.wrote, b.doctor.tried = b.doctor.outside.names(ctx), nil, facts.At
		if room {
			b.doctor.wrote = b.doctor.outside.trial(facts.Disk.Folder)
		}
	}
	facts.Names, facts.Disk.Written = b.doctor.names, b.doctor.wrote
	d := diagnosisOf(facts, cameras)
	b.doctor.faults.Store(int64(faults(d.Findings)))
	return d, nil
}

// diagnosisOf is what is made of facts.
func diagnosisOf(box boxFacts, cameras []cameraFacts) web.Diagnosis {
	d := web.Diagnosis{At: box.At, Running: box.Running, Findings: judge(box, cameras), Ways: []web.Way{}}
	for _, c := range cameras {
		d.Ways = append(d.Ways, wayOf(c))
	}
	slices.SortStableFunc(d.Ways, func(a, b web.Way) int { return compareBools(a.Missing == "", b.Missing == "") })
	return d
}

// boxFacts are those of a running box.
func (b *box) boxFacts(ctx context.Context, system web.System) boxFacts {
	c, now := b.config.Load().Config, time.Now()
	told := b.doctor.outside.system()
	facts := boxFacts{
		At: now.In(b.zone.now()), Running: true, Container: told.Container, Config: c.Cloud, Own: b.doctor.outside.own(),
		Announced: b.cloud.Announced(), Firewalls: told.Firewalls, Dropped: system.Doors.Dropped, Limits: told.Limits,
		Clock:  clockFact{Stepped: now.Round(0).Sub(b.started.Round(0)) - now.Sub(b.started), Synced: told.Synced},
		Folder: folderNow(c.Storage.Dir),
	}
	facts.Limits.Budget = system.Disk.Budget
	if granted, wanted, known := b.cloud.MediaBuffer(); known {
		facts.Buffer = &bufferFact{granted, wanted}
	}
	addrs := b.cloud.Addrs()
	c.Cloud.HTTP, c.Cloud.Control = addrs.HTTP.String(), addrs.Control.String()
	if addrs.MQTT != nil {
		c.Cloud.MQTT = addrs.MQTT.String()
	}
	if addrs.DNS != nil {
		c.Cloud.DNS = addrs.DNS.String()
	}
	if b.web.Addr() != nil {
		c.Web.Listen = b.web.Addr().String()
	}
	facts.Ports = wantedPorts(c)
	if bound, err := netip.ParseAddrPort(c.Cloud.Control); err == nil {
		facts.Reach = b.doctor.outside.reach(ctx, bound, facts.Announced)
	}
	facts.Disk = b.doctor.outside.volume(b.store.Recordings(), c.Retention.MinFree)
	facts.Disk.Trouble, facts.Disk.Problem = system.Disk.Trouble, system.Retention.Problem
	asked, _ := b.cloud.DNS()
	facts.Asked, facts.Broker = len(asked.Asked), b.cloud.BrokerTrouble()
	facts.Home = b.homeTrouble()
	facts.Problems = slices.DeleteFunc(system.Problems, func(p string) bool { return p == b.recorder.Disk().String() })
	return facts
}

// cameraFacts are those of all cameras, and of who may become one.
func (b *box) cameraFacts(ctx context.Context) (all []cameraFacts, err error) {
	known, err := b.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	arrivals, _, _ := b.Arrivals(0)
	conditions := b.cloud.Conditions()
	come := make(map[camera.ID]web.Arrival)
	for _, a := range arrivals {
		if a.Camera != "" {
			come[a.Camera] = a
		}
	}
	for _, c := range known {
		a := come[c.ID]
		a.Camera = c.ID
		delete(come, c.ID)
		all = append(all, cameraFacts{Camera: c, Arrival: a, Broker: conditions[c.ID].Broker})
	}
	for _, a := range arrivals {
		if _, unknown := come[a.Camera]; (a.Camera == "" || unknown) && a.Camera != demoID {
			all = append(all, cameraFacts{Arrival: a, Broker: conditions[a.Camera].Broker})
		}
	}
	return all, nil
}
