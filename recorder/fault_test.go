package recorder

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

var writeFaults = flag.Bool("write-faults", false, "write the table of docs/storage.md, as `make faults` does")

// A fault is what befalls a disk, from begin to end.
type fault struct {
	name  string
	begin func(*testing.T, *rig)
	lasts time.Duration // 0 is faultLasts
	end   func(*testing.T, *rig)
	want  storage.Trouble
	lines [2]string // of the log, at the beginning and at the end
}

// In the table four cameras of 10 pictures a second record to the disk, another to a disk of its
// own. The budget holds what the four give in 30 s.
const (
	faultCameras = 4
	faultLasts   = 20 * time.Second
	faultBefore  = 7 * time.Second
	faultBehind  = 40 * time.Second // the rest that is under way, a segment, and until the trouble is called over
	faultBudget  = faultCameras * 30 * 10 * (400 + 800 + 2*itemCost)
)

var (
	failingLines = [2]string{"recording failed", "recording again"}
	slowLines    = [2]string{"the disk is slow", "the disk keeps up again"}
)

func heal(_ *testing.T, r *rig) { r.disk.Heal() }

func fails(err error, ops ...string) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.disk.Fail(err, ops...) }
}

func stalls(lasts time.Duration, op string) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.disk.Stall(lasts, op) }
}

var faultTable = []fault{
	{"no room left", func(_ *testing.T, r *rig) { r.disk.Full(0) }, 0, heal, storage.DiskFull, failingLines},
	{"no room left in the middle of a picture", func(_ *testing.T, r *rig) { r.disk.Full(1000) }, 0, heal, storage.DiskFull, failingLines},
	{"an error at each write", fails(syscall.EIO, storagetest.OpWrite), 0, heal, storage.DiskFailing, failingLines},
	{"an error at each fsync", fails(syscall.EIO, storagetest.OpSync), 0, heal, storage.DiskFailing, failingLines},
	{"an error at each new file", fails(syscall.EIO, storagetest.OpCreate), 0, heal, storage.DiskFailing, failingLines},
	{"an error at each rename", fails(syscall.EIO, storagetest.OpRename), 0, heal, storage.DiskFailing, failingLines},
	{"an error at each fsync of a folder", fails(syscall.EIO, storagetest.OpSyncDir), 0, heal, storage.DiskFailing, failingLines},
	{"made read-only by the system", func(_ *testing.T, r *rig) { r.disk.ReadOnly() }, 0, heal, storage.DiskReadOnly, failingLines},
	{"each fsync takes 10 s", stalls(10*time.Second, storagetest.OpSync), 0, heal, storage.DiskSlow, slowLines},
	{"each write takes 10 s", stalls(10*time.Second, storagetest.OpWrite), 0, heal, storage.DiskSlow, slowLines},
	{"pulled out, and plugged in again", func(_ *testing.T, r *rig) { r.disk.Pull(r.store.Recordings()) }, 0,
		func(t *testing.T, r *rig) { r.disk.Return(t) }, storage.DiskGone, failingLines},
	{"pulled out, its mount point stays behind empty, and plugged in again", func(t *testing.T, r *rig) {
		r.disk.Pull(r.store.Recordings())
		r.disk.ReturnEmpty(t)
	}, 0, func(t *testing.T, r *rig) { r.disk.Return(t) }, storage.DiskGone, failingLines},
	{"one write hangs for 60 s, twice what may wait", stalls(time.Minute, storagetest.OpWrite), time.Minute, heal, storage.DiskSlow, slowLines},
	{"an error at each write for 60 s, twice what may wait", fails(syscall.EIO, storagetest.OpWrite), time.Minute, heal, storage.DiskFailing, failingLines},
}

// A damage is what a fault costs.
type damage struct {
	trouble     storage.Trouble
	lost        int           // pictures that are in no file, of the four cameras
	ledger      int           // of those, how many stand in a ledger
	givenUp     int           // segments that stay a .part
	behind      time.Duration // from the fault's end until the newest picture was written
	other       int           // pictures of the other disk's camera that are in no segment
	most        int64         // bytes that waited
	began, over int           // lines of the log
}

