package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// A past is footage that lies in a data folder before the program starts, for tests of the page: real segments, whose
// pictures tell their own time, for people as a clock and for programs as a stamp.
//
//	p := past{zone: "Europe/Amsterdam", cameras: []pastCamera{{id: "0800c0F00001", name: "Hall", fps: 1, footage: []pastSpan{{from, to}}}}}.start(t, dir)
type past struct {
	zone     string // the recorder's, an IANA name; "" is UTC
	cameras  []pastCamera
	settings string // further lines of config.toml, in front of its cameras
	simulate int    // cameras that are there now: 0800c0F00001 and so on, which may have a past
}

// pastCamera is what was recorded of one. Moments of its events and moves lie in its footage.
type pastCamera struct {
	id      camera.ID
	name    string        // "" is the id
	footage []pastSpan    // in order
	gaps    []avi.Gap     // in order; holes in the footage, or between two pieces of it, or behind the last
	fps     float64       // 0 is 10
	cut     time.Duration // length of a segment; 0 is 5 min
	width   int           // of its pictures, 4:3, a multiple of 32 from 160 on; 0 is 320
	bytes   int           // of a picture, about; 0 is what its size asks for, some 5 KB
	sound   bool          // a tone
	events  []pastEvent   // by their begin
	moves   []pastMove
}

// pastSpan is a time: from ≤ t < to.
type pastSpan struct{ from, to time.Time }

// pastEvent is what was seen or heard and is over.
type pastEvent struct {
	at      time.Time
	length  time.Duration
	kinds   []camera.EventKind // none is motion
	peak    float64            // of motion a part of the picture, of sound dB
	best    time.Duration      // from its begin to the picture that shows it best
	box     *camera.Box        // of that one
	zones   []string
	picture bool // there is one beside the segments, as there is of what the recorder saw
}

// pastMove is motion in the footage: its track, and what levels and tiles tell.
type pastMove struct {
	pastSpan
	box camera.Box // where cells of the grid change
}

