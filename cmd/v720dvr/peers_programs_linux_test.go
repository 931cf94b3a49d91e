package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/cloud/cloudtest"
)

// peer is a program that records, with the processes that it takes for all cameras together.
type peer struct {
	name  string
	ours  bool // it speaks the cameras' protocol; others stand behind the relay
	line  string
	start func(r *race, dir string) []*exec.Cmd
	// files of a camera, the i-th, that it has written.
	files func(dir string, i int) string
	stop  syscall.Signal

	dir      string
	commands []*exec.Cmd
}

// recorders are the programs that we are measured against, each as its own documentation would have it record all the
// time: files of 5 minutes, nothing coded anew where that can be helped.
func recorders() []*peer {
	v720dvr := func(env ...string) func(r *race, dir string) []*exec.Cmd {
		return func(r *race, dir string) []*exec.Cmd { return []*exec.Cmd{r.ourRun(dir, env...)} }
	}
	ourFiles := func(dir string, i int) string { return filepath.Join(dir, "data/recordings", raceID(i), "*", "*.avi*") }
	return []*peer{
		{name: "v720dvr", ours: true, line: "`v720dvr run`, motion detection on", start: v720dvr(), files: ourFiles, stop: syscall.SIGTERM},
		{name: "v720dvr without motion", ours: true, line: "`v720dvr run`, `motion.enabled = false`", start: v720dvr("V720DVR_MOTION_ENABLED=false"), files: ourFiles, stop: syscall.SIGTERM},
		{name: "ffmpeg", line: "`ffmpeg -f mpjpeg -i URL -c copy -f segment -segment_time 300 %03d.avi` for each camera", start: startSegmenters, stop: syscall.SIGINT,
			files: func(dir string, i int) string { return filepath.Join(dir, raceID(i)+"-*.avi") }},
		{name: "motion", line: "`motion` with `netcam_url`, `emulate_motion on`, `framerate 12`, `movie_container mkv`, `movie_max_time 300`, no pictures", start: startMotion, stop: syscall.SIGTERM,
			files: func(dir string, i int) string { return filepath.Join(dir, raceID(i), "*.mkv") }},
	}
}

func raceID(i int) string { return fmt.Sprintf("0800c0F0%04d", i) }

// ourRun starts one of ours, and has it told where its cameras are to come.
func (r *race) ourRun(dir string, env ...string) *exec.Cmd {
	r.t.Helper()
	begin := func() *process {
		p := command(r.t, dir, "run")
		p.Env = append(p.Env, append(env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")...)
		return p.start()
	}
	first := begin() // the first start of a box hashes a password; that is not what recording costs
	first.await("ready for cameras")
	first.Process.Signal(syscall.SIGTERM)
	first.end()
	p := begin()
	r.http[dir] = regexp.MustCompile(`http=(\S+)`).FindStringSubmatch(p.await("ready for cameras"))[1]
	r.reap[p.Cmd] = p.reap
	return p.Cmd
}

func startSegmenters(r *race, dir string) (list []*exec.Cmd) {
	for i := range r.cameras {
		list = append(list, r.launch(dir, "ffmpeg", "-v", "error", "-nostdin", "-f", "mpjpeg", "-i", r.live(i), "-c", "copy", "-f", "segment", "-segment_time", "300", raceID(i)+"-%03d.avi"))
	}
	return list
}

func startMotion(r *race, dir string) []*exec.Cmd {
	text := "daemon off\nlog_level 4\nwebcontrol_port 0\nwidth 640\nheight 480\nframerate 12\nemulate_motion on\npicture_output off\nmovie_output on\nmovie_container mkv\nmovie_max_time 300\ntext_right\n"
	for i := range r.cameras {
		at := filepath.Join(dir, raceID(i))
		must(r.t, os.Mkdir(at, 0o755))
		must(r.t, os.WriteFile(at+".conf", fmt.Appendf(nil, "camera_id %d\ntarget_dir %s\nnetcam_url %s\n", i+1, at, strings.Replace(r.live(i), "http:", "mjpeg:", 1)), 0o644))
		text += "camera " + at + ".conf\n"
	}
	must(r.t, os.WriteFile(filepath.Join(dir, "motion.conf"), []byte(text), 0o644))
	return []*exec.Cmd{r.launch(dir, "motion", "-n", "-c", filepath.Join(dir, "motion.conf"))}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// launch starts a program of others in a folder; it is killed at the latest with the test.
func (r *race) launch(dir, name string, args ...string) *exec.Cmd {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), name, args...)
	cmd.Dir = dir
	log, err := os.Create(filepath.Join(dir, name+strconv.Itoa(len(r.reap))+".log"))
	must(r.t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	must(r.t, cmd.Start())
	r.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	r.reap[cmd] = func() { cmd.Wait() }
	return cmd
}

// cost is what processes have taken of a processor since they began, and what they hold of the memory now.
func cost(t *testing.T, list []*exec.Cmd) (cpu time.Duration, resident int64) {
	t.Helper()
	const tick = time.Second / 100 // USER_HZ, the same on every Linux
	for _, cmd := range list {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		must(t, err)
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+2:]))
		for _, at := range []int{11, 12} { // utime, stime: proc(5)
			n, err := strconv.Atoi(fields[at])
			must(t, err)
			cpu += time.Duration(n) * tick
		}
		pages, err := strconv.ParseInt(fields[21], 10, 64)
		must(t, err)
		resident += pages * int64(os.Getpagesize())
	}
	return cpu, resident
}

// stampsOf are the numbers of the pictures that a player shows of some files, by the stamp that the simulated camera draws,
// and how long ffprobe says that the files are: 0 where it cannot say.
func stampsOf(ctx context.Context, t *testing.T, pattern string) (numbers map[uint32]bool, length time.Duration) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	must(t, err)
	numbers = map[uint32]bool{}
	const width, height = 320, 8 // where the stamp stands
	for _, file := range files {
		said, err := exec.CommandContext(ctx, "ffprobe", "-v", "quiet", "-show_entries", "format=duration", "-of", "csv=p=0", file).Output()
		if seconds, wrong := strconv.ParseFloat(strings.TrimSpace(string(said)), 64); err == nil && wrong == nil {
			length += time.Duration(seconds * float64(time.Second))
		}
		cmd := exec.CommandContext(ctx, "ffmpeg", "-v", "quiet", "-nostdin", "-i", file, "-vf", fmt.Sprintf("crop=%d:%d:0:0", width, height), "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-")
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		for picture := image.NewGray(image.Rect(0, 0, width, height)); ; {
			if _, err := io.ReadFull(out, picture.Pix); err != nil {
				break
			}
			if n, ok := cloudtest.ReadStamp(picture); ok {
				numbers[n] = true
			}
		}
		_ = cmd.Wait() // an error is what a file that a kill left has; what came of it counts
	}
	return numbers, length
}
