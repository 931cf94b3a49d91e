package config

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watched is a Watcher that runs, and what it says.
type watched struct {
	*Watcher
	t    *testing.T
	said chan string // errors and warnings of the log
}

// Handle makes a log of a channel: a test waits for a line instead of for a while.
func (w *watched) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	w.said <- text
	return nil
}
func (w *watched) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (w *watched) WithAttrs([]slog.Attr) slog.Handler               { return w }
func (w *watched) WithGroup(string) slog.Handler                    { return w }

func watch(t *testing.T, options LoadOptions, rescan time.Duration) *watched {
	t.Helper()
	first, err := Load(options)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t, said: make(chan string, 16)}
	w.Watcher = NewWatcher(options, first, slog.New(w))
	w.rescan = rescan
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return w
}

// wait is long for a busy machine; no test waits for it to pass.
const wait = 20 * time.Second

func (w *watched) wantLevel(level string) {
	w.t.Helper()
	select {
	case got := <-w.Changes():
		if got.Config.Log.Level != level || w.Current().Config.Log.Level != level || w.Err() != nil {
			w.t.Fatalf("got level %q, current %q, error %v, want %q", got.Config.Log.Level, w.Current().Config.Log.Level, w.Err(), level)
		}
	case text := <-w.said:
		w.t.Fatalf("got %s, want level %q", text, level)
	case <-time.After(wait):
		w.t.Fatalf("level %q never came", level)
	}
}

func (w *watched) wantError(text string) {
	w.t.Helper()
	select {
	case got := <-w.Changes():
		w.t.Fatalf("got %+v, want an error that says %q", got.Config.Log, text)
	case got := <-w.said:
		if !strings.Contains(got, text) || w.Err() == nil || !strings.Contains(w.Err().Error(), text) {
			w.t.Fatalf("logged %q, Err is %v, want %q in both", got, w.Err(), text)
		}
	case <-time.After(wait):
		w.t.Fatalf("no error said %q", text)
	}
}

func level(name string) string { return "[log]\nlevel = \"" + name + "\"\n" }

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// must takes the result of a file operation.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const never = 24 * time.Hour

func TestWatcherSeesAFileWrittenInPlaceAndOneRenamedOver(t *testing.T) {
	w := watch(t, write(t, level("info")), never)
	put(t, "config.toml", level("debug"))
	w.wantLevel("debug")
	put(t, ".config.toml.swp", level("warn"))
	must(t, os.Rename(".config.toml.swp", "config.toml"))
	w.wantLevel("warn")
}

func TestWatcherKeepsTheOldConfigurationWhenTheFileIsBad(t *testing.T) {
	w := watch(t, write(t, level("debug")), never)
	put(t, "config.toml", level("loud")+"[web]\nlisten = 5\n")
	w.wantError("config.toml:2: log.level: \"loud\" is not known")
	if err := w.Err().Error(); !strings.Contains(err, "config.toml:4: web.listen: ") {
		t.Errorf("the second mistake is missing in %q", err)
	}
	if got := w.Current().Config.Log.Level; got != "debug" {
		t.Errorf("level is %q now, want the old one", got)
	}
	put(t, "config.toml", level("error"))
	w.wantLevel("error")
}

func TestWatcherSurvivesAFileThatIsRemovedAndComesBack(t *testing.T) {
	w := watch(t, write(t, level("debug")), never)
	must(t, os.Remove("config.toml"))
	w.wantError("config.toml: is gone")
	if got := w.Current().Config.Log.Level; got != "debug" {
		t.Errorf("level is %q now, want the old one", got)
	}
	put(t, "config.toml", level("warn"))
	w.wantLevel("warn")
}

func TestWatcherFindsAFileThatWasNotThereAtFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	w := watch(t, LoadOptions{File: "config.toml"}, never)
	put(t, "config.toml", level("debug"))
	w.wantLevel("debug")
}

