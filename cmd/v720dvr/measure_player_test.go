package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shown is what a player makes of a file: each picture by the sum of its bytes, and when it is shown.
type shown struct {
	sums   []string
	at     []time.Duration
	length time.Duration
}

// needs skips loudly when a tool is missing, or fails when nothing may be missing.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", tool)
		}
		t.Skipf("SKIPPED: %s is not installed, so the times in finished files are not measured", tool)
	}
}

// probeTimes asks ffprobe when it shows what.
func probeTimes(t *testing.T, path string) (s shown) {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-of", "json", "-show_data_hash", "md5", "-select_streams", "v",
		"-show_entries", "packet=pts_time,size,data_hash:format=duration", path).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", path, err)
	}
	var p struct {
		Packets []struct {
			PTS  string `json:"pts_time"`
			Size string
			Hash string `json:"data_hash"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatalf("ffprobe %s: %v", path, err)
	}
	for _, packet := range p.Packets {
		if packet.Size == "0" {
			continue // "the picture before goes on"
		}
		s.sums = append(s.sums, strings.ToLower(packet.Hash[strings.LastIndex(packet.Hash, ":")+1:]))
		s.at = append(s.at, seconds(t, packet.PTS))
	}
	s.length = seconds(t, p.Format.Duration)
	return s
}

func seconds(t *testing.T, text string) time.Duration {
	t.Helper()
	s, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("a player says %q where seconds belong: %v", text, err)
	}
	return time.Duration(s * float64(time.Second))
}

// decodeSound lets ffmpeg decode a file's sound, and encodes the samples again, which loses nothing.
func decodeSound(t *testing.T, path string) []byte {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-c:a", "pcm_alaw", "-f", "alaw", "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v", path, err)
	}
	return out
}

// vlcTimes lets VLC's own demuxer read a file and write what it found, with its times, into one that
// ffprobe reads. VLC counts from the first picture or sound. It needs no screen.
func vlcTimes(t *testing.T, path string) shown {
	t.Helper()
	dir, err := os.MkdirTemp("", "vlc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	source, remuxed := filepath.Join(dir, "film.avi"), filepath.Join(dir, "film.mkv")
	film, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source, film, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("cvlc", "-q", "-I", "dummy", "--no-plugins-cache", "--demux", "avi", source,
		"--sout", fmt.Sprintf("#std{access=file,mux=avformat{mux=matroska},dst=%s}", remuxed), "vlc://quit")
	cmd.Env = append(os.Environ(), "HOME="+dir)
	withoutRoot(t, cmd, dir) // VLC refuses to run as root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("vlc %s: %v, says %q", path, err, out)
	}
	return probeTimes(t, remuxed)
}
