package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// scenery is a real picture of 640×480.
func scenery(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "recorder", "motion", "testdata", "pictures", "422_busy.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shoot makes a committed segment of real pictures, one at each of these seconds.
func shoot(t testing.TB, store *storage.Store, id camera.ID, start time.Time, seconds ...float64) storage.SegmentRecord {
	t.Helper()
	segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	picture := scenery(t)
	for _, at := range seconds {
		if err := segment.WriteFrame(camera.Frame{At: start.Add(time.Duration(at * float64(time.Second))), JPEG: picture}); err != nil {
			t.Fatal(err)
		}
	}
	record, err := segment.Commit(t.Context(), start.Add(time.Duration(seconds[len(seconds)-1]*float64(time.Second))+time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func has(etag string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("If-None-Match", etag) }
}

func sheetPath(at time.Time) string {
	return fmt.Sprintf("/api/v1/cameras/%s/sheets/%d", door, at.Unix()/600)
}

// A sheet has a picture for each ten seconds in which there is one, and none where there is not. The answer is
// another when footage comes or goes.
func TestSheetHasAPictureEveryTenSeconds(t *testing.T) {
	storagetest.Tampered(t) // a file is removed by hand
	s := open(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	begun := time.Unix(noon.Unix()/600*600, 0)
	v.want(404, "GET", sheetPath(begun), nil)
	first := shoot(t, s.o.Store, door, begun, 0, 1, 5, 9.9, 10, 30.5)
	got := v.want(200, "GET", sheetPath(begun), nil)
	if cells, want := got.Header.Get("X-Cells"), "1101"+strings.Repeat("0", 56); cells != want {
		t.Errorf("got cells %s, want %s", cells, want)
	}
	sheet, err := jpeg.Decode(bytes.NewReader(got.body))
	if err != nil || sheet.Bounds().Size() != image.Pt(1600, 720) || len(got.body) > 256<<10 {
		t.Fatalf("a sheet of %d bytes: %v", len(got.body), err)
	}
	whole, err := jpeg.Decode(bytes.NewReader(scenery(t)))
	if err != nil {
		t.Fatal(err)
	}
	for cell, is := range []bool{true, true, false, true, false} {
		var off, light int
		for y := range 120 {
			for x := range 160 {
				r, _, _, _ := sheet.At(cell*160+x, y).RGBA()
				sum := 0
				for i := range 16 {
					w, _, _, _ := whole.At(4*x+i%4, 4*y+i/4).RGBA()
					sum += int(w >> 8)
				}
				off += max(int(r>>8)-sum/16, sum/16-int(r>>8))
				light += int(r >> 8)
			}
		}
		if off /= 160 * 120; is && off > 8 || !is && light/(160*120) > 3 {
			t.Errorf("cell %d: off by %d, light %d; want a picture: %v", cell, off, light/(160*120), is)
		}
	}
	etag := got.Header.Get("ETag")
	if again := v.send("GET", sheetPath(begun), nil, has(etag)); again.StatusCode != http.StatusNotModified || len(again.body) > 0 {
		t.Errorf("asked again: %s, %d bytes", again.Status, len(again.body))
	}
	if kept := got.Header.Get("Cache-Control"); kept != "private, no-cache" {
		t.Errorf("to be kept %q", kept)
	}
	shoot(t, s.o.Store, door, begun.Add(500*time.Second), 0)
	more := v.send("GET", sheetPath(begun), nil, has(etag))
	if cells := more.Header.Get("X-Cells"); more.StatusCode != 200 || strings.Count(cells, "1") != 4 || cells[50] != '1' {
		t.Errorf("with more footage: %s, cells %s", more.Status, cells)
	}
	// Deleted footage is in no sheet any more, though it was made before.
	if err := os.Remove(s.o.Store.Path(first)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.o.Store.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	less := v.send("GET", sheetPath(begun), nil, has(more.Header.Get("ETag")))
	if cells := less.Header.Get("X-Cells"); less.StatusCode != 200 || strings.Count(cells, "1") != 1 {
		t.Errorf("when footage was deleted: %s, cells %s", less.Status, cells)
	}
}

func TestThumbIsAQuarterOfThePictureThatStandsThere(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	begun := noon.Add(-time.Minute)
	shoot(t, s.o.Store, door, begun, 0, 1, 2)
	at := func(d time.Duration) string {
		return "/api/v1/cameras/" + string(door) + "/thumb.jpg?at=" + strings.ReplaceAll(begun.Add(d).Format(time.RFC3339Nano), "+", "%2B")
	}
	got := v.want(200, "GET", at(1500*time.Millisecond), nil)
	small, err := jpeg.Decode(bytes.NewReader(got.body))
	if err != nil || small.Bounds().Size() != image.Pt(160, 120) {
		t.Errorf("got %d bytes, %v", len(got.body), err)
	}
	if want := timestamp(begun.Add(time.Second)); got.Header.Get("X-Timestamp") != want {
		t.Errorf("of %s, want %s", got.Header.Get("X-Timestamp"), want)
	}
	if again := v.send("GET", at(1900*time.Millisecond), nil, has(got.Header.Get("ETag"))); again.StatusCode != http.StatusNotModified {
		t.Errorf("the same picture again: %s", again.Status)
	}
	v.want(404, "GET", at(-time.Hour), nil)
	v.want(422, "GET", "/api/v1/cameras/"+string(door)+"/thumb.jpg", nil)
}

// What is wanted by many at once is made once; when who makes it is gone, another does.
func TestThumbIsMadeOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newThumbs(0)
		var made atomic.Int32
		gone, leave := context.WithCancel(t.Context())
		slow := func(ctx context.Context) ([]byte, error) {
			made.Add(1)
			select {
			case <-time.After(time.Second):
				return []byte("sheet"), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.get(gone, sheetKey{"a"}, slow); !errors.Is(err, context.Canceled) {
				t.Errorf("who left: %v", err)
			}
		})
		synctest.Wait()
		for range 20 {
			all.Go(func() {
				if jpeg, err := c.get(t.Context(), sheetKey{"a"}, slow); err != nil || string(jpeg) != "sheet" {
					t.Errorf("got %q, %v", jpeg, err)
				}
			})
		}
		synctest.Wait()
		leave()
		all.Wait()
		if n := made.Load(); n != 2 {
			t.Errorf("made %d times, want once and once more", n)
		}
		if c.waiting != 0 || len(c.making) != 0 || len(c.makers) != 0 {
			t.Errorf("%d wait still, %d are being made", c.waiting, len(c.making))
		}
	})
}

func TestThumbsThatWaitAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newThumbs(0)
		ctx, stop := context.WithCancel(t.Context())
		making := atomic.Int32{}
		forever := func(ctx context.Context) ([]byte, error) {
			making.Add(1)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		var all sync.WaitGroup
		for i := range thumbWaiting {
			all.Go(func() { _, _ = c.get(ctx, sheetKey{fmt.Sprint(i)}, forever) })
		}
		synctest.Wait()
		if n := making.Load(); n != thumbMakers {
			t.Errorf("%d are made at once, want %d", n, thumbMakers)
		}
		if _, err := c.get(ctx, sheetKey{"one more"}, forever); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("one too many: %v", err)
		}
		stop()
		all.Wait()
	})
}

func TestThumbCacheKeepsWhatWasWantedLast(t *testing.T) {
	c := newThumbs(1000)
	made := 0
	get := func(key string) {
		if _, err := c.get(t.Context(), sheetKey{key}, func(context.Context) ([]byte, error) { made++; return make([]byte, 300), nil }); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"a", "b", "c", "a", "d", "a", "b"} { // d drives b out
		get(key)
	}
	if made != 5 || c.bytes > 1000 || len(c.by) != 3 {
		t.Errorf("made %d times, %d bytes of %d kept", made, c.bytes, len(c.by))
	}
}
