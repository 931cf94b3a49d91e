package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
)

// Trouble names what keeps a disk from taking what is recorded. The texts are shown to people and
// to programs: they never change.
type Trouble string

// The kinds of Trouble.
const (
	NoTrouble    Trouble = ""
	DiskFull     Trouble = "full"      // no room, or the user's quota is used up
	DiskReadOnly Trouble = "read-only" // mounted so, or made so by the system after an error
	DiskGone     Trouble = "gone"      // pulled out, not mounted, or another one is mounted in its place
	DiskSlow     Trouble = "slow"      // it takes everything, but not in time: who waits for it says so
	DiskFailing  Trouble = "failing"   // any other error
)

// ErrWrongVolume is a volume that is not there, or another one in its place: volume.json is missing
// from the recordings, or names another. Nothing is written to it.
var ErrWrongVolume = errors.New("the recordings' volume is not there")

// Diagnose names the trouble behind an error of Create, Commit, Sync or a segment. It looks whether
// the volume is still there, so it may wait for a disk that hangs.
func (s *Store) Diagnose(err error) Trouble {
	for _, c := range []struct {
		cause   error
		trouble Trouble
	}{
		{ErrWrongVolume, DiskGone},
		{syscall.ENODEV, DiskGone}, {syscall.ENXIO, DiskGone}, {syscall.ENOTCONN, DiskGone}, {syscall.ESTALE, DiskGone},
		{syscall.ENOSPC, DiskFull}, {syscall.EDQUOT, DiskFull},
	} {
		if errors.Is(err, c.cause) {
			return c.trouble
		}
	}
	switch {
	case err == nil:
		return NoTrouble
	case s.onVolume() != nil: // what a pulled disk answers differs from system to system
		return DiskGone
	case errors.Is(err, syscall.EROFS):
		return DiskReadOnly
	}
	return DiskFailing
}

// onVolume tells whether the recordings are still on the volume that was opened. Where a disk was
// unmounted its mount point stays behind, an empty folder of the system's disk.
func (s *Store) onVolume() error {
	v, err := readVolume(s.disk, s.recordings)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrWrongVolume, err)
	case v.ID != s.volume.ID:
		return fmt.Errorf("%w: %s names volume %s, %s was opened", ErrWrongVolume, filepath.Join(s.recordings, volumeFile), v.ID, s.volume.ID)
	}
	return nil
}
