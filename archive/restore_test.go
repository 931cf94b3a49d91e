package archive

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// lose deletes all that is recorded, as retention does.
func (r *rig) lose(t *testing.T) {
	t.Helper()
	rules := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Nanosecond} }}
	if _, err := r.store.Sweep(t.Context(), rules); err != nil {
		t.Fatal(err)
	}
	if rows, err := r.store.Segments(t.Context(), storage.SegmentQuery{}); err != nil || len(rows) > 0 {
		t.Fatalf("got %d segments, %v, want none", len(rows), err)
	}
}

var hours = Span{Camera: door, From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Who: "user anna"}

// filmed has a small and a large segment archived, and lost here; what they were is returned.
func filmed(t *testing.T, r *rig) (rows []storage.SegmentRecord, content [][]byte) {
	t.Helper()
	rows = []storage.SegmentRecord{r.film(t, door, noon, 1000, camera.Motion), r.film(t, door, noon.Add(time.Minute), 20_000)}
	for _, s := range rows {
		content = append(content, r.bytesOf(t, s))
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.lose(t)
	return rows, content
}

func isBack(t *testing.T, store *storage.Store, rows []storage.SegmentRecord, content [][]byte) {
	t.Helper()
	got, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || len(got) != len(rows) {
		t.Fatalf("got %d segments, %v, want %d", len(got), err, len(rows))
	}
	for i, s := range got {
		b, err := os.ReadFile(store.Path(s))
		if err != nil || !bytes.Equal(b, content[i]) || s.Path != rows[i].Path || !s.Start.Equal(rows[i].Start) || !s.End.Equal(rows[i].End) || s.Frames != rows[i].Frames {
			t.Errorf("got %+v, %v, of %d bytes, want %+v", s, err, len(b), rows[i])
		}
	}
	events, err := store.Events(t.Context(), storage.EventQuery{Camera: door})
	if err != nil || len(events) != 1 || events[0].Kind != camera.Motion {
		t.Errorf("got events %+v, %v, want what moved", events, err)
	}
}

func TestWhatIsLostComesBackByteForByteWithItsEventsAndIsKept(t *testing.T) {
	r := newRig(t, nil)
	rows, content := filmed(t, r)
	if err := r.Restore(t.Context(), hours); err != nil {
		t.Fatal(err)
	}
	isBack(t, r.store, rows, content)
	keeps, err := r.store.Keeps(t.Context(), storage.KeepQuery{Cameras: storage.AllCameras, Limit: 10})
	if err != nil || len(keeps) != 1 || keeps[0].Until.IsZero() || keeps[0].Who != "user anna" || keeps[0].Held.Segments != 2 {
		t.Errorf("got keeps %+v, %v, want one for a while of both", keeps, err)
	}
	if got := r.Status().Restore; got.Busy || got.Done != 2 || got.Got != got.Bytes || got.Bytes != int64(len(content[0])+len(content[1])) || got.Err != "" {
		t.Errorf("got %+v", got)
	}
	// It stands in the archive still, and is not brought twice.
	if err := drain(t, r.Archive); err != nil || r.Status().Copied != 2 {
		t.Errorf("got %v, %+v", err, r.Status())
	}
	if err := r.Restore(t.Context(), hours); err != nil || r.Status().Restore.Here != 2 || r.Status().Restore.Segments != 0 {
		t.Errorf("got %v, %+v", err, r.Status().Restore)
	}
}

func TestBoxThatKnowsNothingBringsBackWhatAnotherHadCopied(t *testing.T) {
	storagetest.Tampered(t) // the other box signed with a key of its own
	r := newRig(t, nil)
	rows, content := filmed(t, r)
	r.store = storagetest.Open(t, storage.Options{Dir: t.TempDir(), Location: noon.Location()}) // the other one was stolen
	a := r.again(t, nil)
	list, err := a.List(t.Context(), door, hours.From, hours.To)
	if err != nil || len(list) != 2 || list[0].Here || !list[0].Start.Equal(rows[0].Start) || list[1].Bytes != rows[1].Bytes {
		t.Fatalf("got %+v, %v", list, err)
	}
	span := hours
	span.Keep = true
	if err := a.Restore(t.Context(), span); err != nil {
		t.Fatal(err)
	}
	isBack(t, r.store, rows, content)
	if keeps, err := r.store.Keeps(t.Context(), storage.KeepQuery{Cameras: storage.AllCameras, Limit: 10}); err != nil || len(keeps) != 1 || !keeps[0].Until.IsZero() {
		t.Errorf("got keeps %+v, %v, want one without an end", keeps, err)
	}
	// What came back is not sent again.
	r.requests(func(string) bool { return false })
	if err := drain(t, a); err != nil {
		t.Fatal(err)
	}
	if n := r.requests(func(q string) bool { return strings.HasPrefix(q, "PUT") || strings.HasPrefix(q, "POST") }); n != 0 {
		t.Errorf("got %d requests that send something, want none", n)
	}
}

func TestRestoringGoesOnWhereItWasBrokenOff(t *testing.T) {
	r := newRig(t, nil)
	rows, content := filmed(t, r)
	cuts := 0
	r.failing(func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != "GET" || !strings.HasSuffix(req.URL.Path, ".avi") || cuts == 3 {
			return false
		}
		cuts++
		if cuts < 2 || req.Header.Get("Range") != "" {
			return cut(w, req, 0)
		}
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write(content[0][:5000])
		panic(http.ErrAbortHandler)
	})
	if err := r.Restore(t.Context(), hours); err != nil {
		t.Fatal(err)
	}
	isBack(t, r.store, rows, content)
	if got := r.Status().Restore; cuts != 3 || got.Got != got.Bytes {
		t.Errorf("got %+v after %d cuts", got, cuts)
	}
}

