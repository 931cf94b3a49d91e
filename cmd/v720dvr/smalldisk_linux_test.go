package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder"
	"v720dvr/storage"
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
// four minutes of them. Of one of them an event is asked for soon after the begin, which its event_age spares, and of another a
// span is kept: both are there at the end, when everything else of that time is gone.
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
			c.Retention.EventAge = config.Age(2 * length)
		})
		const eventful, held = camera.ID("0800c0000001"), camera.ID("0800c0000002")
		least, begun := disk, time.Now()
		seen, kept := pastSpan{begun.Add(length / 10), begun.Add(length/10 + 5*time.Second)}, pastSpan{begun.Add(length / 20), begun.Add(length/20 + 5*time.Second)}
		for n := range int(length/time.Second) * fps {
			switch time.Duration(n) * time.Second / fps {
			case length / 20:
				if _, err := b.store.Keep(t.Context(), storage.Keep{Camera: held, From: kept.from, To: kept.to}); err != nil {
					t.Fatal(err)
				}
			case length / 10:
				b.recorder.Trigger(recorder.Trigger{Camera: eventful, Kind: camera.Asked, At: time.Now(), For: 5 * time.Second})
			}
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
		there := make(map[camera.ID]time.Duration) // of the event with its rolls, and of what is kept
		var bytes int64
		var spared []time.Time // of the camera with the event, beside it: that in whose journal its end was told
		roll := 10 * time.Second
		// From here on all is there of a camera of which nothing is spared or kept.
		rest := rows[slices.IndexFunc(rows, func(r storage.SegmentRecord) bool { return r.Camera == "0800c0000000" })].Start
		for _, r := range rows {
			bytes += r.Bytes
			of := map[camera.ID]pastSpan{eventful: {seen.from.Add(-roll), seen.to.Add(roll)}, held: kept}[r.Camera]
			if from, to := max(r.Start.UnixNano(), of.from.UnixNano()), min(r.End.UnixNano(), of.to.UnixNano()); !of.from.IsZero() && from < to {
				there[r.Camera] += time.Duration(to - from)
				continue
			}
			if r.Camera == eventful && r.Start.Before(rest.Add(-length/30)) {
				spared = append(spared, r.Start)
				continue
			}
			if start, ok := oldest[r.Camera]; !ok || r.Start.Before(start) {
				oldest[r.Camera] = r.Start
			}
		}
		if want := min(seen.from.Sub(begun), roll) + 5*time.Second + roll; there[eventful] < want-time.Second {
			t.Errorf("%v are there of the event, want %v", there[eventful], want)
		}
		if len(spared) > 1 {
			t.Errorf("segments of %v are spared beside the event, want the one that tells its end", spared)
		}
		if there[held] < 5*time.Second-time.Second/fps {
			t.Errorf("%v are there of what is kept, want 5 s", there[held])
		}
		for id, start := range oldest {
			if off := start.Sub(oldest["0800c0000000"]).Abs(); off > length/30 {
				t.Errorf("camera %s is kept from %v on, another from %v: want the oldest of all gone first", id, start, oldest["0800c0000000"])
			}
		}
		if len(oldest) != cameras || bytes < disk*7/10 || oldest["0800c0000000"].Before(begun.Add(length/5)) {
			t.Errorf("got %d bytes of %d cameras kept, want most of the disk's %d, and the oldest gone", bytes, len(oldest), disk)
		}
		t.Logf("%d MiB written, %d kept, %d free at the least of %d", want*cameras*size>>20, bytes>>20, least>>20, disk>>20)
	})
}