// suffer records through a fault.
func suffer(t *testing.T, f fault) (d damage) {
	var text lines
	sick := startRig(t, Options{Waiting: faultBudget, Log: slog.New(slog.NewTextHandler(&text, nil))}, recordAll(15*time.Second))
	well := startRig(t, Options{Waiting: faultBudget}, recordAll(15*time.Second))
	scenes := make([]*scene, faultCameras+1)
	lasts := f.lasts
	if lasts == 0 {
		lasts = faultLasts
	}
	pause(1234 * time.Millisecond) // off the clock
	var ended atomic.Bool
	var caughtUp atomic.Int64 // since the fault's end
	var playing sync.WaitGroup
	for i := range scenes {
		s := newScene(camera.ID(fmt.Sprintf("0800c000000%d", i)), 10)
		r := sick
		if i == faultCameras {
			r = well
		}
		scenes[i] = s
		playing.Go(func() {
			pause(time.Duration(i) * 13 * time.Millisecond)
			for range (faultBefore + lasts + faultBehind) / s.interval {
				before := time.Now()
				r.Audio(s.sound(before, int(s.interval/sample)))
				r.Frame(s.frame(before))
				if waited := time.Since(before); waited > 0 {
					t.Errorf("the sink waited %v", waited)
				}
				if disk := r.Disk(); disk.Waiting > disk.Budget {
					t.Errorf("%d bytes wait, at most %d may", disk.Waiting, disk.Budget)
				}
				pause(s.interval)
			}
		})
	}
	playing.Go(func() {
		pause(faultBefore)
		f.begin(t, sick)
		pause(lasts - time.Second)
		d.trouble, d.most = sick.Disk().Trouble, sick.Disk().Waiting
		pause(time.Second)
		f.end(t, sick)
		ended.Store(true)
		end := time.Now()
		for time.Since(end) < faultBehind-time.Second && newestWritten(sick).Before(end) {
			pause(50 * time.Millisecond)
		}
		caughtUp.Store(int64(time.Since(end)))
	})
	playing.Wait()
	if trouble := sick.Disk().Trouble; trouble != storage.NoTrouble {
		t.Errorf("the disk is still %s", trouble)
	}
	sick.stop()
	well.stop()

	d.behind = time.Duration(caughtUp.Load())
	d.began, d.over = text.count(f.lines[0]), text.count(f.lines[1])
	if n := text.count("level=ERROR") + text.count("level=WARN") + text.count("level=INFO"); n != d.began+d.over {
		t.Errorf("got more lines of log than one at the beginning and one at the end:\n%s", &text)
	}
	parts := givenUp(t, sick.store)
	d.givenUp = storagetest.Check(t, sick.store).Left
	held := make(map[string]bool)
	for _, f := range parts.frames {
		held[string(f.JPEG)] = true
	}
	for i, s := range scenes[:faultCameras] {
		all := readTape(t, sick.store, s.id)
		inLedger := make(map[int64]bool)
		for _, f := range all.frames {
			if f.JPEG == nil {
				inLedger[f.At.UnixMicro()] = true
			}
			held[fmt.Sprint(i)+string(f.JPEG)] = true
		}
		all.inOrder(t)
		for _, f := range s.sent {
			if held[fmt.Sprint(i)+string(f.JPEG)] || held[string(f.JPEG)] {
				continue
			}
			d.lost++
			if inLedger[f.At.UnixMicro()] {
				d.ledger++
			}
		}
	}
	others := readTape(t, well.store, scenes[faultCameras].id)
	d.other = len(scenes[faultCameras].sent) - len(others.frames)
	others.holdsFrames(t, scenes[faultCameras].sent)
	others.holdsSound(t, scenes[faultCameras].heard)
	return d
}

// newestWritten is the capture time up to which all decks have written.
func newestWritten(r *rig) time.Time {
	var oldest time.Time
	for _, s := range r.Stats() {
		if at := s.Written; at == 0 || s.Queue > 2 || s.Segment == "" || r.Disk().Waiting > faultCameras*2000 {
			return time.Time{}
		}
		if oldest.IsZero() || s.Last.Before(oldest) {
			oldest = s.Last
		}
	}
	return oldest
}

// inOrder fails when frames of the tape go back in time, or are there twice.
func (all *tape) inOrder(t *testing.T) {
	t.Helper()
	for i := 1; i < len(all.frames); i++ {
		if last, f := all.frames[i-1], all.frames[i]; !f.At.After(last.At) || f.JPEG != nil && bytes.Equal(f.JPEG, last.JPEG) {
			t.Fatalf("frame %d at %v stands behind one at %v", i, f.At, last.At)
		}
	}
}

func (f fault) row(d damage) string {
	state := string(d.trouble)
	lost := "0"
	if d.lost > 0 { // by chance a few more or less
		sent := faultCameras * int(f.lasts/time.Second) * 10
		lost = fmt.Sprintf("%d %% of its time, the oldest", (100*d.lost/sent+5)/10*10)
	}
	return fmt.Sprintf("| %s | %s | %s | %d | %s |", f.name, state, lost, d.givenUp, about(d.behind))
}

// about rounds a time as the table says it: what a run may differ by is left out.
func about(d time.Duration) string {
	switch {
	case d <= 500*time.Millisecond:
		return "at once"
	case d < 60*time.Second:
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	}
	return d.Round(time.Second).String()
}

const faultHead = "| fault, for 20 s | state | pictures lost | segments given up | all that waited is written, after its end |\n|---|---|---|---|---|\n"

func TestFaultsCostWhatTheTableInTheDocumentsSays(t *testing.T) {
	rows := make([]string, len(faultTable))
	for i, f := range faultTable {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := suffer(t, f)
				rows[i] = f.row(d)
				t.Logf("%+v", d)
				if d.trouble != f.want {
					t.Errorf("got state %q, want %q", d.trouble, f.want)
				}
				if d.began != 1 || d.over != 1 {
					t.Errorf("got %d and %d lines of log, want one at the beginning and one at the end", d.began, d.over)
				}
				if d.ledger != d.lost {
					t.Errorf("got %d of %d lost pictures in a ledger, want all", d.ledger, d.lost)
				}
				if f.lasts == 0 && d.lost > 0 {
					t.Errorf("%d pictures are lost, and all could wait", d.lost)
				}
			})
		})
	}
	if t.Failed() {
		return
	}
	table := faultHead + strings.Join(rows, "\n") + "\n"
	const document = "../docs/storage.md"
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`(?m)^\| fault, for .*\n(\|.*\n)+`)
	found := place.Find(text)
	switch {
	case found == nil:
		t.Fatalf("%s has no table of faults", document)
	case *writeFaults:
		if err := os.WriteFile(document, place.ReplaceAllLiteral(text, []byte(table)), 0o644); err != nil {
			t.Fatal(err)
		}
	case string(found) != table:
		t.Errorf("%s says\n%s\nbut it is\n%s\n`make faults` writes it", document, found, table)
	}
}
