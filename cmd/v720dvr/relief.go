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
	paid          int64 // of what was written, as much has been deleted again since
	bytes         int64 // deleted then; 0 when it is known to have helped
	at            time.Time
	vain          int
}

// may tells how many bytes may be deleted for want of room: 0 for none now, -1 for as many as are missing. written counts
// the bytes that have taken room meanwhile. While room is on its way back, and little is left (near), it is no more than that.
func (r *relief) may(free, written int64, near bool, now time.Time) (int64, error) {
	if r.bytes > 0 {
		gained := free - r.free + written - r.written
		switch {
		case gained >= r.bytes/2:
			*r = relief{}
		case now.Sub(r.at) < givenBack:
			if came := written - r.paid; near && came > 0 {
				r.paid = written
				return came, nil
			}
			return 0, nil
		default:
			r.bytes = 0
			r.vain++
		}
	}
	if r.vain < mostVain {
		return -1, nil
	}
	if now.Sub(r.at) < vainRest {
		return 0, errInVain
	}
	return -1, nil
}

// deleted notes a deletion.
func (r *relief) deleted(free, written, bytes int64, now time.Time) {
	if r.bytes > 0 { // more of the same: it is waited from the first on
		r.bytes += bytes
		return
	}
	r.free, r.written, r.paid, r.bytes, r.at = free, written, written, bytes, now
}
