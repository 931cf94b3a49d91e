package avi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A recording is what a test put into a segment, to be held against what a player finds.
type recording struct {
	times    []time.Duration
	pictures [][]byte
	length   time.Duration
	sound    bool
}

// record writes a segment into a file; a tone of 100 ms pieces runs from soundFrom on through
// everything but the stalls.
func record(t *testing.T, path string, rate int64, rec recording, stalls []stall, soundFrom time.Duration, finish func(*Writer)) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := newWriter(file, testMeta(), rate)
	if err != nil {
		t.Fatal(err)
	}
	heard, flushed := soundFrom, time.Duration(0)
	for i, captured := range rec.times {
		for ; rec.sound && heard+ms(100) <= captured; heard += ms(100) {
			silent := slices.ContainsFunc(stalls, func(s stall) bool { return heard >= s.from && heard < s.from+s.length })
			if silent {
				continue
			}
			if err := w.WriteAudio(at(heard), tone(800)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WriteFrame(Frame{At: at(captured), JPEG: rec.pictures[i]}); err != nil {
			t.Fatal(err)
		}
		if captured-flushed > time.Second {
			flushed = captured
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	finish(w)
}

type probed struct {
	Packets []struct {
		Codec string `json:"codec_type"`
		PTS   string `json:"pts_time"`
		Size  string `json:"size"`
	}
	Streams []struct {
		Codec  string `json:"codec_name"`
		Rate   string `json:"sample_rate"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	}
	Format struct {
		Duration string            `json:"duration"`
		Tags     map[string]string `json:"tags"`
	}
}

func (p *probed) packets(t *testing.T, codec string) (pts []time.Duration, size []int) {
	for _, packet := range p.Packets {
		if packet.Codec == codec {
			pts, size = append(pts, seconds(t, packet.PTS)), append(size, int(seconds(t, packet.Size)/time.Second))
		}
	}
	return pts, size
}

func seconds(t *testing.T, text string) time.Duration {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("ffprobe says %q: %v", text, err)
	}
	return time.Duration(math.Round(f*1e6)) * time.Microsecond
}

// tool runs ffmpeg or ffprobe, which must succeed and have nothing to say.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") == "1" {
			t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", name)
		}
		t.Skipf("SKIPPED: %s is not installed, so no player has looked at our files", name)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(name, append([]string{"-v", "warning"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%s %v: %v, says %q", name, args, err, stderr.String())
	}
	return out
}

func probe(t *testing.T, path string, args ...string) *probed {
	t.Helper()
	args = append(args, "-show_packets", "-show_streams", "-show_format", "-of", "json", path)
	var p probed
	if err := json.Unmarshal(tool(t, "ffprobe", args...), &p); err != nil {
		t.Fatal(err)
	}
	return &p
}

var playerStalls = []stall{{4 * time.Second, 5 * time.Second}, {14 * time.Second, 700 * time.Millisecond}}

func newRecording(t *testing.T, fps float64, length time.Duration, sound bool) recording {
	rec := recording{times: captureTimes(7, fps, ms(15), playerStalls, length), length: length, sound: sound}
	for i := range rec.times {
		rec.pictures = append(rec.pictures, numbered(realPicture(t), i))
	}
	return rec
}

func TestPlayersReadFinishedAndOpenSegments(t *testing.T) {
	const length = 20 * time.Second
	closed := func(t *testing.T) func(*Writer) {
		return func(w *Writer) {
			if _, err := w.Close(at(length)); err != nil {
				t.Fatal(err)
			}
		}
	}
	killed := func(*testing.T) func(*Writer) { return func(*Writer) {} }
	for _, c := range []struct {
		name      string
		rate      int64
		fps       float64
		sound     bool
		soundFrom time.Duration
		finish    func(*testing.T) func(*Writer)
		shows     time.Duration // duration in the header
		within    time.Duration
	}{
		{"finished", TickRate, 10.3, true, 0, closed, length, ms(200)},
		{"finished without sound", TickRate, 10.3, false, 0, closed, length, ms(200)},
		{"finished with late sound", TickRate, 10.3, true, 11 * time.Second, closed, length, ms(200)},
		{"finished at 25 fps", TickRate, 24, true, 0, closed, length, ms(200)},
		{"killed", TickRate, 10.3, true, 0, killed, length, ms(1200)},
		{"killed without sound", TickRate, 10.3, false, 0, killed, length, ms(1200)},
		// The rates that were not chosen: docs/decisions/0001-avi-tick.md.
		{"25 ticks a second", 25, 10.3, true, 0, closed, length, ms(200)},
		{"100 ticks a second", 100, 10.3, true, 0, closed, length, ms(200)},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := newRecording(t, c.fps, length, c.sound)
			path := filepath.Join(t.TempDir(), "segment.avi")
			record(t, path, c.rate, rec, playerStalls, c.soundFrom, c.finish(t))
			p := probe(t, path)

			wantStreams := 1
			if c.sound {
				wantStreams = 2
			}
			if len(p.Streams) != wantStreams || p.Streams[0].Codec != "mjpeg" || p.Streams[0].Width != 640 || p.Streams[0].Height != 480 {
				t.Fatalf("streams %+v, want %d with mjpeg 640x480 first", p.Streams, wantStreams)
			}
			if c.sound && (p.Streams[1].Codec != "pcm_alaw" || p.Streams[1].Rate != "8000") {
				t.Errorf("sound is %+v, want pcm_alaw 8000", p.Streams[1])
			}
			if off := (seconds(t, p.Format.Duration) - c.shows).Abs(); off > c.within {
				t.Errorf("duration %s s, want %v within %v", p.Format.Duration, c.shows, c.within)
			}
			if got := p.Format.Tags["title"]; got != "front door" {
				t.Errorf("title %q, want the camera's name", got)
			}
			checkPictures(t, p, rec)
			checkSound(t, p, rec, c.soundFrom)
			checkExtracted(t, path, rec)
			tool(t, "ffmpeg", "-guess_layout_max", "0", "-xerror", "-i", path, "-f", "null", "-")
		})
	}
}

func checkPictures(t *testing.T, p *probed, rec recording) {
	t.Helper()
	pts, sizes := p.packets(t, "video")
	if len(pts) != len(rec.times) {
		t.Fatalf("%d pictures, want %d", len(pts), len(rec.times))
	}
	for i, captured := range rec.times {
		if off := (pts[i] - captured).Abs(); off > ms(100) || sizes[i] != len(rec.pictures[i]) {
			t.Errorf("picture %d of %d bytes at %v, want %d bytes at %v", i, sizes[i], pts[i], len(rec.pictures[i]), captured)
		}
	}
}

// checkSound counts the samples: ffprobe gives A-law in AVI no duration of its own.
func checkSound(t *testing.T, p *probed, rec recording, from time.Duration) {
	t.Helper()
	pts, sizes := p.packets(t, "audio")
	samples := 0
	for i, size := range sizes {
		if want := time.Duration(samples) * time.Second / SampleRate; (pts[i] - want).Abs() > ms(1) {
			t.Fatalf("sound %d at %v, want %v", i, pts[i], want)
		}
		samples += size
	}
	if length := time.Duration(samples) * time.Second / SampleRate; rec.sound && (length-rec.length).Abs() > ms(300) {
		t.Errorf("%v of sound, want %v", length, rec.length)
	}
}

// checkExtracted compares every picture byte for byte with what ffmpeg takes out.
func checkExtracted(t *testing.T, path string, rec recording) {
	t.Helper()
	out := t.TempDir()
	tool(t, "ffmpeg", "-guess_layout_max", "0", "-i", path, "-map", "0:v", "-c", "copy", "-f", "image2", filepath.Join(out, "%d.jpg"))
	for i, want := range rec.pictures {
		got, err := os.ReadFile(filepath.Join(out, fmt.Sprintf("%d.jpg", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("picture %d differs: %d bytes, want %d", i, len(got), len(want))
		}
	}
}

func TestPlayersSeekToCaptureTime(t *testing.T) {
	rec := newRecording(t, 10.3, 20*time.Second, true)
	path := filepath.Join(t.TempDir(), "segment.avi")
	record(t, path, TickRate, rec, playerStalls, 0, func(w *Writer) {
		if _, err := w.Close(at(rec.length)); err != nil {
			t.Fatal(err)
		}
	})
	for _, second := range []int{2, 11, 17} {
		pts, sizes := probe(t, path, "-read_intervals", fmt.Sprintf("%d%%+#4", second)).packets(t, "video")
		if len(pts) == 0 {
			t.Fatalf("seek to %d s: no picture", second)
		}
		// A player stands on the last picture not after the time asked for.
		want, _ := slices.BinarySearchFunc(rec.times, time.Duration(second)*time.Second+ms(20), func(a, b time.Duration) int { return int(a - b) })
		if off := (pts[0] - rec.times[want-1]).Abs(); off > ms(200) {
			t.Errorf("seek to %d s: first picture at %v, want near %v", second, pts[0], rec.times[want-1])
		}
		near := slices.IndexFunc(rec.times, func(at time.Duration) bool { return (at - pts[0]).Abs() <= ms(11) })
		if near < 0 || sizes[0] != len(rec.pictures[near]) {
			t.Errorf("seek to %d s: picture of %d bytes at %v is not the one captured then", second, sizes[0], pts[0])
		}
	}
}

// The cameras' JFIF header says 640:480 where the shape of a pixel belongs. docs/protocol.md, section 5.
func TestPlayersShowTheCamerasPictureInItsShape(t *testing.T) {
	picture, err := os.ReadFile("testdata/real_camera_picture.jpg")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "shape.avi")
	rec := recording{times: []time.Duration{0, ms(100)}, pictures: [][]byte{picture, picture}, length: ms(200)}
	record(t, path, TickRate, rec, nil, 0, func(w *Writer) {
		if _, err := w.Close(at(rec.length)); err != nil {
			t.Fatal(err)
		}
	})
	var shape struct {
		Streams []struct {
			Pixel string `json:"sample_aspect_ratio"`
			Frame string `json:"display_aspect_ratio"`
		}
	}
	if err := json.Unmarshal(tool(t, "ffprobe", "-v", "error", "-of", "json", "-show_streams", path), &shape); err != nil {
		t.Fatal(err)
	}
	if s := shape.Streams[0]; s.Pixel != "1:1" || s.Frame != "4:3" {
		t.Errorf("pixels are %s and the picture %s, want 1:1 and 4:3", s.Pixel, s.Frame)
	}
}