// Kubernetes mounts config.toml as a link to ..data/config.toml, makes a new folder and renames
// a link to it over ..data: nothing happens to config.toml itself.
func TestWatcherFollowsASwappedLink(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, name := range []string{"info", "debug"} {
		must(t, os.Mkdir(at(".."+name), 0o700))
		put(t, filepath.Join(at(".."+name), "config.toml"), level(name))
	}
	must(t, os.Symlink("..info", at("..data")))
	must(t, os.Symlink(filepath.Join("..data", "config.toml"), at("config.toml")))
	w := watch(t, LoadOptions{File: at("config.toml"), Explicit: true}, never)
	must(t, os.Symlink("..debug", at("..new")))
	must(t, os.Rename(at("..new"), at("..data")))
	w.wantLevel("debug")
}

func TestWatcherReadsTheFileNowAndThenWhereNothingIsTold(t *testing.T) {
	// What a link points to lies in a folder that is not watched, as a network file system is not.
	real := filepath.Join(t.TempDir(), "real.toml")
	put(t, real, level("info"))
	link := filepath.Join(t.TempDir(), "config.toml")
	must(t, os.Symlink(real, link))
	w := watch(t, LoadOptions{File: link, Explicit: true}, 20*time.Millisecond)
	put(t, real, level("debug"))
	w.wantLevelAtLast("debug")
}

// wantLevelAtLast lets a half-written file pass: reading now and then can meet one.
func (w *watched) wantLevelAtLast(level string) {
	w.t.Helper()
	deadline := time.After(wait)
	for w.Current().Config.Log.Level != level {
		select {
		case <-w.Changes():
		case <-w.said:
		case <-deadline:
			w.t.Fatalf("level %q never came", level)
		}
	}
}

func TestWatcherKeepsOnlyTheNewestOfChangesThatNobodyRead(t *testing.T) {
	options := write(t, level("info"))
	first, err := Load(options)
	must(t, err)
	w := NewWatcher(options, first, nil)
	for _, name := range []string{"debug", "warn", "error"} {
		put(t, "config.toml", level(name))
		w.look()
	}
	if got := (<-w.Changes()).Config.Log.Level; got != "error" {
		t.Errorf("got %q, want the newest", got)
	}
	put(t, "config.toml", "# a comment is no change\n"+level("error"))
	w.look()
	select {
	case got := <-w.Changes():
		t.Errorf("got %+v for a file that says the same", got.Config.Log)
	default:
	}
}

func TestWatcherWithoutAFileWaits(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := NewWatcher(LoadOptions{}, Loaded{Config: Default()}, nil).Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestWatcherTakesWhatIsSetBesideAFileWithMistakes(t *testing.T) {
	w := watch(t, write(t, level("info")+"[recording]\npreroll = \"3s\"\n"), never)
	tried, err := w.Try([]Setting{setTo("", "log.level", `"debug"`)})
	if err != nil || tried.Config.Log.Level != "debug" || w.Current().Config.Log.Level != "info" {
		t.Fatalf("try: got %q, %v, in force is %q", tried.Config.Log.Level, err, w.Current().Config.Log.Level)
	}
	if got := w.Set([]Setting{setTo("", "log.level", `"debug"`)}); got.Config.Log.Level != "debug" {
		t.Fatalf("got level %q", got.Config.Log.Level)
	}
	w.wantLevel("debug")
	put(t, "config.toml", "[recording]\nprerol = \"3s\"\n")
	w.wantError("config.toml:2")
	w.Set([]Setting{setTo("", "log.level", `"warn"`), setTo("", "recording.mode", `"loud"`)})
	select {
	case got := <-w.Changes():
		if c := got.Config; c.Log.Level != "warn" || c.Recording.Preroll.String() != "3s" || len(got.LeftOut) != 1 || w.Err() == nil {
			t.Errorf("got %+v, left out %+v, error %v", c.Recording, got.LeftOut, w.Err())
		}
	case <-time.After(wait):
		t.Fatal("what was set had no effect")
	}
	put(t, "config.toml", level("error")+"[recording]\npreroll = \"5s\"\n")
	select {
	case got := <-w.Changes():
		if c := got.Config; c.Log.Level != "warn" || c.Recording.Preroll.String() != "5s" || w.Err() != nil {
			t.Errorf("got %+v, %+v, error %v; want what is set above the new file", c.Log, c.Recording, w.Err())
		}
	case <-time.After(wait):
		t.Fatal("the good file had no effect")
	}
}
