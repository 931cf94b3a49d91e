package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// claimPart opens a file that is being made. What a killed export left in it is thrown away; one that another
// process is writing is refused, since both would hold it by its name.
func claimPart(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("another export is writing %s", path), f.Close())
	} // a file system without locks has one export at a time
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// headway tells how far an export is, how fast, and how long it still takes: on a terminal, in one line that is written
// over.
type headway struct {
	*progress
	all, done int64
	begun     time.Time
}

func newHeadway(w io.Writer, all int64) *headway {
	return &headway{progress: newProgress(w, ""), all: all, begun: time.Now()}
}

// Write counts what was written.
func (r *headway) Write(b []byte) (int, error) {
	r.done += int64(len(b))
	if now := time.Now(); r.terminal && now.Sub(r.told) >= progressEvery {
		r.told = now
		fmt.Fprintf(r.w, "\r\x1b[K%s", headwayInWords(r.done, r.all, now.Sub(r.begun)))
	}
	return len(b), nil
}

func headwayInWords(done, all int64, took time.Duration) string {
	speed := float64(done) / max(took.Seconds(), 0.001)
	left := time.Duration(float64(max(all-done, 0)) / max(speed, 1) * float64(time.Second))
	return fmt.Sprintf("%d %%, %.1f of %.1f MB, %.1f MB/s, %v left", min(100*done/max(all, 1), 100), float64(done)/1e6, float64(all)/1e6, speed/1e6, left.Round(time.Second))
}
