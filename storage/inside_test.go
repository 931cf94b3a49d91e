package storage

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"v720dvr/camera"
)

// openInside opens a store for tests of what no caller can reach.
func openInside(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestIssueDrawsAgainWhatIsTaken(t *testing.T) {
	s := openInside(t, t.TempDir())
	if err := s.Seen(t.Context(), Sighting{Camera: "0800c0abcdef", At: time.Now(), Registered: true}); err != nil { // from elsewhere, in lower case
		t.Fatal(err)
	}
	s.entropy = bytes.NewReader([]byte{0xAB, 0xCD, 0xEF, 1, 2, 3, 1, 2, 3, 4, 5, 6})
	for _, want := range []camera.ID{"0800c0010203", "0800c0040506"} {
		if got, err := s.IssueCamera(t.Context()); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	if got, err := s.IssueCamera(t.Context()); err == nil {
		t.Errorf("without entropy: got %s, want an error", got)
	}
	s.entropy = endless{}
	if got, err := s.IssueCamera(t.Context()); err != nil || got != "0800c0000000" {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := s.IssueCamera(t.Context()); err == nil {
		t.Errorf("when every draw is taken: got %s, want an error", got)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestNewerSchemaIsRefusedByStoreAndView(t *testing.T) {
	dir := t.TempDir()
	s := openInside(t, dir)
	if _, err := s.index.write.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "newer v720dvr") {
		t.Errorf("open: got %v, want a refusal", err)
	}
	if _, err := OpenReadOnly(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("open read-only: got %v, want a refusal", err)
	}
	// The refused start let the folder go.
	lock, err := lockFolder(filepath.Join(dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
}

func TestMigrationThatFailsChangesNothing(t *testing.T) {
	db, err := sql.Open("sqlite", dsn(filepath.Join(t.TempDir(), "some.sqlite"), "_txlock=immediate"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	if err := migrateStep(ctx, db, "CREATE TABLE a (x INTEGER); CREATE TABLE a (y INTEGER);", 1); err == nil {
		t.Error("got no error")
	}
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("got %d tables, %v, want none", tables, err)
	}
	if version, err := schemaVersion(ctx, db); err != nil || version != 0 {
		t.Errorf("got version %d, %v, want 0", version, err)
	}
	if err := migrateStep(ctx, db, "CREATE TABLE a (x INTEGER);", 1); err != nil {
		t.Error(err)
	}
	if version, err := schemaVersion(ctx, db); err != nil || version != 1 {
		t.Errorf("got version %d, %v, want 1", version, err)
	}
}

func TestEachDatabaseIsAsDurableAsItMustBe(t *testing.T) {
	s := openInside(t, t.TempDir())
	for _, c := range []struct {
		db          *database
		synchronous int // 1 NORMAL, 2 FULL
	}{{s.state, 2}, {s.index, 1}} {
		var mode string
		var synchronous, timeout int
		for pragma, into := range map[string]any{"journal_mode": &mode, "synchronous": &synchronous, "busy_timeout": &timeout} {
			if err := c.db.write.QueryRow("PRAGMA " + pragma).Scan(into); err != nil {
				t.Fatal(err)
			}
		}
		if mode != "wal" || synchronous != c.synchronous || timeout != 5000 {
			t.Errorf("got %s, synchronous %d, busy_timeout %d, want wal, %d, 5000", mode, synchronous, timeout, c.synchronous)
		}
		if _, err := c.db.read.Exec("CREATE TABLE a (x INTEGER)"); err == nil {
			t.Error("a reader's connection wrote")
		}
	}
}

func TestTwoCamerasNeverShareAFolder(t *testing.T) {
	dir := t.TempDir()
	s := openInside(t, dir)
	claim := func(id camera.ID, name, want string) {
		t.Helper()
		if got, err := s.folderOf(context.Background(), id, name); err != nil || got != want {
			t.Errorf("camera %s named %q: got folder %q, %v, want %q", id, name, got, err, want)
		}
	}
	claim("0800c000000a", "door", "door")
	claim("0800c000000b", "Door", "Door 0800c000000b") // one folder for Windows and macOS
	claim("0800c000000a", "door", "door")
	claim("0800c000000a", "gate", "gate")
	s.Close()
	s = openInside(t, dir)
	claim("0800c000000b", "gate", "gate 0800c000000b") // a's files are in it
	claim("0800c000000a", "gate", "gate")
	claim("0800c000000A", "gate", "gate 0800c000000A")
	claim("0800c000000B", "gate", "gate 0800c000000B_2") // an id that differs from b's in case alone
	claim("0800c000000c", "...", "0800c000000c")
}

var folderNames = []struct{ name, want string }{
	{"front door", "front door"},
	{"Гараж", "Гараж"},
	{"", ""}, {".", ""}, {"..", ""}, {" . ", ""},
	{"../../etc", "_._.._etc"},
	{`a/b\c:d*e?f"g<h>i|j`, "a_b_c_d_e_f_g_h_i_j"},
	{"tab\tand\x00nul", "tab_and_nul"},
	{"\xff\xfe", "__"},
	{".hidden", "_hidden"},
	{"dots... ", "dots"},
	{"CON", "_CON"}, {"com1.cam", "_com1.cam"}, {"Volume.JSON", "_Volume.JSON"},
	{strings.Repeat("ж", 100), strings.Repeat("ж", 60)},
}

func TestFolderNameIsOneSafePathElement(t *testing.T) {
	for _, c := range folderNames {
		if got := folderName(c.name); got != c.want {
			t.Errorf("folder of %q: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzFolderName(f *testing.F) {
	for _, c := range folderNames {
		f.Add(c.name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := folderName(name)
		if got == "" {
			return
		}
		if !filepath.IsLocal(got) || filepath.Base(got) != got || !utf8.ValidString(got) || len(got) > 121 || reservedName(got) ||
			strings.ContainsAny(got, `/\:*?"<>|`) || strings.HasPrefix(got, ".") || strings.HasSuffix(got, ".") {
			t.Errorf("folder of %q: got %q", name, got)
		}
		if again := folderName(got); again != got {
			t.Errorf("folder of %q: got %q, and of that %q", name, got, again)
		}
	})
}

// The way for file systems without a rename that refuses to replace must refuse as well.
func TestBothWaysOfRenamingNeverReplace(t *testing.T) {
	for name, rename := range map[string]func(from, to string) error{"by the kernel": renameNoReplace, "by a link": renameByLink} {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "a.avi.part"), filepath.Join(dir, "a.avi")
		must(t, os.WriteFile(from, []byte("ours"), 0o644))
		must(t, os.WriteFile(to, []byte("theirs"), 0o644))
		if err := rename(from, to); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v, want %v", name, err, fs.ErrExist)
		}
		if text, err := os.ReadFile(to); err != nil || string(text) != "theirs" {
			t.Errorf("%s: their file: got %q, %v", name, text, err)
		}
		must(t, os.Remove(to))
		if err := rename(from, to); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(to); err != nil || string(text) != "ours" {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
		if _, err := os.Stat(from); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the old name: got %v, want it gone", name, err)
		}
	}
}

func TestDurableNamesAreForgottenBeforeTheyGrowPastTheirBound(t *testing.T) {
	var names durableNames
	for i := range 2*mostDurableNames + 1 {
		path := filepath.Join("door", time.Unix(int64(i)*86400, 0).UTC().Format(dayLayout))
		names.remember(path)
		if !names.knows(path) {
			t.Fatalf("got name %d forgotten at once", i)
		}
		if len(names.paths) > mostDurableNames {
			t.Fatalf("got %d names, want at most %d", len(names.paths), mostDurableNames)
		}
	}
}
