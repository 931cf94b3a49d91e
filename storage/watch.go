package storage

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// mostWatches bounds the folders that are watched: the recordings, the cameras' and the newest days'. The system keeps
// about 1 KB for each. Other systems hold every file open for it: there none are watched, and Rescan does it alone.
func mostWatches() int {
	if runtime.GOOS == "linux" {
		return 2048
	}
	return 0
}

const (
	// watchQuiet is how long nothing is to happen before what happened is looked at, and watchLatest how long that waits
	// at most: somebody who copies hours of footage is followed meanwhile.
	watchQuiet  = 250 * time.Millisecond
	watchLatest = time.Second
	// mostTouched bounds the names that wait to be looked at. Beyond it everything is looked at.
	mostTouched = 4096
)

// WatchState says how what people do to their files is noticed.
type WatchState struct {
	// Folders is how many are watched: there it is noticed at once. 0: nowhere.
	Folders int
	// All tells that these are all folders; what is done in others is found within 6 h.
	All bool
}

// watch hears of what is done below the recordings. It holds watches of the system, and names that wait to be looked at.
type watch struct {
	root   string
	log    *slog.Logger
	notify *fsnotify.Watcher
	ripe   chan struct{} // something waits to be looked at

	mu      sync.Mutex
	most    int
	watched map[string]bool // folders below recordings, with slashes
	beyond  bool            // there are folders that are not watched
	names   map[string]bool
	all     bool // more than names hold
}

// newWatch begins to watch the recordings; nil where the system cannot, which the log tells.
func newWatch(root string, log *slog.Logger) *watch {
	w := &watch{root: root, log: log, ripe: make(chan struct{}, 1), most: mostWatches(), watched: make(map[string]bool), names: make(map[string]bool)}
	if w.most == 0 {
		return nil
	}
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("the recordings cannot be watched; what people do to the files there is found within 6 h", "err", err,
			"do", "if this says \"too many open files\": sysctl fs.inotify.max_user_instances=512")
		return nil
	}
	w.notify = notify
	w.follow([]string{""})
	return w
}

// run notes what happens until ctx ends.
func (w *watch) run(ctx context.Context) {
	quiet, latest := time.NewTimer(time.Hour), time.NewTimer(time.Hour)
	defer quiet.Stop()
	defer latest.Stop()
	waits := false
	note := func(name string, all bool) {
		if !w.note(name, all) {
			return
		}
		if quiet.Reset(watchQuiet); !waits {
			latest.Reset(watchLatest)
		}
		waits = true
	}
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.notify.Events:
			if !ok {
				return
			}
			if isNews(event) {
				note(event.Name, false)
			}
			continue
		case err := <-w.notify.Errors:
			w.log.Debug("what is done to the recordings was not told in full; they are looked through", "err", err)
			note("", true)
			continue
		case <-quiet.C:
		case <-latest.C:
		}
		if waits {
			waits = false
			select {
			case w.ripe <- struct{}{}:
			default:
			}
		}
	}
}

// isNews tells what a look is for: not every picture that is written into an open segment.
func isNews(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	switch {
	case strings.HasPrefix(name, "."), name == eventsFile, ownPicture.MatchString(name):
		return false
	case event.Has(fsnotify.Create), event.Has(fsnotify.Remove), event.Has(fsnotify.Rename):
		return true
	}
	return event.Has(fsnotify.Write) && strings.HasSuffix(name, segmentSuffix) // it is being copied, or cut
}

func (w *watch) note(name string, all bool) bool {
	relative, err := filepath.Rel(w.root, name)
	if !all && (err != nil || !filepath.IsLocal(relative) || relative == ".") {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all = w.all || all || len(w.names) == mostTouched; w.all {
		clear(w.names)
	} else {
		w.names[filepath.ToSlash(relative)] = true
	}
	return true
}

// take takes what waits to be looked at; all: it is more than names.
func (w *watch) take() (names []string, all bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range w.names {
		names = append(names, name)
	}
	all = w.all
	clear(w.names)
	w.all = false
	slices.Sort(names)
	return names, all
}

// forget ends the watches of a folder and of those in it, which are under other names now.
func (w *watch) forget(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for watched := range w.watched {
		if watched == dir || strings.HasPrefix(watched, dir+"/") {
			delete(w.watched, watched)
			_ = w.notify.Remove(w.path(watched)) // it ended by itself where the folder is gone
		}
	}
}

// follow watches folders, the newest days first; the oldest day that is watched gives way to a newer one.
func (w *watch) follow(dirs []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(dirs, byWorth)
	for _, dir := range dirs {
		if w.watched[dir] {
			continue
		}
		if len(w.watched) >= w.most && !w.giveWay(dir) {
			continue
		}
		err := w.notify.Add(w.path(dir))
		switch {
		case err == nil:
			w.watched[dir] = true
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, syscall.ENOSPC) && len(w.watched) > 0:
			w.most = len(w.watched)
			w.log.Warn("the system lets no more folders be watched; what people do to older recordings is found within 6 h", "folders", w.most,
				"do", "sysctl fs.inotify.max_user_watches=65536")
			w.beyond = true
		default:
			w.beyond = true
			w.log.Warn("a folder cannot be watched; what people do in it is found within 6 h", "folder", dir, "err", err)
		}
	}
}

// giveWay has the folder that matters least go for another one, if that matters more.
func (w *watch) giveWay(dir string) bool {
	w.beyond = true
	least := dir
	for watched := range w.watched {
		if byWorth(watched, least) > 0 {
			least = watched
		}
	}
	if least == dir {
		return false
	}
	delete(w.watched, least)
	_ = w.notify.Remove(w.path(least))
	return true
}

// byWorth sorts folders by how likely somebody does something there: the cameras' first, what people have made, then
// the days, the newest first.
func byWorth(a, b string) int {
	depth := func(dir string) int { return min(strings.Count("/"+dir, "/"), 2) }
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Or(cmp.Compare(depth(a), depth(b)), cmp.Compare(path.Base(b), path.Base(a)), cmp.Compare(a, b))
}

func (w *watch) path(dir string) string { return filepath.Join(w.root, filepath.FromSlash(dir)) }

func (w *watch) state() WatchState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return WatchState{Folders: len(w.watched), All: !w.beyond && len(w.watched) > 0}
}
