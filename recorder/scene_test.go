package recorder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"
	_ "time/tzdata" // the zones of these tests, wherever they run

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

// A scene is what a camera saw and heard, all of it told apart: what is in the files can be held
// against what was sent.
type scene struct {
	id       camera.ID
	interval time.Duration // between two pictures
	random   *rand.Rand
	sent     []camera.Frame
	heard    []camera.Audio
}

func newScene(id camera.ID, fps int) *scene {
	return &scene{id: id, interval: time.Second / time.Duration(fps), random: rand.New(rand.NewPCG(1, uint64(len(id))))}
}

// picture makes a JPEG as a reader of headers sees it: SOI, a frame header, a comment with its
// number, some bytes that are like no other picture's, EOI.
func (s *scene) picture(width, height int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8}
	b = binary.BigEndian.AppendUint16(b, uint16(height))
	b = binary.BigEndian.AppendUint16(b, uint16(width))
	b = append(b, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xFE, 0, 10)
	b = binary.BigEndian.AppendUint64(b, uint64(len(s.sent)))
	for range 100 + s.random.IntN(200) {
		b = append(b, byte(s.random.Uint32N(0xFF))) // no FF
	}
	return append(b, 0xFF, 0xD9)
}

func (s *scene) frame(at time.Time) camera.Frame {
	f := camera.Frame{Camera: s.id, At: at, JPEG: s.picture(640, 480)}
	s.sent = append(s.sent, f)
	return f
}

// sound makes the sound that begins at a time: noise, and no sample of it silence.
func (s *scene) sound(at time.Time, samples int) camera.Audio {
	a := camera.Audio{Camera: s.id, At: at, ALaw: make([]byte, samples)}
	for i := range a.ALaw {
		a.ALaw[i] = byte(s.random.Uint32N(0xD5))
	}
	s.heard = append(s.heard, a)
	return a
}

// play sends pictures and 100 ms of sound each to a sink, as a camera does.
func (s *scene) play(sink camera.Sink, d time.Duration) {
	for range d / s.interval {
		sink.Audio(s.sound(time.Now(), int(s.interval/sample)))
		sink.Frame(s.frame(time.Now()))
		pause(s.interval)
	}
}

// pause lets a bubble's time pass.
func pause(d time.Duration) { <-time.After(d) }

// A tape is what the files of a camera hold, one behind the other.
type tape struct {
	segments []storage.SegmentRecord
	frames   []camera.Frame
	sound    []byte // without inserted silence
	events   []avi.Event
}

func readTape(t *testing.T, store *storage.Store, id camera.ID) (all tape) {
	t.Helper()
	segments, err := store.Segments(t.Context(), storage.SegmentQuery{Camera: id})
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range segments {
		readSegment(t, store.Path(record), &all)
	}
	all.segments = segments
	return all
}

func readSegment(t *testing.T, path string, all *tape) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := avi.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, info := range r.Frames() {
		f := camera.Frame{At: info.At, Repaired: info.Repaired, Missing: info.Missing}
		if f.JPEG, err = r.ReadFrame(nil, i); err != nil && !errors.Is(err, avi.ErrLost) {
			t.Fatal(err)
		}
		if info.Lost {
			f.JPEG = nil
		}
		all.frames = append(all.frames, f)
	}
	for i, info := range r.Audio() {
		chunk, err := r.ReadAudio(nil, i)
		if err != nil {
			t.Fatal(err)
		}
		if !info.Silence {
			all.sound = append(all.sound, chunk...)
		}
	}
	all.events = append(all.events, r.Events()...)
}

// holdsFrames fails unless the tape's pictures are those sent: byte for byte, once, in order, at
// their capture times.
func (all *tape) holdsFrames(t *testing.T, sent []camera.Frame) {
	t.Helper()
	if len(all.frames) != len(sent) {
		t.Errorf("got %d frames in the files, want %d", len(all.frames), len(sent))
	}
	for i := range min(len(all.frames), len(sent)) {
		got, want := all.frames[i], sent[i]
		if !bytes.Equal(got.JPEG, want.JPEG) {
			t.Fatalf("frame %d: got %d bytes, want %d others", i, len(got.JPEG), len(want.JPEG))
		}
		if !got.At.Equal(want.At.Truncate(time.Microsecond)) {
			t.Fatalf("frame %d: got capture time %v, want %v", i, got.At, want.At)
		}
	}
}

// holdsSound fails unless the tape's sound is what was sent, sample for sample, from start to end.
func (all *tape) holdsSound(t *testing.T, heard []camera.Audio) {
	t.Helper()
	var want []byte
	for _, a := range heard {
		want = append(want, a.ALaw...)
	}
	if !bytes.Equal(all.sound, want) {
		t.Errorf("got %d samples of sound in the files, want %d, the same ones", len(all.sound), len(want))
	}
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A rig is a recorder that runs in a bubble, over a real store.
type rig struct {
	*Recorder
	store *storage.Store
	dir   string
	disk  *storagetest.Disk
	stop  func()
}

func startRig(t *testing.T, o Options, settings Settings) *rig {
	t.Helper()
	return startIn(t, t.TempDir(), o, settings)
}

// startIn starts one on a folder that another may have left.
func startIn(t *testing.T, dir string, o Options, settings Settings) *rig {
	t.Helper()
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{Dir: dir, FS: disk, Location: berlin(t), Log: o.Log, Now: o.Now})
	o.Store = store
	o.Settings = func(camera.ID) Settings { return settings }
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Recorder: r, store: store, dir: dir, disk: disk, stop: runRecorder(t, r)}
}

// restart ends the recorder and its store, and after a time begins both again.
func (r *rig) restart(t *testing.T, after time.Duration, o Options, settings Settings) *rig {
	t.Helper()
	r.stop()
	if err := r.store.Close(); err != nil {
		t.Error(err)
	}
	pause(after)
	return startIn(t, r.dir, o, settings)
}

// runRecorder runs it; stop ends it and waits.
func runRecorder(t *testing.T, r *Recorder) (stop func()) {
	ctx, cancel := contextFor(t)
	result := make(chan error, 1)
	go func() { result <- r.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}
