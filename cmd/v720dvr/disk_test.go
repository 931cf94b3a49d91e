package main

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestHealthNamesTheTroubleOfTheDiskUntilItEnds(t *testing.T) {
	for want, begin := range map[storage.Trouble]func(*smallBox){
		storage.DiskFull:     func(b *smallBox) { b.disk.Full(0) },
		storage.DiskReadOnly: func(b *smallBox) { b.disk.ReadOnly() },
		storage.DiskFailing:  func(b *smallBox) { b.disk.Fail(syscall.EIO, storagetest.OpWrite) },
		storage.DiskSlow:     func(b *smallBox) { b.disk.Stall(time.Minute, storagetest.OpSync) },
	} {
		t.Run(string(want), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := openSmallBox(t, 0, func(c *config.Config) { c.Retention.MinFree = config.Size{} })
				b.film(t, 5*time.Second, 2, 500, func() {})
				begin(b)
				b.film(t, 8*time.Second, 2, 500, func() {})
				h := b.state(t)
				if h.Disk.Trouble != string(want) || h.Disk.Since.IsZero() || h.Disk.Budget == 0 {
					t.Errorf("got %+v, want %s", h.Disk, want)
				}
				if problems := strings.Join(h.Problems, "\n"); strings.Count(problems, "the disk of the recordings is "+string(want)+" since") != 1 {
					t.Errorf("got problems %q, want the disk's in one line", problems)
				}
				b.disk.Heal()
				b.film(t, time.Minute, 2, 500, func() {})
				if h := b.state(t); h.Disk.Trouble != "" || len(h.Problems) > 0 {
					t.Errorf("after its end: got %+v and problems %q", h.Disk, h.Problems)
				}
				b.stop()
				b.segments(t)
			})
		})
	}
}
