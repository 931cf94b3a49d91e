package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// sealedFolder is a data folder with three segments of a camera.
func sealedFolder(t *testing.T) (dir string, rows []storage.SegmentRecord) {
	t.Helper()
	dir = t.TempDir()
	now := time.Now().Truncate(time.Minute).Add(-time.Hour)
	store, err := storage.Open(t.Context(), storage.Options{Dir: dir, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	picture := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0, 1, 0, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}
	const id = camera.ID("0800c0000001")
	if err := store.Seen(t.Context(), storage.Sighting{Camera: id, At: now, Registered: true, Accepted: true}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		start := now.Add(time.Duration(i) * time.Minute)
		segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: start, Gaps: []avi.Gap{{From: start.Add(-30 * time.Second), To: start, Reason: storage.GapSilent}}})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 10 {
			if err := segment.WriteFrame(camera.Frame{Camera: id, At: start.Add(time.Duration(n) * 100 * time.Millisecond), JPEG: picture}); err != nil {
				t.Fatal(err)
			}
		}
		record, err := segment.Commit(t.Context(), start.Add(30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, record)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, rows
}

// ranHere runs a command in this process, and returns what it prints.
func ranHere(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte("[storage]\ndir = \""+dir+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append(args, "--config", config))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestVerifyTellsWhatWasDoneToRecordings(t *testing.T) {
	dir, rows := sealedFolder(t)
	out, err := ranHere(t, dir, "verify")
	if err != nil || !strings.Contains(out, "3 segments looked at, 3 of them byte for byte") || !strings.Contains(out, "nothing was changed") {
		t.Fatalf("got %v and:\n%s", err, out)
	}
	pem, err := ranHere(t, dir, "verify", "--public-key")
	key := filepath.Join(t.TempDir(), "box.pem")
	if err != nil || os.WriteFile(key, []byte(pem), 0o600) != nil || !strings.HasPrefix(pem, "-----BEGIN PUBLIC KEY-----") {
		t.Fatalf("got %v and:\n%s", err, pem)
	}
	anchor, err := ranHere(t, dir, "verify", "--anchor")
	kept := filepath.Join(t.TempDir(), "anchor.txt")
	if err != nil || os.WriteFile(kept, []byte(anchor), 0o600) != nil || strings.Count(anchor, "\n") != 2 {
		t.Fatalf("got %v and:\n%s", err, anchor)
	}
	if out, err := ranHere(t, dir, "verify", "--against", kept); err != nil {
		t.Errorf("against its own anchor: %v\n%s", err, out)
	}
	recordings := filepath.Join(dir, "recordings")
	if out, err := ranHere(t, dir, "verify", "--files", "--key", key, recordings); err != nil || !strings.Contains(out, "3 segments looked at, 3 of them byte for byte") {
		t.Errorf("copies: %v\n%s", err, out)
	}
	middle := filepath.Join(recordings, filepath.FromSlash(rows[1].Path))
	whole, err := os.ReadFile(middle)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(whole)
	changed[len(changed)/2] ^= 1
	if err := os.WriteFile(middle, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify"}, {"verify", "0800c0000001", rows[0].Start.Local().Format(time.RFC3339)}, {"verify", "--files", "--key", key, recordings}} {
		if out, err := ranHere(t, dir, args...); err == nil || !strings.Contains(out, "altered: ") {
			t.Errorf("%v behind a changed bit: %v\n%s", args, err, out)
		}
	}
	if err := os.Remove(middle); err != nil {
		t.Fatal(err)
	}
	out, err = ranHere(t, dir, "verify", "--quick", "--json")
	var told shownVerdict
	if json.Unmarshal([]byte(strings.Split(out, "\n")[0]), &told) != nil || err == nil || told.Holds || len(told.Findings) != 1 || told.Findings[0].First != 2 {
		t.Errorf("behind a file that is gone: %v\n%s", err, out)
	}
}

func TestCertificateSaysWhatIsKnownAndIsSigned(t *testing.T) {
	dir, rows := sealedFolder(t)
	from, to := rows[0].Start.Local().Format(time.RFC3339), rows[2].End.Local().Format(time.RFC3339)
	pem, err := ranHere(t, dir, "verify", "--public-key")
	key := filepath.Join(t.TempDir(), "box.pem")
	if err != nil || os.WriteFile(key, []byte(pem), 0o600) != nil {
		t.Fatal(err)
	}
	for _, form := range [][]string{nil, {"--html"}} {
		out, err := ranHere(t, dir, append([]string{"coverage", "0800c0000001", from, to, "--certificate"}, form...)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"60.00 %", "30, of which 0", "3 of 3 segments byte for byte", "silent", "2 gaps", signatureBegin} {
			if !strings.Contains(out, want) {
				t.Errorf("%v: there is no %q in:\n%s", form, want, out)
			}
		}
		file := filepath.Join(t.TempDir(), "certificate")
		if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := ranHere(t, dir, "verify", "--files", "--key", key, file); err != nil || !strings.Contains(out, "is signed by the box") {
			t.Errorf("%v: %v\n%s", form, err, out)
		}
		changed := strings.Replace(out, "silent", "sileht", -1)
		if changed == out || os.WriteFile(file, []byte(changed), 0o600) != nil {
			t.Fatal("nothing was changed")
		}
		if out, err := ranHere(t, dir, "verify", "--files", "--key", key, file); err == nil {
			t.Errorf("%v: a changed certificate is taken:\n%s", form, out)
		}
	}
	// It says so when files are not what was recorded.
	middle := filepath.Join(dir, "recordings", filepath.FromSlash(rows[1].Path))
	if err := os.Remove(middle); err != nil {
		t.Fatal(err)
	}
	if out, err := ranHere(t, dir, "coverage", "0800c0000001", from, to, "--certificate", "--json"); err != nil || !strings.Contains(out, "DOES NOT HOLD") {
		t.Errorf("got %v and:\n%s", err, out)
	}
}