func TestWhatWasTamperedWithIsNotBroughtBackAndIsFound(t *testing.T) {
	r := newRig(t, nil)
	rows, content := filmed(t, r)
	key := keyOf(door, rows[1].Path, rows[1].Start)
	wrong := bytes.Clone(content[1])
	wrong[len(wrong)/2] ^= 1
	_, meta, _ := r.object(t, key)
	if _, err := r.objects.PutObject("bucket", "cameras/"+key, meta, bytes.NewReader(wrong), int64(len(wrong)), nil); err != nil {
		t.Fatal(err)
	}
	looked, found, err := r.Verify(t.Context(), 0, func(int, int) {})
	if err != nil || looked != 2 || len(found) != 1 || found[0].Key != key || !strings.Contains(found[0].Text, "checksum") {
		t.Errorf("got %d looked at, %+v, %v", looked, found, err)
	}
	if err := r.Restore(t.Context(), hours); err == nil || !strings.Contains(err.Error(), storage.ErrNotWhole.Error()) {
		t.Errorf("got %v", err)
	}
	rest, err := r.store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || len(rest) != 1 || rest[0].Path != rows[0].Path {
		t.Errorf("got %+v, %v, want the other one alone", rest, err)
	}
	if _, _, there := r.object(t, key); !there {
		t.Error("what is left of it is gone from the archive")
	}
}

// An archive that is somebody else's now may write what it likes beside an object: what was sent is known here.
func TestObjectThatWasWrittenAnewWithItsChecksumIsNotBroughtBack(t *testing.T) {
	r := newRig(t, nil)
	rows, content := filmed(t, r)
	key := keyOf(door, rows[1].Path, rows[1].Start)
	wrong := bytes.Clone(content[1])
	wrong[len(wrong)/2] ^= 1
	_, meta, _ := r.object(t, key)
	told := false
	for name := range meta {
		if strings.EqualFold(name, "x-amz-meta-sha256") {
			meta[name], told = fmt.Sprintf("%x", sha256.Sum256(wrong)), true
		}
	}
	if _, err := r.objects.PutObject("bucket", "cameras/"+key, meta, bytes.NewReader(wrong), int64(len(wrong)), nil); err != nil || !told {
		t.Fatal(err, meta)
	}
	if err := r.Restore(t.Context(), hours); err == nil || !strings.Contains(err.Error(), storage.ErrNotWhole.Error()) {
		t.Errorf("got %v", err)
	}
	if _, found, err := r.Verify(t.Context(), 0, func(int, int) {}); err != nil || len(found) != 1 {
		t.Errorf("got %+v, %v", found, err)
	}
	if err := r.Restore(t.Context(), hours); err == nil || !strings.Contains(err.Error(), storage.ErrNotWhole.Error()) {
		t.Errorf("after it was found: got %v", err)
	}
}

