package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
)

var smallDisk = flag.Bool("small-disk", false, "ten minutes on 200 MB, as `make small-disk` does, and not 90 s on 50 MB")

// tmpfs mounts a volume of so many bytes in memory; false where that is not allowed.
func tmpfs(t *testing.T, at string, size int64) bool {
	t.Helper()
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", at, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Logf("no volume of its own (%v): the test's disk says how large it is", err)
		return false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(at, 0); err != nil {
			t.Error(err)
		}
	})
	return true
}

// Four cameras of 10 pictures of 20 KB a second give 48 MB a minute, so that a disk of 200 MB holds
// four minutes of them.
func TestFourCamerasOnADiskThatHoldsMinutesNeverFillIt(t *testing.T) {
	const cameras, size, fps = 4, 20_000, 10
	disk, length := int64(50<<20), 90*time.Second
	if *smallDisk {
		disk, length = 200<<20, 10*time.Minute
	}
	synctest.Test(t, func(t *testing.T) {
		dir, limit := t.TempDir(), disk
		if *smallDisk && tmpfs(t, filepath.Join(dir, "recordings"), disk) {
			limit = 0
		}
		b := openSmallBox(t, limit, func(c *config.Config) {
			c.Storage.Dir = dir
			c.Recording.Segment = config.Duration(length / 60)
			c.Retention.MinFree = config.Size{Percent: 10}
		})
		least, begun := disk, time.Now()
		for range int(length/time.Second) * fps {
			for i := range cameras {
				id := camera.ID(fmt.Sprint("0800c000000", i))
				b.recorder.Audio(camera.Audio{Camera: id, At: time.Now(), ALaw: make([]byte, camera.SampleRate/fps)})
				b.recorder.Frame(camera.Frame{Camera: id, At: time.Now(), JPEG: picture(size)})
			}
			wait(t.Context(), time.Second/fps)
			space, err := b.store.Space()
			if err != nil {
				t.Fatal(err)
			}
			least = min(least, space.Free)
			if problems := b.state(t).Problems; len(problems) > 0 {
				t.Fatalf("after %v: got problems %q", time.Since(begun), problems)
			}
		}
		want := int64(length/time.Second) * fps
		for _, d := range b.recorder.Stats() {
			if d.Written != want || d.Dropped+d.Lost+d.Refused+d.DroppedSound != 0 || d.Err != "" {
				t.Errorf("camera %s: got %+v, want all %d pictures written", d.Camera, d, want)
			}
		}
		b.stop()
		// What a second takes until the next look, and a segment's end, may be missing for a moment.
		if floor := disk/10 - 3*cameras*fps*size; least < floor {
			t.Errorf("%d bytes were free at the least, want %d", least, floor)
		}
		rows := b.segments(t)
		oldest := make(map[camera.ID]time.Time)
		var kept int64
		for _, r := range rows {
			if start, ok := oldest[r.Camera]; !ok || r.Start.Before(start) {
				oldest[r.Camera] = r.Start
			}
			kept += r.Bytes
		}
		for id, start := range oldest {
			if off := start.Sub(oldest["0800c0000000"]).Abs(); off > length/30 {
				t.Errorf("camera %s is kept from %v on, another from %v: want the oldest of all gone first", id, start, oldest["0800c0000000"])
			}
		}
		if len(oldest) != cameras || kept < disk*7/10 || oldest["0800c0000000"].Equal(begun) {
			t.Errorf("got %d bytes of %d cameras kept, want most of the disk's %d, and the oldest gone", kept, len(oldest), disk)
		}
		t.Logf("%d MiB written, %d kept, %d free at the least of %d", want*cameras*size>>20, kept>>20, least>>20, disk>>20)
	})
}
