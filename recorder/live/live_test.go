package live

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

const (
	door = camera.ID("0800c0000001")
	yard = camera.ID("0800c0000002")
	hall = camera.ID("0800c0000003")
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// frame is the picture of a camera, so many tenths of a second after noon.
func frame(id camera.ID, tenths int) camera.Frame {
	return camera.Frame{Camera: id, At: noon.Add(time.Duration(tenths) * 100 * time.Millisecond), JPEG: []byte{0xFF, 0xD8, byte(tenths), 0xFF, 0xD9}}
}

func audio(id camera.ID, tenths, n int) camera.Audio {
	return camera.Audio{Camera: id, At: noon.Add(time.Duration(tenths) * 100 * time.Millisecond), ALaw: make([]byte, n)}
}

func watching(t testing.TB, h *Hub, wants map[camera.ID]Want, tells bool) *Viewer {
	t.Helper()
	v := h.Subscribe(nil)
	t.Cleanup(v.Close)
	if err := v.Watch(wants, tells); err != nil {
		t.Fatal(err)
	}
	return v
}

// drain takes all that there is, as words.
func drain(v *Viewer, ack bool) (got []string) {
	for i, ok := v.Next(); ok; i, ok = v.Next() {
		switch {
		case i.Picture.JPEG != nil:
			got = append(got, fmt.Sprintf("%s #%d", i.Picture.Camera, i.Picture.Number))
			if ack {
				v.Ack(i.Picture.Camera, i.Picture.Number)
			}
		case i.Sound.ALaw != nil:
			got = append(got, fmt.Sprintf("%s sound #%d", i.Sound.Camera, i.Sound.Number))
		case i.Moment != nil:
			got = append(got, fmt.Sprintf("%s event %d %s %v", i.Moment.Camera, i.Moment.ID, i.Moment.Phase, i.Moment.Peak))
		default:
			got = append(got, fmt.Sprintf("missed %d", i.Missed))
		}
	}
	return got
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLatestIsTheNewestPictureUntilItIsForgotten(t *testing.T) {
	h := NewHub()
	if _, ok := h.Latest(door); ok {
		t.Error("there is one before any came")
	}
	h.Frame(frame(door, 1))
	h.Frame(frame(door, 2))
	h.Frame(camera.Frame{Camera: door, At: noon.Add(time.Second), Missing: 3}) // one was lost
	if f, ok := h.Latest(door); !ok || f.JPEG[2] != 2 {
		t.Errorf("got %v %v", f, ok)
	}
	v := watching(t, h, map[camera.ID]Want{door: {Pictures: true, Sound: true}, yard: {Pictures: true}}, true)
	h.Frame(frame(yard, 3))
	h.Audio(audio(door, 3, 800))
	h.Moment(Moment{Camera: door, ID: 1, Phase: PhaseStart})
	h.Forget(door)
	if f, ok := h.Latest(door); ok {
		t.Errorf("a camera that is paused shows %v", f)
	}
	want(t, drain(v, true), "0800c0000002 #1")
	h.Frame(frame(door, 4))
	want(t, drain(v, true), "0800c0000001 #3")
}

func TestViewerHasTwoPicturesOnItsWayAndThenTheNewest(t *testing.T) {
	h := NewHub()
	v := watching(t, h, map[camera.ID]Want{door: {Pictures: true}, yard: {Pictures: true}}, false)
	for i := range 5 {
		h.Frame(frame(door, i))
		h.Frame(frame(yard, i))
	}
	want(t, drain(v, false), "0800c0000001 #5", "0800c0000002 #5")
	for i := range 5 {
		h.Frame(frame(yard, 5+i))
		h.Frame(frame(door, 5+i))
	}
	want(t, drain(v, false))
	if v.Ack(door, 4) || v.Ack(hall, 5) {
		t.Error("it acknowledged what it never got")
	}
	if !v.Ack(door, 5) || v.Ack(door, 5) {
		t.Error("a picture is acknowledged once")
	}
	want(t, drain(v, false), "0800c0000002 #10") // that waited longest
	v.Ack(yard, 5)
	want(t, drain(v, false), "0800c0000001 #10")
	if got := v.Stats(); got != (Stats{Pictures: 4, Thinned: 16}) {
		t.Errorf("got %+v", got)
	}
}

func TestHiddenCameraCostsNothing(t *testing.T) {
	h := NewHub()
	v := watching(t, h, map[camera.ID]Want{door: {Pictures: true, Sound: true}, yard: {Pictures: true}}, false)
	h.Frame(frame(door, 1))
	h.Audio(audio(door, 1, 800))
	h.Frame(frame(yard, 1))
	if err := v.Watch(map[camera.ID]Want{yard: {Pictures: true}, door: {}}, false); err != nil {
		t.Fatal(err)
	}
	h.Frame(frame(door, 2))
	h.Audio(audio(door, 2, 800))
	h.Moment(Moment{Camera: door})
	if n := len(h.feeds[door].watches); n != 0 {
		t.Errorf("%d look at it", n)
	}
	want(t, drain(v, true), "0800c0000002 #1")
	// It is shown again: its latest picture comes at once, and yard's does not come twice.
	if err := v.Watch(map[camera.ID]Want{yard: {Pictures: true}, door: {Pictures: true, FPS: 1}}, false); err != nil {
		t.Fatal(err)
	}
	want(t, drain(v, true), "0800c0000001 #2")
	v.Close()
	if h.Viewers() != 0 || len(h.feeds[yard].watches) != 0 {
		t.Error("who has gone is still there")
	}
	if err := v.Watch(map[camera.ID]Want{hall: {Pictures: true}}, false); err != nil || len(h.feeds) != 2 {
		t.Errorf("who has gone watches %d cameras, %v", len(h.feeds), err)
	}
}

func TestNobodyWatchesWhatHeMayNot(t *testing.T) {
	h := NewHub()
	v := h.Subscribe(func(id camera.ID) bool { return id == door })
	defer v.Close()
	if err := v.Watch(map[camera.ID]Want{door: {Pictures: true}, yard: {Pictures: true}}, true); !errors.Is(err, ErrNotWatched) {
		t.Errorf("got %v", err)
	}
	if len(v.watches) != 0 {
		t.Error("half of it was done")
	}
	if err := v.Watch(map[camera.ID]Want{door: {Pictures: true}}, true); err != nil {
		t.Error(err)
	}
	h.Moment(Moment{Camera: yard, ID: 1})
	h.Moment(Moment{Camera: door, ID: 2, Phase: PhaseStart})
	want(t, drain(v, true), "0800c0000001 event 2 start 0")
	many := make(map[camera.ID]Want)
	for i := range MostWatched + 1 {
		many[camera.ID(fmt.Sprintf("camera%d", i))] = Want{Pictures: true}
	}
	all := h.Subscribe(nil)
	defer all.Close()
	if err := all.Watch(many, false); !errors.Is(err, ErrNotWatched) {
		t.Errorf("%d cameras: %v", len(many), err)
	}
}

func TestPicturesAreThinnedEvenly(t *testing.T) {
	for _, c := range []struct {
		fps    float64
		jitter []int // ms, over and over
		want   int   // of 100 pictures at 10 a second
	}{
		{fps: 0, want: 100}, {fps: 10, want: 100}, {fps: 25, want: 100}, {fps: 5, want: 50}, {fps: 6, want: 60},
		{fps: 1, want: 10}, {fps: 0.5, want: 5}, {fps: 10, jitter: []int{0, 30, -20, 10, -30}, want: 100},
	} {
		p, n, run := paceOf(c.fps), 0, 0
		for i := range 100 {
			at := frame(door, i).At
			if c.jitter != nil {
				at = at.Add(time.Duration(c.jitter[i%len(c.jitter)]) * time.Millisecond)
			}
			if run++; p.due(at) {
				n, run = n+1, 0
			}
			if c.fps > 0 && float64(run) > 10/c.fps+1 {
				t.Errorf("%v a second: none for %d pictures", c.fps, run)
			}
		}
		if n < c.want || n > c.want+2 {
			t.Errorf("%v a second of 10 with jitter %v: got %d of 100, want %d", c.fps, c.jitter, n, c.want)
		}
	}
	p := paceOf(1)
	p.due(noon)
	if p.due(noon.Add(300*time.Millisecond)) || !p.due(noon.Add(-time.Hour)) || p.due(noon.Add(-time.Hour+300*time.Millisecond)) {
		t.Error("a clock that is set back stops it, or opens it")
	}
}

func TestSoundOfASlowViewerLosesTheOldestAndSaysSo(t *testing.T) {
	h := NewHub()
	v := watching(t, h, map[camera.ID]Want{door: {Sound: true}}, false)
	for i := range 100 {
		h.Audio(audio(door, i, 800))
	}
	got := drain(v, true)
	if len(got) != mostSoundBytes/800 || got[0] != "0800c0000001 sound #61" || got[len(got)-1] != "0800c0000001 sound #100" {
		t.Errorf("got %d: %q", len(got), got)
	}
	for i := range 1000 {
		h.Audio(audio(door, i, 1))
	}
	if got := drain(v, true); len(got) != mostSounds {
		t.Errorf("got %d pieces", len(got))
	}
	if v.sounds.bytes != 0 || v.Stats().DroppedSounds != 60+1000-mostSounds {
		t.Errorf("%d bytes are counted, %+v", v.sounds.bytes, v.Stats())
	}
}

func TestMomentsOfASlowViewerJoin(t *testing.T) {
	h := NewHub()
	v := watching(t, h, nil, true)
	tell := func(id int64, phase string, peak float64) {
		h.Moment(Moment{Camera: door, ID: id, Phase: phase, Peak: peak})
	}
	tell(1, PhaseStart, 1)
	tell(2, PhaseStart, 1)
	for i := range 100 {
		tell(1, PhaseUpdate, float64(i))
	}
	tell(1, PhaseEnd, 99)
	tell(1, PhaseUpdate, 0) // of another teller's event with the same number: it is not lost
	want(t, drain(v, true), "0800c0000001 event 1 start 99", "0800c0000001 event 2 start 1", "0800c0000001 event 1 end 99", "0800c0000001 event 1 update 0")
	tell(2, PhaseUpdate, 7)
	tell(2, PhaseUpdate, 8)
	tell(2, PhaseEnd, 9)
	want(t, drain(v, true), "0800c0000001 event 2 end 9")
	for i := range int64(mostMoments + 10) {
		tell(100+i, PhaseStart, 0)
	}
	got := drain(v, true)
	if len(got) != mostMoments+1 || got[0] != "missed 10" || got[1] != "0800c0000001 event 110 start 0" {
		t.Errorf("got %d: %q", len(got), got)
	}
}

// Seven viewers that follow get every picture, sound and moment, whatever an eighth does that never
// acknowledges and never takes anything.
func TestStalledViewerChangesNothingForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		all := map[camera.ID]Want{door: {Pictures: true, Sound: true}, yard: {Pictures: true}}
		stalled := watching(t, h, all, true)
		got := make([]Stats, 7)
		stop := make(chan struct{})
		var running sync.WaitGroup
		for i := range got {
			v := watching(t, h, all, true)
			running.Go(func() {
				for {
					select {
					case <-v.Ready():
						drain(v, true)
					case <-stop:
						got[i] = v.Stats()
						return
					}
				}
			})
		}
		const frames = 1000
		for i := range frames {
			h.Frame(frame(door, i))
			h.Frame(frame(yard, i))
			h.Audio(audio(door, i, 800))
			h.Moment(Moment{Camera: door, ID: int64(i), Phase: PhaseStart})
			synctest.Wait() // the others have taken it; the time of the bubble did not pass
		}
		close(stop)
		running.Wait()
		for i, s := range got {
			if s != (Stats{Pictures: 2 * frames, Sounds: frames, Moments: frames}) {
				t.Errorf("viewer %d got %+v", i, s)
			}
		}
		if s := stalled.Stats(); s.Pictures != 0 || s.Thinned != 2*frames-2 || len(stalled.sounds.list) > mostSounds || len(stalled.moments.list) > mostMoments {
			t.Errorf("the stalled one: %+v, %d pieces of sound, %d moments", s, len(stalled.sounds.list), len(stalled.moments.list))
		}
	})
}

