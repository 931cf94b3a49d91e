package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/storage/avi"
	"v720dvr/web"
)

// tool is a program of ffmpeg's, or the test is skipped where there is none.
func tool(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", name)
		}
		t.Skipf("SKIPPED: %s is not installed, so nobody else has read our RTSP", name)
	}
	return exec.CommandContext(t.Context(), name, append([]string{"-v", "error"}, args...)...)
}

func output(t *testing.T, c *exec.Cmd) []byte {
	t.Helper()
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v; it says\n%.2000s", c.Args[0], err, complaints.String())
	}
	return out
}

// ffmpeg records what a simulated camera gives over RTSP, ten seconds or V720DVR_TEST_RTSP: it has the pictures, the
// sound and the times of the recording, each one.
func TestFFmpegRecordsOverRTSPWhatIsRecorded(t *testing.T) {
	t.Parallel()
	length := 10 * time.Second
	if text := os.Getenv("V720DVR_TEST_RTSP"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_RTSP_LISTEN=127.0.0.1:0")
	p.start()
	p.await("ready for cameras.* rtsp=127.0.0.1:")
	b := p.visit(t)
	p.await("camera streaming")
	token, _, _ := strings.Cut(mustRun(t, dir, "token", "create", "nvr", "--scopes", "live,read"), "\n")
	b.http.Transport = bearer(token)
	var all struct{ Cameras []web.Camera }
	b.send(http.StatusOK, "GET", "/cameras", nil, &all)
	cameras := all.Cameras
	if len(cameras) != 1 || !strings.HasPrefix(cameras[0].RTSP, "127.0.0.1:") {
		t.Fatalf("got %+v", cameras)
	}
	url := "rtsp://nvr:" + token + "@" + cameras[0].RTSP

	streams := string(output(t, tool(t, "ffprobe", "-rtsp_transport", "udp", "-show_entries", "stream=codec_name,pix_fmt,sample_rate,width,height", "-of", "csv=p=0", url)))
	if !strings.Contains(streams, "mjpeg,") || !strings.Contains(streams, "pcm_alaw,8000") {
		t.Errorf("over UDP ffprobe finds %q", streams)
	}
	if wrong, err := tool(t, "ffprobe", "-rtsp_transport", "tcp", strings.Replace(url, token, "wrong", 1)).CombinedOutput(); err == nil || !strings.Contains(string(wrong), "401") {
		t.Errorf("a wrong password: %s, %v", wrong, err)
	}
	if wrong, err := tool(t, "ffprobe", "-rtsp_transport", "tcp", url+"x").CombinedOutput(); err == nil || !strings.Contains(string(wrong), "404") {
		t.Errorf("a camera that is none: %s, %v", wrong, err)
	}
	film := filepath.Join(dir, "film.mkv")
	output(t, tool(t, "ffmpeg", "-rtsp_transport", "tcp", "-i", url, "-t", fmt.Sprint(length.Seconds()), "-c", "copy", film))
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.end(); code != exitDone {
		t.Errorf("it ends with %d:\n%s", code, p.errors())
	}

	got, kept := readFilm(t, film), readKept(t, filepath.Join(dir, "data", "recordings"))
	if want := int(length.Seconds() * 8); len(got.scans) < want {
		t.Fatalf("got %d pictures in %v, want %d at least", len(got.scans), length, want)
	}
	first := slices.IndexFunc(kept.scans, func(scan []byte) bool { return bytes.Equal(scan, got.scans[0]) })
	if first < 0 {
		t.Fatal("the first picture is none of the recording's")
	}
	worst := time.Duration(0)
	for i, scan := range got.scans {
		if first+i >= len(kept.scans) || !bytes.Equal(scan, kept.scans[first+i]) {
			t.Fatalf("picture %d of %d is not the next one of the recording", i, len(got.scans))
		}
		off := got.times[i] - got.times[0] - kept.times[first+i].Sub(kept.times[first])
		worst = max(worst, off.Abs())
	}
	at := bytes.Index(kept.sound, got.sound[:min(len(got.sound), 4000)])
	if at < 0 || !bytes.HasPrefix(kept.sound[at:], got.sound[:len(got.sound)*9/10]) {
		t.Fatalf("the sound, %d samples, is none of the recording's %d; its first 4000 begin at %d", len(got.sound), len(kept.sound), at)
	}
	heard := kept.soundBegins.Add(time.Duration(at) * time.Second / 8000)
	step := got.soundBegins - got.times[0] - heard.Sub(kept.times[first])
	t.Logf("%d pictures of %v, each there; times at most %v off; sound %v off its pictures", len(got.scans), length, worst, step)
	if worst > 60*time.Millisecond || step.Abs() > 60*time.Millisecond {
		t.Errorf("times are %v off, and sound %v off its pictures", worst, step)
	}
}

type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func mustRun(t *testing.T, dir string, args ...string) string {
	t.Helper()
	code, out, stderr := command(t, dir, args...).run()
	if code != exitDone {
		t.Fatalf("%v ends with %d: %s", args, code, stderr)
	}
	return out
}

// scanOf is what is coded in a JPEG, without headers and fill bytes.
func scanOf(jpeg []byte) []byte {
	begin := bytes.Index(jpeg, []byte{0xFF, 0xDA})
	begin += 2 + int(jpeg[begin+2])<<8 | int(jpeg[begin+3])
	end := bytes.LastIndex(jpeg, []byte{0xFF, 0xD9})
	return bytes.TrimRight(jpeg[begin:end], "\xFF")
}

// told is a film as ffmpeg has it.
type told struct {
	scans       [][]byte
	times       []time.Duration
	sound       []byte
	soundBegins time.Duration
}

func readFilm(t *testing.T, film string) (f told) {
	t.Helper()
	packets := output(t, tool(t, "ffprobe", "-show_entries", "packet=codec_type,pts_time", "-of", "csv=p=0", film))
	heard := false
	for lines := bufio.NewScanner(bytes.NewReader(packets)); lines.Scan(); {
		fields := strings.Split(strings.TrimRight(lines.Text(), ","), ",")
		seconds, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		switch at := time.Duration(seconds * float64(time.Second)); {
		case fields[0] == "video":
			f.times = append(f.times, at)
		case !heard:
			heard, f.soundBegins = true, at
		}
	}
	pictures := output(t, tool(t, "ffmpeg", "-i", film, "-map", "0:v", "-c", "copy", "-f", "mjpeg", "-"))
	for _, jpeg := range bytes.SplitAfter(pictures, []byte{0xFF, 0xD9}) {
		if len(jpeg) > 0 {
			f.scans = append(f.scans, scanOf(jpeg))
		}
	}
	f.sound = output(t, tool(t, "ffmpeg", "-i", film, "-map", "0:a", "-c", "copy", "-f", "alaw", "-"))
	if len(f.scans) != len(f.times) || len(f.scans) == 0 || len(f.sound) == 0 {
		t.Fatalf("%d pictures with %d times, and %d samples", len(f.scans), len(f.times), len(f.sound))
	}
	return f
}

// keptFilm is the recording of the same.
type keptFilm struct {
	scans       [][]byte
	times       []time.Time
	sound       []byte
	soundBegins time.Time
}

func readKept(t *testing.T, recordings string) (k keptFilm) {
	t.Helper()
	var files []string
	err := filepath.WalkDir(recordings, func(path string, _ fs.DirEntry, err error) error {
		if regexp.MustCompile(`\.avi$`).MatchString(path) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	slices.Sort(files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := avi.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.Frames() {
			jpeg, err := r.ReadFrame(nil, i)
			if err != nil {
				t.Fatal(err)
			}
			if len(jpeg) == 0 {
				continue // the place of one that was lost
			}
			k.scans, k.times = append(k.scans, scanOf(jpeg)), append(k.times, f.At)
		}
		for i, a := range r.Audio() {
			if len(k.sound) == 0 {
				k.soundBegins = a.At
			}
			piece, err := r.ReadAudio(nil, i)
			if err != nil {
				t.Fatal(err)
			}
			k.sound = append(k.sound, piece...)
		}
	}
	return k
}
