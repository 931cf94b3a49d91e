package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/internal/config"
	"v720dvr/recorder"
	"v720dvr/storage"
	"v720dvr/web"
)

// Location is the zone in which times are told.
func (b *box) Location() *time.Location { return b.zone.now() }

// Cameras asks the rooms for the cameras: those of the configuration, those that were, those that are there.
func (b *box) Cameras(ctx context.Context) ([]web.Camera, error) {
	known, err := b.store.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	loaded, now := *b.config.Load(), time.Now()
	cameras := make(map[camera.ID]*web.Camera)
	at := func(id camera.ID) *web.Camera {
		if cameras[id] == nil {
			own := loaded.Config.Camera(id)
			cameras[id] = &web.Camera{
				ID: id, Name: own.Name, Model: id.Model(), State: "offline", Motor: own.Motor, Speaker: own.Speaker,
				Approved: !waitsForPerson(loaded, id),
			}
		}
		return cameras[id]
	}
	for _, own := range loaded.Config.Cameras {
		at(own.ID)
	}
	for _, k := range known {
		remembered(at(k.ID), k)
	}
	for _, s := range b.cloud.Cameras() {
		online(at(s.Camera), s)
	}
	stats := b.recorder.Stats()
	b.arrivals.closed(stats)
	for _, d := range stats {
		b.recorded(at(d.Camera), d)
	}
	for _, id := range b.cloud.Waiting() {
		at(id).State = approvalState(id)
	}
	list := make([]web.Camera, 0, len(cameras))
	switch c := cameras[demoID]; {
	case c == nil:
	case b.demo.played():
		c.Demo = true
	case !c.Online && !slices.Contains(b.cloud.Waiting(), demoID):
		delete(cameras, demoID) // it was played once, and is nobody's any more
	}
	for _, id := range slices.Sorted(maps.Keys(cameras)) {
		c := cameras[id]
		if !c.Approved && !c.Online {
			c.State = approvalState(id)
		}
		if pause, is := b.store.Paused(id, now); is {
			c.Recording, c.PausedUntil = web.RecordingPaused, pause.Until
		}
		if !c.Online {
			c.Away = b.arrivals.away(id)
		}
		if c.Recording == "" { // it has not come since the start
			c.Recording = b.planned(loaded, id, now)
		}
		c.RTSP = b.rtspAddress(*c)
		list = append(list, *c)
	}
	return list, nil
}

// remembered is what the store knows of a camera.
func remembered(c *web.Camera, k storage.CameraRecord) {
	c.Firmware, c.LastSeen = k.Firmware, k.LastSeen
	c.Approved = c.Approved || k.Approved
	if k.Addr.IsValid() {
		c.Address = k.Addr.String()
	}
}

// online is what the cloud knows of a camera that is connected.
func online(c *web.Camera, s cloud.Status) {
	c.Online, c.State, c.Since, c.Address = true, s.Phase, s.Since, s.Addr.Addr().String()
	if s.Firmware != "" {
		c.Firmware = s.Firmware
	}
	if s.LastSeen.After(c.LastSeen) {
		c.LastSeen = s.LastSeen
	}
	c.Repaired = s.Counters.Repaired
}

// recorded is what the recorder makes of a camera.
func (b *box) recorded(c *web.Camera, d recorder.DeckStats) {
	c.Loud = int(d.Loud)
	c.FPS, c.Frames, c.Recorded, c.Lost, c.Dropped = d.FPS, d.Frames, d.Written, d.Lost, d.Dropped
	c.LastFrame, c.Problem = d.Last, d.Err
	c.Ailments = ailments(d.Ailments, b.cloud.Condition(d.Camera))
	if path, err := filepath.Rel(b.store.Recordings(), d.Segment); err == nil && d.Segment != "" {
		c.Segment = filepath.ToSlash(path)
	}
	c.Recording = recordingOf(d)
}

// recordingOf tells how a camera is recorded that has come, or is expected.
func recordingOf(d recorder.DeckStats) web.Recording {
	switch {
	case d.Rest == storage.GapOff || d.Rest == storage.GapSchedule:
		return web.RecordingOff
	case d.Err != "":
		return web.RecordingFailing
	case d.Rest == storage.GapIdle:
		return web.RecordingReady
	case (d.Rest == "" || d.Rest == storage.GapPaused) && d.Frames > 0: // what is paused, the store knows: this pause has ended
		return web.RecordingOn
	}
	return web.RecordingAbsent
}

// planned tells how a camera is recorded that is not there.
func (b *box) planned(loaded config.Loaded, id camera.ID, now time.Time) web.Recording {
	plan, err := planOf(loaded.Config, loaded.Config.Camera(id))
	if err == nil && plan.Active(now, b.zone.now()).Mode == config.ModeOff {
		return web.RecordingOff
	}
	return web.RecordingAbsent
}

// System asks the rooms how they are.
func (b *box) System(ctx context.Context) (web.System, error) {
	s := web.System{Started: b.started, Problems: []string{}}
	if b.watcher != nil {
		if err := b.watcher.Err(); err != nil {
			s.Problems = append(s.Problems, fmt.Sprintf("the configuration's file has mistakes, the one before is in force: %v", err))
		}
	}
	for _, left := range b.config.Load().LeftOut {
		s.Problems = append(s.Problems, leftOutText(left))
	}
	disk := b.recorder.Disk()
	if disk.Trouble != storage.NoTrouble {
		s.Problems = append(s.Problems, disk.String())
	}
	kept := b.sweeper.recordings(ctx)
	if kept.Problem != "" {
		s.Problems = append(s.Problems, "old recordings are not deleted as they should be: "+kept.Problem)
	}
	if kept.Withheld != "" {
		s.Problems = append(s.Problems, kept.Withheld)
	}
	if kept.Choked != "" {
		s.Problems = append(s.Problems, kept.Choked)
	}
	s.Problems = append(s.Problems, b.archiveProblems()...)
	if err := b.homeTrouble(); err != nil {
		s.HomeAssistant = err.Error()
	}
	s.DNS = b.cloud.Addrs().DNS != nil
	s.Faults = int(b.doctor.faults.Load())
	s.Disk = web.Disk{
		Trouble: string(disk.Trouble), Since: disk.Since, Error: disk.Error, Cameras: disk.Cameras, Dropped: disk.Dropped,
		Folder: b.store.Recordings(), Size: kept.Size, Free: kept.Free, MinFree: kept.MinFree,
		Waiting: disk.Waiting, Budget: disk.Budget, Oldest: kept.Oldest,
	}
	s.Retention = web.Retention{LastSweep: kept.LastSweep, Deleted: kept.Deleted, Problem: cmp.Or(kept.Problem, kept.Withheld, kept.Choked), Kept: kept.Kept, Days: b.stocks.fits()}
	s.Doors = web.Doors{Malformed: b.cloud.Malformed(), Strangers: b.cloud.Strangers(), Refused: b.cloud.Refused(), Dropped: b.cloud.Drops()}
	return s, nil
}
