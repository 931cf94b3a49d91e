package storagetest

import (
	"io/fs"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"
)

// faults are what is wrong with a disk now.
type faults struct {
	fail   []failure
	stalls []stall
	room   int64 // bytes that files may still grow by, where full is set
	full   bool
}

type failure struct {
	err error
	ops []string
}

type stall struct {
	ops    []string
	lasts  time.Duration
	healed chan struct{}
}

// changing are the operations that a disk which cannot be written refuses.
var changing = []string{OpMkdir, OpCreate, OpWrite, OpTruncate, OpRename, OpRemove, OpSync, OpSyncDir}

// Fail lets operations fail with an error, until Heal. Without any named it is all that change
// something.
func (d *Disk) Fail(err error, ops ...string) {
	if len(ops) == 0 {
		ops = changing
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.fail = append(d.faults.fail, failure{err, ops})
}

// Full lets files grow by so many bytes more; then, until Heal, a write is cut off where the room
// ends with ENOSPC, and no folder can be made. Empty files can: their names find room for long.
func (d *Disk) Full(after int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.full, d.faults.room = true, after
}

// ReadOnly refuses every change with EROFS until Heal, as a disk that the system does not trust any
// more. Files that are open meet it too.
func (d *Disk) ReadOnly() { d.Fail(syscall.EROFS) }

// Stall lets each operation of the kinds named take so long, until Heal, which also ends those
// under way.
func (d *Disk) Stall(lasts time.Duration, ops ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.stalls = append(d.faults.stalls, stall{ops, lasts, make(chan struct{})})
}

// Heal ends Fail, Full, ReadOnly and Stall.
func (d *Disk) Heal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.faults.stalls {
		close(s.healed)
	}
	d.faults = faults{}
}

func (d *Disk) stall(op string) {
	d.mu.Lock()
	stalls := d.faults.stalls
	d.mu.Unlock()
	for _, s := range stalls {
		if slices.Contains(s.ops, op) {
			select {
			case <-time.After(s.lasts):
			case <-s.healed:
			}
		}
	}
}

func (d *Disk) fault(op, path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	cause := error(nil)
	switch {
	case d.off, d.pulled.gone && below(d.pulled.at, path):
		cause = syscall.EIO
	case d.faults.full && d.faults.room == 0 && op == OpMkdir:
		cause = syscall.ENOSPC
	default:
		for _, f := range d.faults.fail {
			if slices.Contains(f.ops, op) {
				cause = f.err
			}
		}
	}
	if cause == nil || op == OpClose { // closing gives the descriptor back whatever happens
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: cause}
}

// mount is the place of a disk that can be pulled.
type mount struct {
	at    string
	gone  bool // nothing works
	empty bool // the mount point is an empty folder, the files are aside
}

// Pull takes the disk away that is mounted at a folder: everything there fails, and files that are
// open stay dead for ever.
func (d *Disk) Pull(at string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pulled = mount{at: at, gone: true}
	d.life++
}

// ReturnEmpty leaves of the disk that was pulled its mount point: an empty folder of another disk.
func (d *Disk) ReturnEmpty(t testing.TB) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := os.Rename(d.pulled.at, d.pulled.at+" aside"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(d.pulled.at, 0o755); err != nil {
		t.Fatal(err)
	}
	d.pulled.gone, d.pulled.empty = false, true
}

// Return brings the disk that was pulled back with its files. The test fails when the empty mount
// point has been written to.
func (d *Disk) Return(t testing.TB) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pulled.empty {
		if err := os.Remove(d.pulled.at); err != nil {
			t.Fatalf("the mount point was written to while the disk was away: %v", err)
		}
		if err := os.Rename(d.pulled.at+" aside", d.pulled.at); err != nil {
			t.Fatal(err)
		}
	}
	d.pulled = mount{}
}
