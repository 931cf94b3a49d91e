package storage

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// ForeignFile is a file in the recordings that is left alone: it is none of ours, or none of the footage.
type ForeignFile struct {
	Path  string `json:"path"` // below recordings, with slashes
	Bytes int64  `json:"bytes"`
	Why   string `json:"why"` // one of the Foreign constants
}

// Why a file is left alone. The texts are for programs: they never change.
const (
	ForeignTheirs     = "foreign"    // a video of somebody else's
	ForeignCopy       = "copy"       // a segment that is there a second time
	ForeignNotWhole   = "incomplete" // a segment without its end that was written to a moment ago: it is being copied, or brought back from an archive
	ForeignUnreadable = "unreadable" // left open by a crash, and nothing could be made of it
	ForeignOther      = "other"      // no video
)

// mostForeign bounds what is remembered of such files, and mostTold what a Report has.
const (
	mostForeign = 10_000
	mostTold    = 1000
)

// foreignFiles are what the last looks found, by folder.
type foreignFiles struct {
	mu     sync.Mutex
	number int
	in     map[string][]ForeignFile
}

// Foreign lists the files that are left alone, by path, as the last looks found them; more tells that there
// are others, which are not remembered (beyond 10,000).
func (s *Store) Foreign() (list []ForeignFile, more bool) {
	s.foreign.mu.Lock()
	defer s.foreign.mu.Unlock()
	for _, files := range s.foreign.in {
		list = append(list, files...)
	}
	slices.SortFunc(list, func(a, b ForeignFile) int { return cmp.Compare(a.Path, b.Path) })
	return list, s.foreign.number >= mostForeign
}

// looked begins what is left alone in a folder anew.
func (a *audit) looked(dir string) {
	if a.left == nil {
		a.left = make(map[string][]ForeignFile)
	}
	a.left[path.Clean(dir)] = nil
}

// lookedAt begins what is told of one file anew; of the others in its folder it stays as it is.
func (a *audit) lookedAt(relative string) {
	dir := path.Dir(relative)
	if _, looked := a.left[dir]; !looked {
		known := &a.store.foreign
		known.mu.Lock()
		files := slices.Clone(known.in[dir])
		known.mu.Unlock()
		a.looked(dir)
		a.left[dir] = files
	}
	a.left[dir] = slices.DeleteFunc(a.left[dir], func(f ForeignFile) bool { return f.Path == relative })
}

// forgetLeft forgets what was left alone in a folder that is gone.
func (a *audit) forgetLeft(gone string) {
	known := &a.store.foreign
	known.mu.Lock()
	defer known.mu.Unlock()
	for dir := range known.in {
		if dir == gone || strings.HasPrefix(dir, gone+"/") {
			a.looked(dir)
		}
	}
}

func (a *audit) leaveEntry(relative string, entry fs.DirEntry, why string) {
	if info, err := entry.Info(); err == nil {
		a.leave(relative, info.Size(), why)
	}
}

func (a *audit) leave(relative string, bytes int64, why string) {
	f := ForeignFile{relative, bytes, why}
	if a.left == nil {
		a.left = make(map[string][]ForeignFile)
	}
	if dir := path.Dir(relative); len(a.left[dir]) < mostTold {
		a.left[dir] = append(a.left[dir], f)
	}
	if len(a.report.Files) < mostTold {
		a.report.Files = append(a.report.Files, f)
	}
}

// tellLeft remembers what is left alone in the folders that were looked at; whole: these are all.
func (a *audit) tellLeft(whole bool) {
	known := &a.store.foreign
	known.mu.Lock()
	defer known.mu.Unlock()
	if whole || known.in == nil {
		known.in, known.number = make(map[string][]ForeignFile), 0
	}
	for dir, files := range a.left {
		known.number -= len(known.in[dir])
		files = files[:max(min(len(files), mostForeign-known.number), 0)]
		known.number += len(files)
		if known.in[dir] = files; len(files) == 0 {
			delete(known.in, dir)
		}
	}
}

func whyOf(err error) string {
	if errors.Is(err, errCopy) {
		return ForeignCopy
	}
	return ForeignTheirs
}
