package config

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long a folder must be quiet: editors write in several steps.
	settle = 200 * time.Millisecond
	// rescan is how often the file is read without being told: NFS and SMB tell nothing.
	rescan = 30 * time.Second
)

// Watcher loads the configuration again when its file changes, or when something else is set. A file
// with mistakes, or one that is gone, leaves the last good one standing. It is a runner: New, then Run.
type Watcher struct {
	log     *slog.Logger
	rescan  time.Duration
	current atomic.Pointer[Loaded]
	failed  atomic.Pointer[error]
	changes chan Loaded

	mu      sync.Mutex // held while something is loaded
	options LoadOptions
	seen    state
}

// state tells what was found at the file's place, so that each change is judged once.
type state struct {
	sum sum
	err string // why it could not be read
}

// NewWatcher makes a Watcher for what Load(options) gave first. A nil log discards.
func NewWatcher(options LoadOptions, first Loaded, log *slog.Logger) *Watcher {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	w := &Watcher{
		log: log, rescan: rescan, options: options,
		// One place, and the newest wins: who is slow wants the last state, not all of them.
		changes: make(chan Loaded, 1),
		seen:    state{sum: first.sum},
	}
	w.current.Store(&first)
	return w
}

// Current is the last good configuration.
func (w *Watcher) Current() Loaded { return *w.current.Load() }

// Changes gives each new configuration that has no mistakes and differs from the one before;
// of those that come faster than they are read, the last. It is never closed.
func (w *Watcher) Changes() <-chan Loaded { return w.changes }

// Set takes other settings than LoadOptions.Set was, and has them take effect as a changed file's
// values do. It returns what is in force then.
func (w *Watcher) Set(set []Setting) Loaded {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.options.Set = set
	next, err := load(w.options, w.Current().text)
	if err != nil { // the file's text, the environment and the flags have been loaded before
		w.log.Error("what was set has no effect", "error", err)
		return w.Current()
	}
	w.replace(next)
	return next
}

// Try is Set without an effect.
func (w *Watcher) Try(set []Setting) (Loaded, error) {
	w.mu.Lock()
	options := w.options
	w.mu.Unlock()
	options.Set = set
	return load(options, w.Current().text)
}

// Err says why the file as it is now cannot be used; nil when the configuration in use is the
// file's.
func (w *Watcher) Err() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// Run watches until ctx ends and returns nil then. Without a file it only waits. The folder is
// watched and not the file: editors rename a new file over the old one, and Kubernetes swaps a
// link. Where the system cannot tell of changes, the file is read every 30 s.
func (w *Watcher) Run(ctx context.Context) error {
	w.mu.Lock()
	file := w.options.File
	w.mu.Unlock()
	if file == "" {
		<-ctx.Done()
		return nil
	}
	folder := filepath.Dir(file)
	notify, err := fsnotify.NewWatcher()
	if err == nil {
		defer notify.Close()
		err = notify.Add(folder)
	} else {
		notify = &fsnotify.Watcher{} // its channels are nil and never ready
	}
	events := notify.Events
	if err != nil {
		w.log.Warn("configuration cannot be watched, it is read every 30 s", "folder", folder, "error", err)
	}

	quiet := time.NewTimer(settle) // the file may have changed since it was first loaded
	defer quiet.Stop()
	again := time.NewTicker(w.rescan)
	defer again.Stop()
	target := linkTarget(file)
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-events:
			if !ok {
				events = nil // the system ended it; reading every 30 s goes on
				continue
			}
			now := linkTarget(file)
			if filepath.Base(event.Name) == filepath.Base(file) || now != target {
				target = now
				quiet.Reset(settle)
			}
		case err := <-notify.Errors:
			w.log.Warn("events of the configuration's folder were lost", "folder", folder, "error", err)
			quiet.Reset(settle)
		case <-quiet.C:
			w.look()
		case <-again.C:
			if events != nil {
				_ = notify.Add(folder) // the folder itself may be a new one; if not, nothing happens
			}
			w.look()
		}
	}
}

// look reads the file and, when it is another than the last time, loads it.
func (w *Watcher) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	data, err := read(w.options)
	now := state{}
	switch {
	case err != nil:
		now.err = err.Error()
	case data != nil:
		now.sum = sha256.Sum256(data)
	case w.current.Load().File != "":
		err = &Problem{Where: Origin{Source: w.options.File}, Text: "is gone; what it said stays in use until it is back"}
		now.err = err.Error()
	}
	if now == w.seen {
		return
	}
	w.seen = now
	var next Loaded
	if err == nil {
		next, err = load(w.options, data)
	}
	if err != nil {
		w.failed.Store(&err)
		w.log.Error("configuration not reloaded, the old one stands", "file", w.options.File, "error", err)
		return
	}
	w.failed.Store(nil)
	if changed := w.replace(next); len(changed) > 0 {
		w.log.Info("configuration changed", "file", w.options.File, "keys", changed)
	}
}

// replace puts another configuration in force. Call it with mu held.
func (w *Watcher) replace(next Loaded) (changed []string) {
	changed = Diff(w.Current().Config, next.Config)
	w.current.Store(&next)
	if len(changed) == 0 {
		return nil
	}
	select {
	case <-w.changes:
	default:
	}
	w.changes <- next // nobody else sends now: there is room
	return changed
}

// linkTarget is where the file really lies; it changes when a link on the way is swapped.
func linkTarget(file string) string {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return ""
	}
	return target
}
