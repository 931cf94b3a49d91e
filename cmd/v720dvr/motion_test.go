package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
	"v720dvr/web"
)

var filmed = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

// walkBy is a picture of a wall with a pattern; from frame 40 to 80 somebody walks by.
func walkBy(t *testing.T, n int) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 320, 240))
	for i := range picture.Pix {
		x, y := i%320, i/320
		picture.Pix[i] = byte(90 + x/8 + 20*(x/40%2) + 15*(y/30%2))
	}
	if n >= 40 && n < 80 {
		x := (n-40)*9 - 40
		draw.Draw(picture, image.Rect(x, 60, x+40, 200), image.NewUniform(color.Gray{240}), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filmWalk writes twelve seconds of it, with a track when an eye looks, and ends with what write returns.
func filmWalk(t *testing.T, eye *motion.Eye, write func(avi.Frame) error) {
	t.Helper()
	for n := range 120 {
		frame := avi.Frame{At: filmed.Add(time.Duration(n) * 100 * time.Millisecond), JPEG: walkBy(t, n)}
		if eye != nil {
			seen := eye.See(frame.JPEG, frame.At)
			frame.Score, frame.Cells = seen.Score, seen.Track
		}
		if err := write(frame); err != nil {
			t.Fatal(err)
		}
	}
}

func filmFile(t *testing.T, path string, eye *motion.Eye) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := avi.NewWriter(file, avi.Meta{Camera: "0800c00128F8", Start: filmed})
	if err != nil {
		t.Fatal(err)
	}
	filmWalk(t, eye, w.WriteFrame)
	if _, err := w.Close(filmed.Add(12 * time.Second)); err != nil {
		t.Fatal(err)
	}
}

// foreign makes another maker's of a file: what is ours in it becomes nobody's.
func foreign(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := path + ".other.avi"
	write(t, other, string(bytes.ReplaceAll(b, []byte("v720dvr\x00"), []byte("another\x00"))))
	return other
}

func replayed(t *testing.T, dir string, args ...string) (a replayAnswer) {
	t.Helper()
	code, out, stderr := command(t, dir, append([]string{"motion", "replay", "--json", "--frames"}, args...)...).run()
	if err := json.Unmarshal([]byte(out), &a); err != nil || code != exitDone {
		t.Fatalf("motion replay %q: exit code %d, %v, %.200q %q", args, code, err, out, stderr)
	}
	return a
}

func TestMotionReplayTellsOfEventsAndFrames(t *testing.T) {
	dir := t.TempDir()
	tracked, bare := filepath.Join(dir, "tracked.avi"), filepath.Join(dir, "bare.avi")
	filmFile(t, tracked, motion.NewEye(motion.Settings{}))
	filmFile(t, bare, nil)
	for name, args := range map[string][]string{
		"by the track": {"tracked.avi"}, "by the pictures of the same": {"tracked.avi", "--pictures"}, "by pictures alone": {"bare.avi"},
		"of another maker": {filepath.Base(foreign(t, bare))},
	} {
		a := replayed(t, dir, args...)
		if len(a.Events) != 1 || len(a.Frames) != 120 {
			t.Fatalf("%s: %d events, %d frames: %+v", name, len(a.Events), len(a.Frames), a.Events)
		}
		e := a.Events[0]
		if e.Kind != motion.Movement || e.Start < 4 || e.Start > 4.6 || e.End < 7.4 || e.End > 9 || e.Peak < 0.02 || e.Best < e.Start || e.Best > e.End || e.Box[2] < 0.5 {
			t.Errorf("%s: %+v", name, e)
		}
		if known := name != "of another maker"; e.At.IsZero() == known {
			t.Errorf("%s: began at %v", name, e.At)
		}
		for n, f := range a.Frames {
			if want := float64(n) / 10; f.T != want || f.Motion && (f.T < 4 || f.T > 9 || f.Score == 0) || !f.Motion && f.Score > 0 {
				t.Errorf("%s: frame %d %+v", name, n, f)
			}
			if n > 45 && n < 70 && !f.Motion {
				t.Errorf("%s: frame %d has no motion", name, n)
			}
		}
	}
	// The text of it, since programs of others read it.
	_, out, _ := command(t, dir, "motion", "replay", "bare.avi", "--json").run()
	if !strings.HasPrefix(out, `{"events":[{"kind":"motion","start":4`) || strings.Contains(out, "frames\":[") {
		t.Errorf("printed %.200q", out)
	}
	if _, out, _ = command(t, dir, "motion", "replay", "bare.avi").run(); !strings.Contains(out, "1 event:") || !strings.Contains(out, "by their pictures") {
		t.Errorf("printed %q", out)
	}
}

func TestMotionReplayJudgesByOtherSettings(t *testing.T) {
	dir := t.TempDir()
	filmFile(t, filepath.Join(dir, "a.avi"), motion.NewEye(motion.Settings{}))
	for _, c := range []struct {
		args   []string
		events int
		zones  string
	}{
		{[]string{"--zones", "exclude all of it 0,0 1,0 1,1 0,1"}, 0, "[]"},
		{[]string{"--zones", "include left half 0,0 0.5,0 0.5,1 0,1; include right 0.5,0 1,0 1,1 0.5,1 sensitivity 3"}, 1, "[left half right]"},
		{[]string{"--zones", "include 0,0 0.5,0 0.5,1 0,1"}, 1, "[zone 1]"},
		{[]string{"--min-size", "60%"}, 0, "[]"},
		{[]string{"--sensitivity", "1"}, 1, "[]"},
		{[]string{"--hold", "0s"}, 1, "[]"},
	} {
		a := replayed(t, dir, append(c.args, "a.avi")...)
		if len(a.Events) < c.events || c.events == 0 && len(a.Events) > 0 {
			t.Errorf("%q: %+v", c.args, a.Events)
		} else if c.events > 0 && fmt.Sprint(a.Events[0].Zones) != c.zones {
			t.Errorf("%q: zones %v, want %s", c.args, a.Events[0].Zones, c.zones)
		}
	}
	// The configuration of the camera that the file is of.
	write(t, filepath.Join(dir, "config.toml"), "[[camera]]\nid = \"0800c00128F8\"\nname = \"door\"\n[[camera.motion.zones]]\nname = \"all\"\nkind = \"exclude\"\npoints = [[0, 0], [1, 0], [1, 1], [0, 1]]\n")
	if a := replayed(t, dir, "a.avi"); len(a.Events) > 0 {
		t.Errorf("all of it excluded by its camera's zones: %+v", a.Events)
	}
}

func TestMotionReplayOfACameraGoesThroughItsSegments(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: filepath.Join(dir, "data"), Location: time.Local})
	for n := range 2 {
		later := time.Duration(n) * time.Minute
		segment, err := store.Create(storage.SegmentSpec{Camera: "0800c00128F8", Start: filmed.Add(later)})
		if err != nil {
			t.Fatal(err)
		}
		filmWalk(t, nil, func(f avi.Frame) error {
			f.At = f.At.Add(later)
			return segment.WriteFrame(camera.Frame{Camera: "0800c00128F8", At: f.At, JPEG: f.JPEG})
		})
		if _, err := segment.Commit(t.Context(), filmed.Add(later+12*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	from, to := filmed.Add(-time.Minute).Format(time.RFC3339), filmed.Add(time.Hour).Format(time.RFC3339)
	write(t, filepath.Join(dir, "config.toml"), "[[camera]]\nid = \"0800c00128F8\"\nname = \"door\"\n")
	a := replayed(t, dir, "door", from, to)
	if len(a.Events) != 2 || len(a.Frames) != 240 || a.Events[1].Start < 64 || a.Events[1].Start > 65 {
		t.Errorf("%d frames, %+v", len(a.Frames), a.Events)
	}
	// From the middle of the first on.
	from = filmed.Add(6 * time.Second).Format(time.RFC3339)
	if a = replayed(t, dir, "0800c00128F8", from, to); len(a.Frames) != 180 || a.Frames[0].T != 0 {
		t.Errorf("%d frames from the middle", len(a.Frames))
	}
	if a = replayed(t, dir, "door", filmed.Add(time.Hour).Format(time.RFC3339), filmed.Add(2*time.Hour).Format(time.RFC3339)); len(a.Frames) != 0 || a.Events == nil {
		t.Errorf("of an hour without footage: %+v", a)
	}
}

func TestMotionWhyDrawsThePictureWithItsNumbers(t *testing.T) {
	dir := t.TempDir()
	filmFile(t, filepath.Join(dir, "a.avi"), nil)
	for _, c := range []struct {
		at     string
		motion bool
		says   string
		args   []string
	}{
		{"5.5", true, "Something moves", nil},
		{"5s", true, "Something moves", nil},
		{filmed.Add(6 * time.Second).Format(time.RFC3339), true, "Something moves", nil},
		{"2", false, "no cell changed", nil},
		{"6", false, "not where the zones", []string{"--zones", "exclude street 0,0 1,0 1,1 0,1"}},
		{"6", false, "are needed", []string{"--min-size", "80%"}},
	} {
		code, out, stderr := command(t, dir, append([]string{"motion", "why", "a.avi", c.at, "--force", "--json"}, c.args...)...).run()
		var w why
		if err := json.Unmarshal([]byte(out), &w); err != nil || code != exitDone {
			t.Fatalf("%s: exit code %d, %v, %q %q", c.at, code, err, out, stderr)
		}
		if w.Motion != c.motion || !strings.Contains(strings.Join(w.Because, " "), c.says) || w.Cells != 40*30 || w.Needed < 1 {
			t.Errorf("%s: %+v", c.at, w)
		}
		file, err := os.Open(filepath.Join(dir, "why.png"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(file)
		file.Close()
		if err != nil || picture.Bounds().Dx() != 640 || picture.Bounds().Dy() < 480+30 {
			t.Fatalf("%s: %v, %v", c.at, picture.Bounds(), err)
		}
		if red := reddish(picture); red > 100 != c.motion {
			t.Errorf("%s: %d red pixels", c.at, red)
		}
	}
	if code, _, stderr := command(t, dir, "motion", "why", "a.avi", "5").run(); code != exitFailed || !strings.Contains(stderr, "--force") {
		t.Errorf("over a file that is there: exit code %d, %q", code, stderr)
	}
	if _, out, _ := command(t, dir, "motion", "why", "a.avi", "5", "-o", "other.png").run(); !strings.Contains(out, "Something moves") || !strings.Contains(out, "other.png") {
		t.Errorf("printed %q", out)
	}
}

func TestMotionWhyFindsAnEventAndACamerasMoment(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: filepath.Join(dir, "data"), Location: time.Local})
	segment, err := store.Create(storage.SegmentSpec{Camera: "0800c00128F8", Start: filmed})
	if err != nil {
		t.Fatal(err)
	}
	eye := motion.NewEye(motion.Settings{})
	filmWalk(t, nil, func(f avi.Frame) error {
		seen := eye.See(f.JPEG, f.At)
		return segment.WriteJudged(camera.Frame{Camera: "0800c00128F8", At: f.At, JPEG: f.JPEG}, seen.Score, seen.Track)
	})
	began, peak := filmed.Add(4*time.Second), filmed.Add(6*time.Second)
	ending := camera.Ending{Begin: began, Seconds: 4, Kinds: []camera.EventKind{camera.Motion}, PeakAt: peak}
	for _, e := range []camera.Event{
		{At: began, Kind: camera.Motion},
		{At: filmed.Add(8 * time.Second), Kind: camera.Ended, Detail: ending.Detail()},
	} {
		if err := segment.WriteEvent(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := segment.Commit(t.Context(), filmed.Add(12*time.Second)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "config.toml"), "[[camera]]\nid = \"0800c00128F8\"\nname = \"door\"\n")
	events, err := store.Events(t.Context(), storage.EventQuery{})
	if err != nil || len(events) != 2 {
		t.Fatalf("%+v, %v", events, err)
	}
	for _, c := range []struct {
		args []string
		t    float64
	}{
		{[]string{strconv.FormatInt(events[0].ID, 10)}, 6},
		{[]string{"door", filmed.Add(5 * time.Second).Format(time.RFC3339)}, 5},
	} {
		code, out, stderr := command(t, dir, append([]string{"motion", "why", "--force", "--json"}, c.args...)...).run()
		var w why
		if err := json.Unmarshal([]byte(out), &w); err != nil || code != exitDone || w.T != c.t || !w.Motion {
			t.Errorf("%q: exit code %d, %v, %+v %q", c.args, code, err, w, stderr)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"4711"}, exitFailed, "4711"},
		{[]string{"door"}, exitUsage, "no event's number"},
		{[]string{"garden", "14:05"}, exitFailed, "no camera"},
		{[]string{"door", filmed.Add(time.Hour).Format(time.RFC3339)}, exitFailed, "nothing that is finished"},
	} {
		if code, _, stderr := command(t, dir, append([]string{"motion", "why", "--force"}, c.args...)...).run(); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit code %d, %q", c.args, code, stderr)
		}
	}
}

// reddish counts what is clearly redder than grey.
func reddish(picture image.Image) (n int) {
	for y := range 480 {
		for x := range 640 {
			if r, g, _, _ := picture.At(x, y).RGBA(); r > g+0x2000 {
				n++
			}
		}
	}
	return n
}

func TestMotionRefusesWhatItCannotJudge(t *testing.T) {
	dir := t.TempDir()
	filmFile(t, filepath.Join(dir, "a.avi"), nil)
	write(t, filepath.Join(dir, "no.avi"), "this is no film")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"replay"}, exitUsage, "a file, or a camera and two times"},
		{[]string{"replay", "a.avi", "14:00"}, exitUsage, "a file, or a camera and two times"},
		{[]string{"replay", "gone.avi"}, exitFailed, "gone.avi"},
		{[]string{"replay", "no.avi"}, exitFailed, "not an AVI"},
		{[]string{"replay", "."}, exitFailed, "folder"},
		{[]string{"replay", "a.avi", "--sensitivity", "11"}, exitUsage, "1 to 10"},
		{[]string{"replay", "a.avi", "--min-size", "0.2"}, exitUsage, "0.2%"},
		{[]string{"replay", "a.avi", "--hold", "2m"}, exitUsage, "0s to 1m"},
		{[]string{"replay", "a.avi", "--zones", "around 0,0 1,0 1,1"}, exitUsage, "include or exclude"},
		{[]string{"replay", "a.avi", "--nonsense"}, exitUsage, "nonsense"},
		{[]string{"replay", "door", "14:00", "yesterday"}, exitUsage, "yesterday"},
		{[]string{"replay", "door", "15:00", "14:00"}, exitUsage, "is no time"},
		{[]string{"replay", "door", "14:00", "15:00"}, exitFailed, "door"},
		{[]string{"why", "a.avi"}, exitUsage, "a file and a time"},
		{[]string{"why", "a.avi", "soon"}, exitUsage, "soon"},
		{[]string{"why", "a.avi", "500"}, exitFailed, "nearest"},
		{[]string{"why", "gone.avi", "5"}, exitFailed, "gone.avi"},
		{[]string{"nothing"}, exitUsage, "nothing"},
	} {
		code, out, stderr := command(t, dir, append([]string{"motion"}, c.args...)...).run()
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 || out != "" {
			t.Errorf("motion %q: exit code %d, %q %q; want %d and %q", c.args, code, out, stderr, c.code, c.says)
		}
	}
}

