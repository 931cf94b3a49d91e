package main

import (
	"errors"
	"time"
)

// errInVain stops deleting where it does not help: as long as a snapshot holds the files (btrfs,
// ZFS, LVM), or another name or program does, all could be deleted and nothing would be gained.
var errInVain = errors.New("deleting recordings gives no room on this disk: does a snapshot hold them, or a hard link? Nothing more is deleted for retention.min_free for now")

const (
	// givenBack is how long a file system may take to give room back. btrfs does it with its next
	// transaction, every 30 s.
	givenBack = 45 * time.Second
	mostVain  = 3         // times in a row that deleting may not help
	vainRest  = time.Hour // until it is tried once more
)

// relief watches whether deleting helps, so that neither a file system that gives room back late nor
// one that never does costs more recordings than it must.
type relief struct {
	free, written int64 // before the last deletion
	bytes         int64 // deleted then; 0 when it is known to have helped
	at            time.Time
	vain          int
}

// may tells whether more may be deleted for want of room. written counts the bytes that have taken
// room meanwhile.
func (r *relief) may(free, written int64, now time.Time) (bool, error) {
	if r.bytes > 0 {
		gained := free - r.free + written - r.written
		switch {
		case gained >= r.bytes/2:
			*r = relief{}
		case now.Sub(r.at) < givenBack:
			return false, nil
		default:
			r.bytes = 0
			r.vain++
		}
	}
	if r.vain < mostVain {
		return true, nil
	}
	if now.Sub(r.at) < vainRest {
		return false, errInVain
	}
	return true, nil
}

// deleted notes a deletion.
func (r *relief) deleted(free, written, bytes int64, now time.Time) {
	r.free, r.written, r.bytes, r.at = free, written, bytes, now
}
