package recorder

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/recorder/motion"
)

// An onlooker takes all that comes to a viewer, when it comes.
type onlooker struct {
	viewer   *live.Viewer
	moments  []live.Moment
	came     []time.Time // the moments
	pictures []camera.Frame
	grids    []live.Grid
}

func (o *onlooker) look(stop <-chan struct{}) {
	for {
		for i, ok := o.viewer.Next(); ok; i, ok = o.viewer.Next() {
			switch {
			case i.Moment != nil:
				o.moments, o.came = append(o.moments, *i.Moment), append(o.came, time.Now())
			case i.Picture.JPEG != nil:
				o.pictures = append(o.pictures, i.Picture.Frame)
				o.viewer.Ack(i.Picture.Camera, i.Picture.Number)
			case i.Grid != nil:
				o.grids = append(o.grids, *i.Grid)
			}
		}
		select {
		case <-o.viewer.Ready():
		case <-stop:
			return
		}
	}
}

func TestWhoLooksLiveSeesPicturesAndMomentsAtOnceAndNothingInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := live.NewHub()
		r := startRig(t, Options{Live: hub}, watching(rolls(5*time.Second, 3*time.Second)))
		o := &onlooker{viewer: hub.Subscribe(nil)}
		if err := o.viewer.Watch(map[camera.ID]live.Want{door: {Pictures: true}}, true); err != nil {
			t.Fatal(err)
		}
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { o.look(stop); close(stopped) }()
		s := newParlour(t)
		s.play(r, 20*time.Second, s.still)
		walked := time.Now()
		s.play(r, 2600*time.Millisecond, s.steps...)
		s.play(r, 5*time.Second, s.still)
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Device, Detail: "bell"})
		s.play(r, 30*time.Second, s.still)
		shown := len(s.sent)
		if err := r.store.Pause(t.Context(), door, time.Now(), time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.play(r, 2600*time.Millisecond, s.steps...)
		if _, ok := hub.Latest(door); ok {
			t.Error("a paused camera is shown")
		}
		if err := r.store.Unpause(t.Context(), door); err != nil {
			t.Fatal(err)
		}
		r.stop()
		close(stop)
		<-stopped
		o.viewer.Close()

		if len(o.pictures) != shown {
			t.Errorf("%d pictures were shown, want %d: those before the pause", len(o.pictures), shown)
		}
		for i := range min(len(o.pictures), shown) {
			if !bytes.Equal(o.pictures[i].JPEG, s.sent[i].JPEG) || !o.pictures[i].At.Equal(s.sent[i].At.Round(0)) {
				t.Fatalf("picture %d is another one", i)
			}
		}
		phases := make(map[camera.EventKind]string)
		numbers := make(map[int64]bool)
		for i, m := range o.moments {
			phases[m.Kind] += m.Phase + " "
			numbers[m.ID] = true
			// It goes on until it has been still for motion.Settings.Hold, 2 s.
			if m.Kind == camera.Motion && m.Phase == live.PhaseEnd && o.came[i].Sub(m.End) > 2200*time.Millisecond {
				t.Errorf("the end of %v came at %v", m.End, o.came[i])
			}
		}
		if m := phases[camera.Motion]; len(m) < len("start update end ") || m[:6] != "start " || m[len(m)-5:] != " end " || bytes.Count([]byte(m), []byte("end")) != 1 {
			t.Errorf("motion was told as %q", m)
		}
		if phases[camera.Device] != "start end " || len(numbers) != 2 {
			t.Errorf("the bell was told as %q; numbers %v", phases[camera.Device], numbers)
		}
		if o.moments[0].Start.Sub(walked).Abs() > 150*time.Millisecond || o.came[0].Sub(o.moments[0].Start) > 200*time.Millisecond {
			t.Errorf("the first came at %v, says %v, and somebody came at %v", o.came[0], o.moments[0].Start, walked)
		}
	})
}

func TestWhoAsksIsShownWhatMovesInEachPictureThatIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := live.NewHub()
		r := startRig(t, Options{Live: hub}, watching(rolls(5*time.Second, 3*time.Second)))
		o := &onlooker{viewer: hub.Subscribe(nil)}
		if err := o.viewer.Watch(map[camera.ID]live.Want{door: {Grids: true}}, false); err != nil {
			t.Fatal(err)
		}
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { o.look(stop); close(stopped) }()
		s := newParlour(t)
		s.play(r, 10*time.Second, s.still)
		quiet := len(s.sent)
		s.play(r, 2600*time.Millisecond, s.steps...)
		r.stop()
		close(stop)
		<-stopped
		o.viewer.Close()
		if len(o.grids) != len(s.sent) || len(o.pictures) != 0 {
			t.Fatalf("got %d grids and %d pictures of %d that were looked at", len(o.grids), len(o.pictures), len(s.sent))
		}
		var change motion.Change
		moved := 0
		for i, g := range o.grids {
			if err := change.DecodeTrack(g.Track); err != nil {
				t.Fatal(err)
			}
			// 0.2 % of 40×30 cells are two.
			if !g.At.Equal(s.sent[i].At.Round(0)) || g.Motion != (g.Largest >= g.Needed) || g.Needed != 2*65535/1200 || g.Largest > g.Score && g.Motion {
				t.Fatalf("grid %d: %+v", i, g)
			}
			if g.Motion && i < quiet {
				t.Errorf("grid %d: %+v of an empty room", i, g)
			} else if g.Motion {
				moved++
			}
		}
		if moved < 20 || change.Width != 40 || change.Height != 30 {
			t.Errorf("%d pictures with motion, of %d×%d cells", moved, change.Width, change.Height)
		}
	})
}
