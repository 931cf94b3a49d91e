package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// The rows of 40 cameras with 25,000 segments of five minutes each, 87 days: entered past the store,
// since a million real commits would take an hour.
const millionRows = `
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999),
	s (i, camera, start) AS (SELECT i, printf('0800c0%06d', i % 40), 1760000000 + i / 40 * 300 FROM n)
INSERT INTO segments (camera, name, volume, path, run, number, start, "end", width, height, frames, repaired, lost, missing,
	has_audio, samples, silence, dropped, bytes)
SELECT camera, camera, ?, camera || strftime('/%Y-%m-%d/%Y-%m-%dT%H-%M-%S+0000.avi', start, 'unixepoch'), zeroblob(16), i + 1,
	start * 1000000, (start + 300) * 1000000, 640, 480, 3000, 10, 1, 4, 1, 2400000, 0, 0, 60000000 FROM s`

// One in ten has two gaps before it, one in fifty six inside.
const millionGaps = `
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 7)
INSERT INTO gaps (segment, number, inside, camera, "from", "to", reason)
SELECT id, i, i >= 2, camera, start + (i - 2) * 3000000, start + (i - 1) * 3000000, iif(i = 0, 'offline', 'silent')
FROM segments, n WHERE iif(i < 2, id % 10 = 0, id % 50 = 0)`

// millionDay is a day in the middle of them.
var millionDay = time.Unix(1760000000, 0).Add(40 * 24 * time.Hour)

func million(b *testing.B) (dir string) {
	b.Helper()
	dir = b.TempDir()
	store, err := storage.Open(b.Context(), storage.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	volume := film(b, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon}).Volume
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "index.sqlite"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []struct {
		text string
		args []any
	}{
		{millionRows, []any{volume}},
		{millionGaps, nil},
		{`INSERT OR IGNORE INTO folders SELECT DISTINCT camera, camera FROM segments`, nil},
	} {
		if _, err := db.Exec(statement.text, statement.args...); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// With a million segments a start takes less than 1 s, a day's list of a camera less than 10 ms,
// and the process less than 200 MB.
func BenchmarkMillion(b *testing.B) {
	dir := million(b)
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			store, err := storage.Open(b.Context(), storage.Options{Dir: dir})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	store, err := storage.Open(b.Context(), storage.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for name, q := range map[string]storage.SegmentQuery{
		"day of a camera":    {Camera: "0800c0000007", From: millionDay, To: millionDay.Add(24 * time.Hour)},
		"day of all cameras": {From: millionDay, To: millionDay.Add(24 * time.Hour)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				rows, err := store.Segments(b.Context(), q)
				if err != nil || len(rows) < 288 {
					b.Fatal(len(rows), err)
				}
			}
			b.ReportMetric(float64(peakMemory())/1e6, "MB-peak")
		})
	}
}

// forgetPeak has peakMemory begin anew, where the system can: what made the rows is not what is measured.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600)
}

// peakMemory is the most that this process has held so far, in bytes; 0 where the system does not
// tell it that way.
func peakMemory() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// A sparse disk keeps of a large write its ends alone.
type sparseDisk struct{ storage.DiskFS }

func (d sparseDisk) Create(path string) (storage.File, error) {
	f, err := d.DiskFS.Create(path)
	return sparseFile{f}, err
}

type sparseFile struct{ storage.File }

func (f sparseFile) Sync() error { return nil }

func (f sparseFile) WriteAt(p []byte, at int64) (int, error) {
	const end = 6 << 10 // the front is 5 KB
	if len(p) <= 2*end {
		return f.File.WriteAt(p, at)
	}
	if _, err := f.File.WriteAt(p[:end], at); err != nil {
		return 0, err
	}
	n, err := f.File.WriteAt(p[len(p)-end:], at+int64(len(p)-end))
	return n + len(p) - end, err
}

// Reindex reads 5 KB of a file, however large it is: 100,000 segments a minute or more.
func BenchmarkReindex(b *testing.B) {
	const segments, size = 3000, 8 << 20
	dir := b.TempDir()
	store, err := storage.Open(b.Context(), storage.Options{Dir: dir, FS: sparseDisk{}})
	if err != nil {
		b.Fatal(err)
	}
	picture := append(jpeg(0), make([]byte, size)...)
	for i := range segments {
		start := noon.Add(time.Duration(i/40) * 5 * time.Minute)
		segment := create(b, store, storage.SegmentSpec{Camera: camera.ID(fmt.Sprintf("0800c0%06d", i%40)), Start: start})
		if err := segment.WriteFrame(camera.Frame{At: start, JPEG: picture}); err != nil {
			b.Fatal(err)
		}
		if _, err := segment.Commit(context.Background(), start.Add(5*time.Minute)); err != nil {
			b.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		done, err := storage.Reindex(b.Context(), storage.Options{Dir: dir}, nil)
		if err != nil || done.Segments != segments {
			b.Fatal(done, err)
		}
	}
	b.ReportMetric(segments*float64(b.N)/b.Elapsed().Minutes(), "segments/min")
}

// A camera's coverage of 87 days, which is 25,000 segments, of a day among them, and a beat of StillAlive
// that writes.
func BenchmarkCoverage(b *testing.B) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: million(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for name, days := range map[string]time.Duration{"a day": 1, "87 days": 87} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				from := time.Unix(1760000000, 0)
				if days == 1 {
					from = millionDay
				}
				c, err := store.View.Coverage(b.Context(), "0800c0000007", from, from.Add(days*24*time.Hour-time.Hour))
				if err != nil || c.Share < 0.9 {
					b.Fatal(c, err)
				}
			}
		})
	}
	b.Run("alive", func(b *testing.B) {
		now := time.Now()
		for b.Loop() {
			now = now.Add(time.Hour) // a step of the clock, which is two rows and a sync
			store.StillAlive(now)
		}
	})
}
