package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecoverMakesAWholeFileBesideABrokenOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "broken.avi")
	writeFootage(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := command(t, dir, "recover", "broken.avi").run(); code != exitDone || !strings.Contains(out, "Nothing was written") {
		t.Errorf("a whole file: exit code %d, %q %q", code, out, stderr)
	}
	want := pictures(t, path)
	cut := bytes.Clone(whole[:len(whole)*2/3])
	if err := os.WriteFile(path, cut, 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := command(t, dir, "recover", "broken.avi", "--json").run()
	var found recovered
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitDone || !found.Ours || found.Cut == 0 || len(found.Files) != 1 {
		t.Fatalf("exit code %d, %v, %q %q", code, err, out, stderr)
	}
	got := pictures(t, filepath.Join(dir, "broken.repaired.avi"))
	if len(got) != found.Pictures || len(got) < len(want)/2 {
		t.Errorf("%d pictures, it says %d, there were %d", len(got), found.Pictures, len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("picture %d is another one", i)
		}
	}
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, cut) {
		t.Errorf("the broken file: %d bytes, %v, want it as it was", len(left), err)
	}
	if code, _, stderr := command(t, dir, "recover", "broken.avi").run(); code != exitFailed || !strings.Contains(stderr, "--force") {
		t.Errorf("over a file that is there: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := command(t, dir, "recover", "broken.avi", "--force", "--out", "broken.avi").run(); code != exitDone || len(pictures(t, path)) != len(got) {
		t.Errorf("over itself, when told so: exit code %d, %q", code, stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".recover-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if code, _, stderr := command(t, dir, "recover", os.Args[0]).run(); code != exitFailed || !strings.Contains(stderr, "not an AVI") {
		t.Errorf("no AVI: exit code %d, %q", code, stderr)
	}
}

// What ffmpeg wrote, with its index cut off and its lengths gone.
func TestRecoverTakesFilesOfOtherMakers(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("ffmpeg is not installed and V720DVR_TEST_ALL is set")
		}
		t.Skip("SKIPPED: ffmpeg is not installed, so no file of another maker was repaired")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "other.avi")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=4:size=160x120:rate=25", "-c:v", "mjpeg", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = b[:bytes.LastIndex(b, []byte("idx1"))]
	clear(b[4:8])
	binary.LittleEndian.PutUint32(b[bytes.Index(b, []byte("movi"))-4:], 0)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := command(t, dir, "recover", "other.avi").run(); code != exitDone || !strings.Contains(out, "another maker: 100 whole pictures in 4.0 s") {
		t.Fatalf("exit code %d, %q %q", code, out, stderr)
	}
	probed, err := exec.Command("ffprobe", "-v", "error", "-of", "csv=p=0", "-count_packets", "-show_entries", "stream=nb_read_packets,r_frame_rate:format=duration",
		filepath.Join(dir, "other.repaired.avi")).CombinedOutput()
	if err != nil || !strings.Contains(string(probed), "25/1,100") || !strings.Contains(string(probed), "4.0") {
		t.Errorf("ffprobe says %q, %v, want 100 pictures at 25 a second in 4 s", probed, err)
	}
}