// One object that is spoilt, and one that a power cut has spoilt on its way here, hold up no other.
func TestSpoiltObjectDoesNotHoldUpTheOthers(t *testing.T) {
	r := newRig(t, nil)
	rows, content := filmed(t, r)
	wrong := bytes.Clone(content[0])
	wrong[len(wrong)/2] ^= 1
	key := keyOf(door, rows[0].Path, rows[0].Start)
	_, meta, _ := r.object(t, key)
	if _, err := r.objects.PutObject("bucket", "cameras/"+key, meta, bytes.NewReader(wrong), int64(len(wrong)), nil); err != nil {
		t.Fatal(err)
	}
	half := r.store.Path(rows[1]) + ".restore"
	if err := errors.Join(os.MkdirAll(filepath.Dir(half), 0o755), os.WriteFile(half, make([]byte, 1000), 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := r.Restore(t.Context(), hours); err == nil || !strings.Contains(err.Error(), storage.ErrNotWhole.Error()) {
		t.Errorf("got %v", err)
	}
	if b := r.bytesOf(t, rows[1]); !bytes.Equal(b, content[1]) {
		t.Errorf("got %d bytes of the other one", len(b))
	}
	if got := r.Status().Restore; got.Done != 1 || got.Segments != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestDamageIsMendedWhileTheSegmentIsHere(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 1000)
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	key := keyOf(door, s.Path, s.Start)
	_, meta, _ := r.object(t, key)
	if _, err := r.objects.PutObject("bucket", "cameras/"+key, meta, strings.NewReader("rot"), 3, nil); err != nil {
		t.Fatal(err)
	}
	if _, found, err := r.Verify(t.Context(), 10, func(int, int) {}); err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, s)
	if _, err := r.objects.DeleteObject("bucket", "cameras/"+key); err != nil {
		t.Fatal(err)
	}
	if _, found, err := r.Verify(t.Context(), 10, func(int, int) {}); err != nil || len(found) != 1 || !strings.Contains(found[0].Text, "any more") {
		t.Fatal(found, err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, s)
}

func TestNothingIsBroughtBackThatTheDiskHasNoRoomFor(t *testing.T) {
	r := newRig(t, nil)
	filmed(t, r)
	a := r.again(t, func(o *Options) { o.Room = func() (int64, error) { return 1000, nil } })
	if err := a.Restore(t.Context(), hours); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("got %v", err)
	}
	span := hours
	span.From, span.To = noon.Add(-48*time.Hour), noon.Add(-47*time.Hour)
	if err := a.Restore(t.Context(), span); err == nil || !strings.Contains(err.Error(), "nothing of that time") {
		t.Errorf("got %v", err)
	}
}

// What was thinned here after it was archived comes back full, and what is full here stays.
func TestFullCopyComesBackOverTheThinnedSegment(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 20_000)
	full := r.bytesOf(t, s)
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	thin := func() (segments int) {
		t.Helper()
		rules := storage.ThinRules{Camera: func(camera.ID) storage.CameraThin {
			return storage.CameraThin{Steps: []storage.ThinStep{{After: time.Nanosecond, FPS: 1}}}
		}}
		done, err := r.store.Thin(t.Context(), rules)
		if err != nil {
			t.Fatal(err)
		}
		return done.Segments
	}
	if thin() != 1 {
		t.Fatal("it is not thinned")
	}
	if err := drain(t, r.Archive); err != nil || r.Status().Copied != 1 {
		t.Errorf("got %v, %+v, want the thinned one not sent: the full one is there", err, r.Status())
	}
	list, err := r.List(t.Context(), door, hours.From, hours.To)
	if err != nil || len(list) != 1 || list[0].Here || !list[0].Thinned {
		t.Errorf("got %+v, %v, want it said to be thinned here", list, err)
	}
	// A new state, and a look at what the archive has: still it is the full one that counts.
	if err := r.store.ForgetArchived(t.Context(), storage.Archived{Place: r.bucket.place, Camera: s.Camera, Start: s.Start}); err != nil {
		t.Fatal(err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	if row, err := r.store.FindArchived(t.Context(), r.bucket.place, keyOf(s.Camera, s.Path, s.Start)); err != nil || row.Bytes != int64(len(full)) {
		t.Errorf("got %+v, %v, want the full one", row, err)
	}
	if err := r.Restore(t.Context(), hours); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.bytesOf(t, s), full) {
		t.Error("it is not the full one that came back")
	}
	if thin() != 0 || r.Restore(t.Context(), hours) != nil || r.Status().Restore.Here != 1 {
		t.Errorf("got %+v, want it kept from being thinned, and not brought twice", r.Status().Restore)
	}
}
