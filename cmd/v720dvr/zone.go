package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

const (
	systemZone = "/etc/localtime" // localtime(5)
	zoneEvery  = 10 * time.Second // how often it is read again: 3 KB
)

// zone is the time zone that names are in and schedules run by: the system's, followed while it is
// changed. time.Local is read once by a process. Where TZ is set it decides, for good.
type zone struct {
	file     string
	data     []byte // what was read last
	location atomic.Pointer[time.Location]
	changed  func(*time.Location)
	log      *slog.Logger
}

// newZone begins with a location, or with time.Local and the system's file.
func newZone(fixed *time.Location, log *slog.Logger) *zone {
	z := &zone{log: log, changed: func(*time.Location) {}}
	if fixed != nil {
		z.location.Store(fixed)
		return z
	}
	z.location.Store(time.Local)
	if _, set := os.LookupEnv("TZ"); !set {
		z.file = systemZone
		z.data, _ = os.ReadFile(z.file) // none: time.Local is UTC then, until there is one
	}
	return z
}

// now is the zone as it is now. From any goroutine.
func (z *zone) now() *time.Location { return z.location.Load() }

// run follows the system's zone until ctx ends.
func (z *zone) run(ctx context.Context) error {
	if z.file == "" {
		<-ctx.Done()
		return nil
	}
	look := time.NewTicker(zoneEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			z.look()
		}
	}
}

// look reads the file again. One that is not there or not whole is being replaced: the next look
// decides.
func (z *zone) look() {
	data, err := os.ReadFile(z.file)
	if err != nil || bytes.Equal(data, z.data) {
		return
	}
	location, err := time.LoadLocationFromTZData(zoneName(z.file), data)
	if err != nil {
		z.log.Debug("the system's time zone cannot be read", "file", z.file, "err", err)
		return
	}
	z.data = data
	z.log.Info("the time zone was changed", "from", z.now().String(), "to", location.String())
	z.location.Store(location)
	z.changed(location)
}

// zoneName finds the name in what the file links to: …/zoneinfo/Europe/Berlin.
func zoneName(file string) string {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return "Local"
	}
	if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
		return name
	}
	return "Local"
}
