package storage

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// severalFiles is from how many files on one pass over their volume is cheaper than an fdatasync of
// each. docs/storage.md, "What a sync costs".
const severalFiles = 3

// passed are the file systems whose syncfs(2) is known to reach the disk, as statfs(2) numbers
// them. Through FUSE it asks the server to sync nothing, and a network's disk is not ours to know.
var passed = []int64{
	0xEF53,     // ext2, ext3, ext4
	0x58465342, // xfs
	0x9123683E, // btrfs
	0xF2F52010, // f2fs
	0x4D44,     // fat
	0x2011BAB0, // exfat
	0x01021994, // tmpfs
}

// syncVolume makes files durable by one syncfs(2) of their volume. When it did not, each is to be
// synced by itself, which tells whose error it was.
//
// Since Linux 5.8 syncfs reports failed write-back, of any file on the volume; before, it reports
// none. So each of ours is asked in any case: sync_file_range(2) with nothing left to wait for
// reports what befell that one open file, without any work of the disk. Like fsync it reports it
// once, so this error is the file's and no fdatasync may follow.
func syncVolume(files []*os.File) (errs []error, did bool) {
	if len(files) < severalFiles || !onOnePassedVolume(files) || withDescriptor(files[0], unix.Syncfs) != nil {
		return nil, false
	}
	for i, f := range files {
		err := withDescriptor(f, func(fd int) error {
			return unix.SyncFileRange(fd, 0, 0, unix.SYNC_FILE_RANGE_WAIT_BEFORE)
		})
		if err == nil {
			continue
		}
		if errs == nil {
			errs = make([]error, len(files))
		}
		errs[i] = &os.PathError{Op: "syncfs", Path: f.Name(), Err: err}
	}
	return errs, true
}

// onOnePassedVolume tells whether one syncfs reaches all files: another disk may be mounted on a
// camera's folder.
func onOnePassedVolume(files []*os.File) bool {
	var system unix.Statfs_t
	if withDescriptor(files[0], func(fd int) error { return unix.Fstatfs(fd, &system) }) != nil || !slices.Contains(passed, int64(uint32(system.Type))) {
		return false
	}
	var first, other unix.Stat_t
	if withDescriptor(files[0], func(fd int) error { return unix.Fstat(fd, &first) }) != nil {
		return false
	}
	for _, f := range files[1:] {
		if withDescriptor(f, func(fd int) error { return unix.Fstat(fd, &other) }) != nil || other.Dev != first.Dev {
			return false
		}
	}
	return true
}