// start starts the program with its past in dir.
func (past past) start(t testing.TB, dir string) *process {
	t.Helper()
	past.write(t, dir)
	args := []string{"run"}
	if past.simulate > 0 {
		args = append(args, "--simulate", strconv.Itoa(past.simulate))
	}
	p := command(t, dir, args...)
	zone := past.zone
	if zone == "" {
		zone = "UTC"
	}
	p.Env = append(p.Env, "TZ="+zone, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
	return p.start()
}

// in is the past's zone.
func (past past) in(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(past.zone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// write writes data folder and config.toml into dir. Nothing of it is too old for retention.
func (past past) write(t testing.TB, dir string) {
	t.Helper()
	settings := past.settings + "\n"
	var end time.Time
	for _, c := range past.cameras {
		settings += fmt.Sprintf("[[camera]]\nid = %q\nname = %q\n", c.id, c.called())
		for _, s := range c.footage {
			end = later(end, s.to)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	zone := past.in(t)
	store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Location: zone, Software: "v720dvr test",
		Now: func() time.Time { return end }})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range past.cameras {
		if err := store.Seen(t.Context(), storage.Sighting{Camera: c.id, At: end, Firmware: "202212011830", Registered: true, Accepted: true}); err != nil {
			t.Fatal(err)
		}
		c.shoot(t, store, int64(i))
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *pastCamera) called() string {
	if c.name == "" {
		return string(c.id)
	}
	return c.name
}

// pieces are its footage without the gaps in it.
func (c *pastCamera) pieces() (pieces []pastSpan) {
	for _, s := range c.footage {
		for _, g := range c.gaps {
			if g.From.Before(s.to) && g.To.After(s.from) {
				if g.From.After(s.from) {
					pieces = append(pieces, pastSpan{s.from, g.From})
				}
				s.from = later(s.from, g.To)
			}
		}
		if s.from.Before(s.to) {
			pieces = append(pieces, s)
		}
	}
	return pieces
}

// shoot writes its segments.
func (c pastCamera) shoot(t testing.TB, store *storage.Store, seed int64) {
	t.Helper()
	if c.fps == 0 {
		c.fps = 10
	}
	if c.cut == 0 {
		c.cut = 5 * time.Minute
	}
	if c.width == 0 {
		c.width = 320
	}
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{Width: c.width, Height: c.width * 3 / 4, Bytes: c.bytes, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	told := c.tellings()
	gaps := c.gaps
	var before []avi.Gap
	for _, piece := range c.pieces() {
		before = nil
		for len(gaps) > 0 && !gaps[0].To.After(piece.from) {
			before = append(before, gaps[0])
			gaps = gaps[1:]
		}
		for from := piece.from; from.Before(piece.to); {
			to := from.Truncate(c.cut).Add(c.cut)
			if to.After(piece.to) {
				to = piece.to
			}
			told = c.segment(t, store, scene, pastSpan{from, to}, before, told)
			before, from = nil, to
		}
	}
	if len(told) > 0 {
		t.Fatalf("%s: an event at %s does not lie in its footage", c.id, told[0].event.At)
	}
	if err := store.NoteGaps(t.Context(), c.id, gaps); err != nil {
		t.Fatal(err)
	}
}

// A pastTelling is an event of a journal.
type pastTelling struct {
	event   camera.Event
	length  time.Duration
	picture bool
}

// tellings are begins and ends of its events, in order.
func (c *pastCamera) tellings() (all []pastTelling) {
	for _, e := range c.events {
		kinds := e.kinds
		if len(kinds) == 0 {
			kinds = []camera.EventKind{camera.Motion}
		}
		for i, kind := range kinds {
			all = append(all, pastTelling{event: camera.Event{Camera: c.id, At: e.at, Kind: kind}, length: e.length, picture: e.picture && i == 0})
		}
		best := e.at.Add(e.best).UTC()
		ending := camera.Ending{Begin: e.at.UTC(), Seconds: e.length.Seconds(), Kinds: kinds, Peak: e.peak, PeakAt: best, Best: best,
			BestBox: e.box, Box: e.box, Zones: e.zones, Frames: int(e.length.Seconds() * c.fps)}
		all = append(all, pastTelling{event: camera.Event{Camera: c.id, At: e.at.Add(e.length), Kind: camera.Ended, Detail: ending.Detail()}})
	}
	slices.SortStableFunc(all, func(a, b pastTelling) int { return a.event.At.Compare(b.event.At) })
	return all
}

// segment writes one, and returns what is still to be told.
func (c *pastCamera) segment(t testing.TB, store *storage.Store, scene *cloudtest.Scene, span pastSpan, gaps []avi.Gap, told []pastTelling) []pastTelling {
	t.Helper()
	segment, err := store.Create(storage.SegmentSpec{Camera: c.id, Name: c.called(), Start: span.from, Gaps: gaps})
	if err != nil {
		t.Fatal(err)
	}
	interval := time.Duration(float64(time.Second) / c.fps)
	sound := make([]byte, camera.SampleRate)
	zone := store.Location()
	var tracked time.Time
	for at := span.from; at.Before(span.to); at = at.Add(interval) {
		score, track := c.moving(at, at.Sub(tracked) >= motion.TrackEvery)
		if track != nil {
			tracked = at
		}
		jpeg := scene.Picture(int(stampAt(at)), at.In(zone))
		if err := segment.WriteJudged(camera.Frame{Camera: c.id, At: at, JPEG: jpeg}, score, track); err != nil {
			t.Fatal(err)
		}
		for from := soundFrom(segment); c.sound && from.Before(at.Add(interval)) && from.Before(span.to); from = soundFrom(segment) {
			piece := sound[:min(camera.SampleRate, int64(span.to.Sub(from))*camera.SampleRate/int64(time.Second))]
			if len(piece) == 0 {
				break
			}
			cloudtest.Tone(from.UnixMicro()/(1e6/camera.SampleRate), piece)
			if err := segment.WriteAudio(camera.Audio{Camera: c.id, At: from, ALaw: piece}); err != nil {
				t.Fatal(err)
			}
		}
		for len(told) > 0 && told[0].event.At.Before(at.Add(interval)) && told[0].event.At.Before(span.to) {
			if err := segment.WriteEvent(told[0].event); err != nil {
				t.Fatal(err)
			}
			if told[0].picture {
				if err := store.NoteEvent(t.Context(), storage.Note{Event: told[0].event, Length: told[0].length, Name: c.called(), Segment: segment, Picture: jpeg}); err != nil {
					t.Fatal(err)
				}
			}
			told = told[1:]
		}
	}
	if _, err := segment.Commit(t.Context(), span.to); err != nil {
		t.Fatal(err)
	}
	return told
}

// soundFrom is where a segment's next sound stands.
func soundFrom(segment *storage.Segment) time.Time {
	if end, ok := segment.SoundEnd(); ok {
		return end
	}
	return segment.Start()
}

// moving is the score of a picture and its record in the track; nil where none is due.
func (c *pastCamera) moving(at time.Time, due bool) (score uint16, track []byte) {
	change := motion.Change{Width: 80, Height: 60, Levels: make([]uint8, 80*60), Stands: make([]uint64, (10*8+63)/64)}
	cells := 0
	for _, m := range c.moves {
		if at.Before(m.from) || !at.Before(m.to) {
			continue
		}
		for y := int(m.box.Y * 60); y < int((m.box.Y+m.box.Height)*60); y++ {
			for x := int(m.box.X * 80); x < int((m.box.X+m.box.Width)*80); x++ {
				change.Levels[y*80+x] = 8
				cells++
			}
		}
	}
	if cells > 0 || due {
		track = change.AppendTrack(nil, true)
	}
	return uint16(65535 * cells / len(change.Levels)), track
}

// stampBegin is what stamps count from: 32 bits of tenths of a second reach to 2033.
var stampBegin = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// stampAt is the stamp in a picture of a moment: tenths of a second since stampBegin.
func stampAt(at time.Time) int64 { return at.Sub(stampBegin).Milliseconds() / 100 }

// stamped is when the picture was taken that an expression's canvas shows, read from its pixels; zero when they tell
// nothing. width is the picture's own.
func stamped(b *tab, canvas string, width int) time.Time {
	b.t.Helper()
	if n := value[int64](b, strings.NewReplacer("CANVAS", canvas, "WIDTH", fmt.Sprint(width)).Replace(readStamp)); n >= 0 {
		return stampBegin.Add(time.Duration(n) * 100 * time.Millisecond)
	}
	return time.Time{}
}

// readStamp reads cloudtest's stamp: a mark of 4 cells, 32 bits, 4 bits of parity; −1 when it is not there.
const readStamp = `((canvas, width) => {
	if (!canvas || !canvas.width) return -1;
	const scale = canvas.width / width, columns = Math.min(40, width / 8), bits = [];
	const paper = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
	paper.drawImage(canvas, 0, 0);
	for (let i = 0; i < 40; i++) {
		const p = paper.getImageData((i % columns * 8 + 4) * scale, (Math.floor(i / columns) * 8 + 4) * scale, 1, 1).data;
		bits.push(p[1] > 128 ? 1 : 0);
	}
	let n = 0, parity = 15;
	for (let i = 4; i < 36; i++) n = n * 2 + bits[i];
	for (let i = 4; i < 36; i += 4) parity ^= bits[i] * 8 + bits[i + 1] * 4 + bits[i + 2] * 2 + bits[i + 3];
	const said = bits[36] * 8 + bits[37] * 4 + bits[38] * 2 + bits[39];
	return bits.slice(0, 4).join('') === '1010' && said === parity ? n : -1;
})(CANVAS, WIDTH)`

// An hour of footage is made fast enough for a test, is whole, and tells its times.
func TestPastIsRealFootage(t *testing.T) {
	dir := t.TempDir()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 10, 25, 2, 30, 0, 0, zone) // of summer
	box := camera.Box{X: .25, Y: .25, Width: .5, Height: .5}
	gap := avi.Gap{From: from.Add(20 * time.Minute), To: from.Add(37 * time.Minute), Reason: storage.GapSilent}
	begun := time.Now()
	past{zone: "Europe/Amsterdam", cameras: []pastCamera{{
		id: "0800c0F00001", name: "Hall", fps: 1, sound: true, footage: []pastSpan{{from, from.Add(time.Hour)}}, gaps: []avi.Gap{gap},
		events: []pastEvent{{at: from.Add(10 * time.Minute), length: 20 * time.Second, peak: .25, best: 4 * time.Second, box: &box, picture: true}},
		moves:  []pastMove{{pastSpan{from.Add(10 * time.Minute), from.Add(10*time.Minute + 20*time.Second)}, box}},
	}}}.write(t, dir)
	t.Logf("an hour at one picture a second took %v", time.Since(begun))

	store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data")})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if report, err := store.Check(t.Context()); err != nil || len(report.Problems) > 0 {
		t.Fatal(report, err)
	}
	covered, err := store.Coverage(t.Context(), "0800c0F00001", from, from.Add(time.Hour))
	if err != nil || len(covered.Gaps) != 1 || covered.Gaps[0].Reason != gap.Reason || !covered.Gaps[0].From.Equal(gap.From) || !covered.Gaps[0].To.Equal(gap.To) {
		t.Errorf("got gaps %v, %v; want %v alone", covered.Gaps, err, gap)
	}
	events, err := store.Events(t.Context(), storage.EventQuery{})
	if err != nil || len(events) != 2 || events[0].Ending == nil || events[0].Ending.Peak != .25 {
		t.Errorf("got events %+v, %v; want one with its ending", events, err)
	}
	const level = time.Minute
	number := from.Unix() / int64(level/time.Second) / storage.TileBuckets
	tile, err := store.Tile(t.Context(), "0800c0F00001", level, number)
	if err != nil {
		t.Fatal(err)
	}
	begins, _, err := storage.TileSpan(level, number)
	if err != nil {
		t.Fatal(err)
	}
	if got := tile.Buckets[from.Add(10*time.Minute).Sub(begins)/level]; got.Motion < 100 || got.Coverage != 255 {
		t.Errorf("got %+v where a quarter of the picture moves", got)
	}
}