// 64 viewers that take nothing, and 5000 pictures of 18 KB of 16 cameras: the hub holds one of each.
func TestMemoryIsBoundedWhateverViewersDo(t *testing.T) {
	h := NewHub()
	wants := make(map[camera.ID]Want)
	var ids []camera.ID
	for i := range 16 {
		id := camera.ID(fmt.Sprintf("camera%02d", i))
		ids = append(ids, id)
		wants[id] = Want{Pictures: true, Sound: true}
	}
	for range 64 {
		v := watching(t, h, wants, true)
		v.Next()
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for i := range 5_000 {
		id := ids[i%len(ids)]
		h.Frame(camera.Frame{Camera: id, At: noon.Add(time.Duration(i) * time.Millisecond), JPEG: make([]byte, 18<<10)})
		h.Audio(audio(id, i, 800))
		h.Moment(Moment{Camera: id, ID: int64(i), Phase: PhaseStart})
	}
	grown := heap() - before
	// A picture of each camera; sound is shared too; 64 rings of 128 pieces and 64 moments.
	if most := int64(16*18<<10 + 64*50<<10); grown > most {
		t.Errorf("%d bytes are held, more than %d", grown, most)
	}
	t.Logf("held: %d KB", grown>>10)
	runtime.KeepAlive(h)
}

// Whatever comes in whatever order, the books of a viewer agree.
func TestBooksOfAViewerAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := NewHub()
		v := h.Subscribe(nil)
		ids := []camera.ID{door, yard, hall}
		var out []Picture
		clock := 0
		newest := map[camera.ID]uint32{}
		t.Repeat(map[string]func(*rapid.T){
			"frame": func(t *rapid.T) {
				id := rapid.SampledFrom(ids).Draw(t, "camera")
				clock += rapid.IntRange(-20, 20).Draw(t, "tenths")
				h.Frame(frame(id, clock))
				newest[id]++
			},
			"audio":  func(t *rapid.T) { h.Audio(audio(rapid.SampledFrom(ids).Draw(t, "camera"), clock, 4000)) },
			"grid":   func(t *rapid.T) { h.Grid(grid(rapid.SampledFrom(ids).Draw(t, "camera"), clock)) },
			"forget": func(t *rapid.T) { h.Forget(rapid.SampledFrom(ids).Draw(t, "camera")) },
			"watch": func(t *rapid.T) {
				wants := map[camera.ID]Want{}
				for _, id := range ids {
					wants[id] = Want{Pictures: rapid.Bool().Draw(t, "pictures"), Grids: rapid.Bool().Draw(t, "grids"), Sound: rapid.Bool().Draw(t, "sound"), FPS: rapid.Float64Range(0, 20).Draw(t, "fps")}
				}
				if err := v.Watch(wants, rapid.Bool().Draw(t, "moments")); err != nil {
					t.Fatal(err)
				}
			},
			"next": func(t *rapid.T) {
				i, ok := v.Next()
				if p := i.Picture; ok && p.JPEG != nil {
					if p.Number != newest[p.Camera] {
						t.Fatalf("got picture %d of %s, the newest is %d", p.Number, p.Camera, newest[p.Camera])
					}
					out = append(out, p)
				}
			},
			"ack": func(t *rapid.T) {
				if len(out) > 0 {
					if !v.Ack(out[0].Camera, out[0].Number) {
						t.Fatal("it is not known")
					}
					out = out[1:]
				}
			},
			"": func(t *rapid.T) {
				bytes := 0
				for _, s := range v.sounds.list {
					bytes += len(s.ALaw)
				}
				if bytes != v.sounds.bytes || bytes > mostSoundBytes || len(out) != len(v.unacked) || len(out) > MostUnacked {
					t.Fatalf("%d bytes of sound, counted %d; %d pictures on their way, counted %d", bytes, v.sounds.bytes, len(out), len(v.unacked))
				}
				for _, w := range v.queue {
					if !w.waits || v.watches[w.id] != w || !w.want.Pictures || w.feed.latest.JPEG == nil {
						t.Fatalf("%s stands in the queue: %+v", w.id, w)
					}
				}
				for _, w := range v.grids {
					if !w.gridWaits || v.watches[w.id] != w || !w.want.Grids || w.grid.Camera != w.id {
						t.Fatalf("%s has a grid that waits: %+v", w.id, w)
					}
				}
			},
		})
		v.Close()
		for id, f := range h.feeds {
			if len(f.watches) != 0 {
				t.Fatalf("%s is watched still", id)
			}
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	for _, viewers := range []int{0, 1, 8, 64} {
		b.Run(fmt.Sprintf("%d viewers", viewers), func(b *testing.B) {
			h := NewHub()
			f := camera.Frame{Camera: door, At: noon, JPEG: make([]byte, 18<<10)}
			h.Frame(f)
			var all []*Viewer
			for range viewers {
				v := watching(b, h, map[camera.ID]Want{door: {Pictures: true, FPS: 10}}, false)
				all = append(all, v)
			}
			b.ReportAllocs()
			for b.Loop() {
				f.At = f.At.Add(100 * time.Millisecond)
				h.Frame(f)
				for _, v := range all {
					if i, ok := v.Next(); ok {
						v.Ack(i.Picture.Camera, i.Picture.Number)
					}
				}
			}
		})
	}
}
