package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

const door = camera.ID("0800c0000001")

// noon is when these films begin: in a zone with an offset, off the second.
var noon = time.Date(2026, 11, 22, 14, 5, 0, 43e6, time.FixedZone("CET", 3600))

// A rig is a store, and an archive over TLS that can be made to fail.
type rig struct {
	*Archive
	store   *storage.Store
	objects *s3mem.Backend
	server  *httptest.Server
	log     *bytes.Buffer

	mu   sync.Mutex
	seen []string // method and query of each request
	fail func(w http.ResponseWriter, r *http.Request) bool
}

func newRig(t *testing.T, change func(*Options), options ...gofakes3.Option) *rig {
	t.Helper()
	r := &rig{objects: s3mem.New(), log: new(bytes.Buffer)}
	if err := r.objects.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(r.objects, options...).Server()
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.seen = append(r.seen, req.Method+" "+req.URL.RequestURI())
		fail := r.fail
		r.mu.Unlock()
		if fail != nil && fail(w, req) {
			return
		}
		s3.ServeHTTP(w, req)
	}))
	r.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	r.server.StartTLS()
	t.Cleanup(r.server.Close)
	r.store = storagetest.Open(t, storage.Options{Dir: t.TempDir(), Location: noon.Location()})
	r.Archive = r.again(t, change)
	return r
}

// again is the archive of another run over the same store.
func (r *rig) again(t *testing.T, change func(*Options)) *Archive {
	t.Helper()
	o := Options{
		Store: r.store, S3: r.server.URL + "/bucket/cameras", AccessKey: "key", Secret: "a-secret-of-ours", Region: "us-east-1", Style: "path",
		CA:       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.server.Certificate().Raw}),
		Stall:    5 * time.Second,
		Software: "v720dvr test", Log: slog.New(slog.NewTextHandler(r.log, nil)),
	}
	if change != nil {
		change(&o)
	}
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	a.partSize = 64 << 10
	return a
}

// failing has requests answered otherwise from now on; nil heals.
func (r *rig) failing(fail func(w http.ResponseWriter, r *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

// requests counts those that were seen and are wanted, and forgets all.
func (r *rig) requests(wanted func(string) bool) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.seen {
		if wanted(one) {
			n++
		}
	}
	r.seen = nil
	return n
}

// drain copies what is to be copied, and ends with the first trouble.
func drain(t *testing.T, a *Archive) error {
	t.Helper()
	if err := a.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	for {
		u, any := a.take()
		if !any {
			break
		}
		if err := a.copyOne(t.Context(), u); err != nil {
			return err
		}
	}
	if err := a.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	return nil
}

// jpeg makes what a segment takes for a picture: SOI, a frame header of 640×480, comments of so many bytes, EOI.
func jpeg(number, size int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1}
	for size > 0 {
		n := min(size, 60_000)
		b = append(b, 0xFF, 0xFE)
		b = binary.BigEndian.AppendUint16(b, uint16(n+2))
		for i := range n {
			b = append(b, byte((i*number)%251)|1)
		}
		size -= n
	}
	return append(b, 0xFF, 0xD9)
}

// film makes a committed segment of a second, of ten pictures of so many bytes, with an event or without.
func (r *rig) film(t *testing.T, id camera.ID, start time.Time, size int, kinds ...camera.EventKind) storage.SegmentRecord {
	t.Helper()
	segment, err := r.store.Create(storage.SegmentSpec{Camera: id, Name: "door", Start: start})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := segment.WriteFrame(camera.Frame{Camera: id, At: start.Add(time.Duration(i) * 100 * time.Millisecond), JPEG: jpeg(i+int(start.Unix()%97), size)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range kinds {
		if err := segment.WriteEvent(camera.Event{Camera: id, At: start.Add(300 * time.Millisecond), Kind: kind}); err != nil {
			t.Fatal(err)
		}
	}
	record, err := segment.Commit(t.Context(), start.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func (r *rig) bytesOf(t *testing.T, s storage.SegmentRecord) []byte {
	t.Helper()
	b, err := os.ReadFile(r.store.Path(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// object is what the archive really has, past the library.
func (r *rig) object(t *testing.T, key string) (content []byte, meta map[string]string, there bool) {
	t.Helper()
	got, err := r.objects.GetObject("bucket", "cameras/"+key, nil)
	if err != nil {
		return nil, nil, false
	}
	defer got.Contents.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(got.Contents); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), got.Metadata, true
}

// holds fails unless the archive has the very bytes of a segment, and the store knows.
func (r *rig) holds(t *testing.T, s storage.SegmentRecord) {
	t.Helper()
	want := r.bytesOf(t, s)
	key := keyOf(s.Camera, s.Path, s.Start)
	got, _, there := r.object(t, key)
	if !there || !bytes.Equal(got, want) {
		t.Errorf("%s: got %d bytes, there: %v, want the segment's %d", key, len(got), there, len(want))
	}
	row, err := r.store.FindArchived(t.Context(), r.bucket.place, key)
	if err != nil || row.Bytes != int64(len(want)) || row.SHA256 != sha256.Sum256(want) || !row.Start.Equal(s.Start) || !row.End.Equal(s.End) || row.Camera != s.Camera {
		t.Errorf("%s: got %+v, %v", key, row, err)
	}
}

func spec(id camera.ID, name string, start time.Time) storage.SegmentSpec {
	return storage.SegmentSpec{Camera: id, Name: name, Start: start}
}
