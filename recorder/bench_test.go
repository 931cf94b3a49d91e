package recorder

import (
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// nowhere takes what is written and keeps nothing: what is measured is ours, not the kernel's.
type nowhere struct{ storage.DiskFS }

type nothing struct{ storage.File }

func (nothing) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (nothing) Sync() error                            { return nil }

func (n nowhere) Create(path string) (storage.File, error) {
	f, err := n.DiskFS.Create(path)
	if err != nil || !strings.HasSuffix(path, ".part") { // who reads volume.json wants what was written
		return f, err
	}
	return nothing{f}, nil
}

// One picture of a camera and its 100 ms of sound, from the sink's side of the queue to the file's.
func benchmarkDeck(b *testing.B, disk storage.FS) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir(), FS: disk})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	r, err := New(Options{Store: store, Settings: func(camera.ID) Settings { return recordAll(5 * time.Minute) }})
	if err != nil {
		b.Fatal(err)
	}
	d := r.deck(door)
	scene := newScene(door, 10)
	picture := make([]byte, 23<<10)
	copy(picture, scene.picture(640, 480))
	sound := scene.sound(time.Time{}, 800).ALaw
	at := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	b.SetBytes(int64(len(picture)))
	for b.Loop() {
		r.Audio(camera.Audio{Camera: door, At: at, ALaw: sound})
		r.Frame(camera.Frame{Camera: door, At: at, JPEG: picture})
		d.work()
		at = at.Add(100 * time.Millisecond)
	}
	b.StopTimer()
	if s := r.Stats()[0]; s.Written != s.Frames || s.Frames == 0 {
		b.Fatalf("got %+v, want all written", s)
	}
	d.spool.finish("")
}

// work is what the goroutines of deck and spool do when they were woken.
func (d *deck) work() {
	for i, more, _ := d.queue.pop(); more; i, more, _ = d.queue.pop() {
		d.accept(i)
	}
	d.wakeSpool()
	for i, more, _ := d.spool.queue.pop(); more; i, more, _ = d.spool.queue.pop() {
		d.spool.take(i)
		d.spool.queue.budget.give(i.cost())
	}
}

func BenchmarkDeck(b *testing.B)       { benchmarkDeck(b, nowhere{}) }
func BenchmarkDeckToDisk(b *testing.B) { benchmarkDeck(b, new(storagetest.Disk)) }

// The same while it is only held: motion mode, and nothing moves.
func BenchmarkDeckHolds(b *testing.B) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	r, err := New(Options{Store: store, Settings: func(camera.ID) Settings { return rolls(10*time.Second, 10*time.Second) }})
	if err != nil {
		b.Fatal(err)
	}
	d := r.deck(door)
	picture, sound := make([]byte, 23<<10), make([]byte, 800)
	at := time.Now().Round(0)
	show := func() {
		r.Audio(camera.Audio{Camera: door, At: at, ALaw: sound})
		r.Frame(camera.Frame{Camera: door, At: at, JPEG: picture})
		d.work()
		at = at.Add(100 * time.Millisecond)
	}
	for range 300 { // until as many go as come
		show()
	}
	if allocs := testing.AllocsPerRun(1000, show); allocs != 0 {
		b.Errorf("got %v allocations a picture, want none", allocs)
	}
	b.ReportAllocs()
	for b.Loop() {
		show()
	}
	if held := d.roll.held(); held != 2*121 {
		b.Errorf("got %d held, want 12 s of pictures and sound", held)
	}
}

// What the cloud's goroutine pays.
func BenchmarkSinkFrame(b *testing.B) {
	r := &Recorder{begun: time.Now()}
	q := newQueue(newBudget(mostWaiting))
	r.decks = map[camera.ID]*deck{door: {id: door, queue: q}}
	f := camera.Frame{Camera: door, At: time.Now(), JPEG: make([]byte, 23<<10)}
	b.ReportAllocs()
	for b.Loop() {
		r.Frame(f)
		i, _, _ := q.pop()
		q.budget.give(i.cost())
	}
}