// A picture that is damaged in a file of another maker is left out, and the others are judged.
func TestMotionReplayLeavesDamagedPicturesOut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.avi")
	filmFile(t, path, nil)
	other := foreign(t, path)
	b, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	hurt := bytes.Index(b, walkBy(t, 20))
	copy(b[hurt+100:], make([]byte, 400))
	write(t, other, string(b))
	a := replayed(t, dir, filepath.Base(other))
	unread := 0
	for _, f := range a.Frames {
		if f.Unread {
			unread++
		}
	}
	if unread == 0 || len(a.Frames) != 120 || len(a.Events) != 1 {
		t.Errorf("%d unread of %d, %+v", unread, len(a.Frames), a.Events)
	}
	if _, out, _ := command(t, dir, "motion", "replay", filepath.Base(other)).run(); !strings.Contains(out, "could not be read") {
		t.Errorf("printed %q", out)
	}
}

func TestZonesAreReadAsPeopleWriteThem(t *testing.T) {
	triangle := [][2]float64{{0, 0}, {1, 0}, {1, 0.3}}
	for _, c := range []struct {
		text, want string
	}{
		{"", "[]"},
		{"exclude street 0,0 1,0 1,0.3", fmt.Sprint([]web.MotionZone{{Name: "street", Kind: "exclude", Points: triangle}})},
		{" include the front door 0,0 1,0 1,0.3 sensitivity 8 ;", fmt.Sprint([]web.MotionZone{{Name: "the front door", Kind: "include", Points: triangle, Sensitivity: 8}})},
		{"include 0,0 1,0", "2 corners"},
		{"include 0,0 1,0 2,0", "from 0 to 1"},
		{"include 0,0 1,0 NaN,0", "from 0 to 1"},
		{"include 0,0 1,0 1,1 door", "no corner"},
		{"include 0,0 1,0 1,1 sensitivity", "at the end"},
		{"include 0,0 1,0 1,1 sensitivity 0", "1 to 10"},
		{"door 0,0 1,0 1,1", "include or exclude"},
		{strings.Repeat("include 0,0 1,0 1,1;", 65), "64 is the most"},
	} {
		zones, err := parseZones(c.text)
		got := fmt.Sprint(zones)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%.60q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestMotionSettingsKeepWhatTheConfigurationSays(t *testing.T) {
	c := config.Default().Motion
	if s := motionSettings(c); s.Sensitivity != 5 || s.MinSize != 0.002 || s.Hold != 2*time.Second || len(s.Zones) != 0 {
		t.Errorf("defaults: %+v", s)
	}
	c.Hold, c.MinSize = 0, 0
	if s := motionSettings(c); s.Hold >= 0 || s.MinSize <= 0 || s.MinSize > 1e-6 {
		t.Errorf("0 is %+v: neither is the default", s)
	}
}
