package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/web"
)

// walkSegment writes the walk of twelve seconds into a segment of its own, with its track if eye looks at it.
func walkSegment(t *testing.T, store *storage.Store, id camera.ID, later time.Duration, eye *motion.Eye) *storage.Segment {
	t.Helper()
	segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: filmed.Add(later)})
	if err != nil {
		t.Fatal(err)
	}
	filmWalk(t, nil, func(f avi.Frame) error {
		frame := camera.Frame{Camera: id, At: f.At.Add(later), JPEG: f.JPEG}
		if eye == nil {
			return segment.WriteFrame(frame)
		}
		seen := eye.See(frame.JPEG, frame.At)
		return segment.WriteJudged(frame, seen.Score, seen.Track)
	})
	return segment
}

func commitWalk(t *testing.T, segment *storage.Segment) {
	t.Helper()
	if _, err := segment.Commit(t.Context(), segment.Start().Add(12*time.Second)); err != nil {
		t.Fatal(err)
	}
}

// What the running v720dvr tells of past footage, to the page and to commands, is what commands tell without it.
func TestFootageIsJudgedAgainTheSameWithAndWithoutARunningOne(t *testing.T) {
	t.Parallel()
	const id = "0800c00128F8"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[[camera]]\nid = \""+id+"\"\nname = \"door\"\n[[camera.motion.zones]]\nname = \"left\"\nkind = \"include\"\npoints = [[0, 0], [0.7, 0], [0.7, 1], [0, 1]]\n")
	store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Location: time.Local})
	if err != nil {
		t.Fatal(err)
	}
	first := walkSegment(t, store, id, 0, motion.NewEye(motion.Settings{}))
	if err := first.WriteEvent(camera.Event{Camera: id, At: filmed.Add(5 * time.Second), Kind: camera.Motion}); err != nil {
		t.Fatal(err)
	}
	commitWalk(t, first)
	commitWalk(t, walkSegment(t, store, id, time.Minute, nil)) // nobody looked
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	span := []string{filmed.Add(-time.Minute).Format(time.RFC3339), filmed.Add(time.Hour).Format(time.RFC3339)}
	tries := [][]string{{}, {"--sensitivity", "8"}, {"--zones", "exclude all 0,0 1,0 1,1 0,1"}, {"--zones", ""}, {"--min-size", "1.5%", "--hold", "1s500ms"}, {"--pictures"}}
	alone := make([]replayAnswer, len(tries))
	whys := make([]why, len(tries))
	explained := func(args ...string) (w why) {
		t.Helper()
		for _, about := range [][]string{{"1"}, {"door", filmed.Add(5 * time.Second).Format(time.RFC3339)}} {
			code, out, stderr := command(t, dir, append(append([]string{"motion", "why", "--force", "--json"}, about...), args...)...).run()
			if err := json.Unmarshal([]byte(out), &w); err != nil {
				t.Fatalf("motion why %q: exit code %d, %v: %q %q", about, code, err, out, stderr)
			}
			if code != exitDone || w.T != 5 {
				t.Fatalf("motion why %q: exit code %d, %q %q", about, code, out, stderr)
			}
		}
		return w
	}
	for i, args := range tries {
		alone[i] = replayed(t, dir, append(append([]string{"door"}, span...), args...)...)
		whys[i] = explained(args...)
	}
	if len(alone[0].Events) != 2 || len(alone[1].Events) != 2 || len(alone[2].Events) != 0 || len(alone[0].Frames) != 240 || fmt.Sprint(alone[0].Events[0].Zones) != "[left]" || alone[3].Events[0].Zones != nil {
		t.Fatalf("without a running one: %+v", alone)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "why.png"))
	if err != nil {
		t.Fatal(err)
	}

	p := command(t, dir, "run", "--simulate", "1").start()
	b := p.visit(t)
	b.logIn(p)
	for i, args := range tries {
		if got := replayed(t, dir, append(append([]string{"door"}, span...), args...)...); !reflect.DeepEqual(got, alone[i]) {
			t.Errorf("%q: with a running one %+v, without %+v", args, got.Events, alone[i].Events)
		}
		if got := explained(args...); !reflect.DeepEqual(got, whys[i]) {
			t.Errorf("why %q: with a running one %+v, without %+v", args, got, whys[i])
		}
	}
	if now, err := os.ReadFile(filepath.Join(dir, "why.png")); err != nil || string(now) != string(picture) {
		t.Errorf("the picture is another one, of %d bytes, %v, want %d", len(now), err, len(picture))
	}
	if code, out, _ := command(t, dir, append([]string{"motion", "replay", "door"}, span...)...).run(); code != exitDone || !strings.Contains(out, "2 events:") || !strings.Contains(out, "include left") ||
		!strings.Contains(out, "120 by their pictures and the others by their track") {
		t.Errorf("printed %q", out)
	}
	var told web.Replay
	body := map[string]any{"from": span[0], "to": span[1], "settings": map[string]any{"zones": []any{map[string]any{"kind": "exclude", "points": [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}}}
	b.send(http.StatusOK, "POST", "/cameras/"+id+"/motion/replay", body, &told)
	if len(told.Events) != 0 || len(told.Now) != 2 || told.Gone != 2 || told.New != 0 || !told.Now[0].Only || told.Judged != 240 || told.Decoded != 120 ||
		told.Tracked != 11.9 || told.Pictured != 11.9 || told.InForce.Zones[0].Name != "left" || told.Settings.Hold != "2s" || told.Settings.MinSize != "0.2%" || !told.From.Equal(filmed) {
		t.Errorf("told %+v", told)
	}
	body["settings"] = map[string]any{"hold": "61s"}
	b.send(http.StatusUnprocessableEntity, "POST", "/cameras/"+id+"/motion/replay", body, nil)
	if code, _, stderr := command(t, dir, "motion", "why", "4711", "--force").run(); code != exitFailed || !strings.Contains(stderr, "4711") {
		t.Errorf("an event that is not there: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := command(t, dir, "motion", "why", "door", span[1], "--force").run(); code != exitFailed || !strings.Contains(stderr, "nothing stands there") {
		t.Errorf("a moment without footage: exit code %d, %q", code, stderr)
	}

	var crossed struct{ Errors []struct{ Message string } }
	bowTie := []any{map[string]any{"kind": "exclude", "points": [][2]float64{{0, 0}, {1, 1}, {1, 0}, {0, 1}}}}
	body["settings"] = map[string]any{"zones": bowTie}
	b.send(http.StatusUnprocessableEntity, "POST", "/cameras/"+id+"/motion/replay", body, &crossed)
	if len(crossed.Errors) != 1 || !strings.Contains(crossed.Errors[0].Message, "corner 1 and corner 3 cross") {
		t.Errorf("a zone that crosses itself: %+v", crossed)
	}
	b.send(http.StatusUnprocessableEntity, "PATCH", "/cameras/"+id+"/settings", map[string]any{"motion.zones": bowTie}, &crossed)

	// Where the walk goes something changes often; the minute that nobody looked at does not count.
	var busy web.Busy
	b.send(http.StatusOK, "GET", "/cameras/"+id+"/motion/busy?above=0.03&from="+url.QueryEscape(span[0])+"&to="+url.QueryEscape(span[1]), nil, &busy)
	if most := slices.Max(busy.Shares); busy.Frames != 120 || busy.Width*busy.Height != len(busy.Shares) || most < 0.03 || most > 0.6 || len(busy.Zones) == 0 || busy.Zones[0].Kind != "exclude" {
		t.Errorf("busy: %d frames of %d×%d, %v at most, %+v", busy.Frames, busy.Width, busy.Height, most, busy.Zones)
	}

	// What is being written now.
	p.await("camera streaming.* addr=127")
	const simulated = "0800c0F00001"
	begun := time.Now().Add(-time.Hour).Format(time.RFC3339)
	told = web.Replay{}
	for limit := time.Now().Add(20 * time.Second); told.Judged < 20 || told.To.IsZero(); {
		told = web.Replay{}
		b.send(http.StatusOK, "POST", "/cameras/"+simulated+"/motion/replay", map[string]any{"from": begun, "to": time.Now().Add(time.Hour)}, &told)
		if time.Now().After(limit) {
			t.Fatalf("nothing of the open segment: %+v", told)
		}
	}
	if told.Decoded != 0 || told.Missing != 0 {
		t.Errorf("the open segment was not judged by its track: %+v", told)
	}
	at := told.To.Format(time.RFC3339Nano)
	if code, _, stderr := command(t, dir, "motion", "why", simulated, at, "-o", "now.png").run(); code != exitDone {
		t.Errorf("why now: exit code %d, %q", code, stderr)
	}
	file, err := os.Open(filepath.Join(dir, "now.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if drawn, err := png.Decode(file); err != nil || drawn.Bounds().Dx() != 1280 {
		t.Errorf("drawn %v, %v", drawn, err)
	}
	p.finish()
}

// storeBox is a box with a store alone, for what asks nothing else of it.
func storeBox(t *testing.T) *box {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir(), Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &box{store: store, pace: newPace()}
	loaded, err := loadFrom(new(configFlags).options())
	if err != nil {
		t.Fatal(err)
	}
	b.config.Store(&loaded)
	return b
}

func TestReplayHasTheSegmentsThatAreBeingWrittenOnce(t *testing.T) {
	const id = "0800c00128F8"
	b := storeBox(t)
	eye := motion.NewEye(motion.Settings{})
	commitWalk(t, walkSegment(t, b.store, id, 0, eye))
	ending := walkSegment(t, b.store, id, 12*time.Second, eye) // on its way into the index
	open := walkSegment(t, b.store, id, 24*time.Second, eye)
	ask := func() (web.Replay, string) {
		t.Helper()
		told, err := b.Replay(t.Context(), web.ReplayQuery{Camera: id, From: filmed, To: filmed.Add(time.Hour), Frames: true})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(told)
		if err != nil {
			t.Fatal(err)
		}
		return told, string(text)
	}
	before, want := ask()
	if before.Judged != 360 || before.Decoded != 0 || len(before.Events) != 3 || len(before.Now) != 3 || before.New+before.Gone != 0 || before.Missing != 0 {
		t.Fatalf("%d frames, %d events: %+v", before.Judged, len(before.Events), before.Events)
	}
	commitWalk(t, ending)
	if now, got := ask(); got != want {
		t.Errorf("behind the commit of one: %d frames, %+v", now.Judged, now.Events)
	}
	commitWalk(t, open)
	if now, got := ask(); got != want {
		t.Errorf("behind the commit of all: %d frames, %+v", now.Judged, now.Events)
	}
	// The second before a segment's end, of which the next one's beginning is nearer to nobody.
	w, err := b.Why(t.Context(), web.WhyQuery{Camera: id, At: filmed.Add(11950 * time.Millisecond)})
	if err != nil || w.T != 11.9 || w.PNG != nil {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestReplayRefusesMorePicturesAndFramesThanItDoesBesideRecording(t *testing.T) {
	const id = "0800c00128F8"
	b := storeBox(t)
	segment, err := b.store.Create(storage.SegmentSpec{Camera: id, Start: filmed})
	if err != nil {
		t.Fatal(err)
	}
	picture := walkBy(t, 0)
	for n := range 2000 { // one a second, and nobody looked
		if err := segment.WriteFrame(camera.Frame{Camera: id, At: filmed.Add(time.Duration(n) * time.Second), JPEG: picture}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := segment.Commit(t.Context(), filmed.Add(2000*time.Second)); err != nil {
		t.Fatal(err)
	}
	var refused *web.JudgeError
	if _, err := b.Replay(t.Context(), web.ReplayQuery{Camera: id, From: filmed, To: filmed.Add(time.Hour)}); !errors.As(err, &refused) || !strings.Contains(refused.Text, "30m0s") {
		t.Errorf("33 minutes of pictures: %v", err)
	}
	told, err := b.Replay(t.Context(), web.ReplayQuery{Camera: id, From: filmed, To: filmed.Add(29 * time.Minute)})
	if err != nil || told.Decoded != 29*60 || told.Pictured != 29*60-1 {
		t.Errorf("29 minutes: %v, %+v", err, told)
	}
	trial := newRetrial(b.motionOf(id), nil, filmed, filmed.Add(time.Minute))
	trial.frames, trial.mostFrames = true, 59
	refs, err := b.reels(t.Context(), id, filmed, filmed.Add(time.Minute))
	if err != nil || len(refs) != 1 {
		t.Fatal(refs, err)
	}
	if err := trial.reel(t.Context(), b.store, refs[0]); !errors.As(err, &refused) || !strings.Contains(refused.Text, "59 frames") {
		t.Errorf("60 frames: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := b.Replay(ctx, web.ReplayQuery{Camera: id, From: filmed, To: filmed.Add(time.Hour)}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if len(b.pace.works) != 0 {
		t.Error("who gave up has the turn still")
	}
}

func TestSettingsThatAreTriedAreThoseOfTheConfiguration(t *testing.T) {
	now := storeBox(t).motionOf("0800c00128F8")
	if back, err := tried(now, toldSettings(now)); err != nil || !reflect.DeepEqual(motionSettings(back), motionSettings(now)) {
		t.Errorf("told and read again: %+v, %v; want %+v", back, err, now)
	}
	corner := [][2]float64{{0, 0}, {1, 0}, {1, 1}}
	for _, c := range []struct {
		tries web.MotionSettings
		key   string
	}{
		{web.MotionSettings{Sensitivity: 11}, "sensitivity"}, {web.MotionSettings{Sensitivity: -1}, "sensitivity"},
		{web.MotionSettings{MinSize: "0.2"}, "min_size"}, {web.MotionSettings{MinSize: "-1%"}, "min_size"}, {web.MotionSettings{MinSize: "NaN%"}, "min_size"}, {web.MotionSettings{MinSize: "101%"}, "min_size"},
		{web.MotionSettings{Hold: "2"}, "hold"}, {web.MotionSettings{Hold: "61s"}, "hold"}, {web.MotionSettings{Hold: "-1s"}, "hold"},
		{web.MotionSettings{Zones: make([]web.MotionZone, 65)}, "zones"}, {web.MotionSettings{Zones: []web.MotionZone{{Kind: "include", Points: corner}, {}}}, "zones[1]"},
		{web.MotionSettings{Zones: []web.MotionZone{{Kind: "include", Points: corner[:2]}}}, "zones[0]"},
		{web.MotionSettings{Zones: []web.MotionZone{{Kind: "include", Points: [][2]float64{{0, 0}, {1, 0}, {1, 1.01}}}}}, "zones[0]"},
		{web.MotionSettings{Zones: []web.MotionZone{{Kind: "include", Points: make([][2]float64, 1001)}}}, "zones[0]"},
		{web.MotionSettings{Zones: []web.MotionZone{{Kind: "include", Points: corner, Sensitivity: 11}}}, "zones[0]"},
	} {
		var wrong *web.SettingError
		if _, err := tried(now, c.tries); !errors.As(err, &wrong) || wrong.Key != c.key || wrong.Text == "" {
			t.Errorf("%+v: got %v, want %s to be wrong", c.tries, err, c.key)
		}
	}
}

func TestOnlyOneJudgesAtATimeAndRestsBetween(t *testing.T) {
	p := newPace()
	first, err := p.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	second := make(chan error)
	go func() {
		turn, err := p.begin(t.Context())
		if err == nil {
			turn.end()
		}
		second <- err
	}()
	select {
	case <-second:
		t.Fatal("two had the turn")
	default:
	}
	first.since = time.Now().Add(-workFor)
	if err := first.pause(ctx); err != nil { // rests, and hands it on
		t.Error(err)
	}
	first.end()
	if err := <-second; err != nil {
		t.Error(err)
	}
	last, err := p.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	last.since = time.Time{}
	if err := last.pause(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("of a request that was given up: %v", err)
	}
	last.end()
	if len(p.works) != 0 {
		t.Error("the turn was not given back")
	}
}
