package web

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// numbered is picture with a comment that tells its number.
func numbered(n int) []byte {
	text := fmt.Sprintf("picture %d", n)
	return slices.Concat(picture[:2], []byte{0xFF, 0xFE, 0, byte(2 + len(text))}, []byte(text), picture[2:])
}

// roll makes a segment of ten pictures a second and sound that stays open; its pictures have numbers from first on.
func roll(t testing.TB, store *storage.Store, id camera.ID, start time.Time, first, pictures int) *storage.Segment {
	t.Helper()
	segment, err := store.Create(storage.SegmentSpec{Camera: id, Name: "hall", Start: start})
	if err != nil {
		t.Fatal(err)
	}
	rollOn(t, segment, start, first, pictures)
	return segment
}

func rollOn(t testing.TB, segment *storage.Segment, from time.Time, first, pictures int) {
	t.Helper()
	for i := range pictures {
		at := from.Add(time.Duration(i) * 100 * time.Millisecond)
		if err := segment.WriteFrame(camera.Frame{At: at, JPEG: numbered(first + i)}); err != nil {
			t.Fatal(err)
		}
		if err := segment.WriteAudio(camera.Audio{At: at, ALaw: bytes.Repeat([]byte{byte(first + i)}, 800)}); err != nil {
			t.Fatal(err)
		}
	}
}

// filmOpen makes a segment that is being written until the test ends.
func filmOpen(t testing.TB, store *storage.Store, id camera.ID, start time.Time) *storage.Segment {
	t.Helper()
	segment := roll(t, store, id, start, 0, 10)
	t.Cleanup(func() { commit(t, segment, start.Add(time.Second)) })
	return segment
}

func commit(t testing.TB, segment *storage.Segment, end time.Time) storage.SegmentRecord {
	t.Helper()
	record, err := segment.Commit(t.Context(), end)
	if t.Context().Err() == nil && err != nil {
		t.Fatal(err)
	}
	return record
}

// at is a query's time, so far behind noon.
func at(d time.Duration) string { return url.QueryEscape(noon.Add(d).Format(time.RFC3339Nano)) }

func spanOf(from, to time.Duration) string { return "?from=" + at(from) + "&to=" + at(to) }

const doorPath = "/api/v1/cameras/" + string(door)

// footageSite has two segments of the door that join, a gap of 10 s, and one more.
func footageSite(t *testing.T) *site {
	t.Helper()
	s := open(t)
	for i, start := range []time.Duration{0, 5 * time.Second} {
		commit(t, roll(t, s.o.Store, door, noon.Add(start), 50*i, 50), noon.Add(start+5*time.Second))
	}
	segment, err := s.o.Store.Create(storage.SegmentSpec{Camera: door, Name: "hall", Start: noon.Add(20 * time.Second),
		Gaps: []avi.Gap{{From: noon.Add(10 * time.Second), To: noon.Add(20 * time.Second), Reason: storage.GapOffline}}})
	if err != nil {
		t.Fatal(err)
	}
	rollOn(t, segment, noon.Add(20*time.Second), 100, 50)
	commit(t, segment, noon.Add(25*time.Second))
	s.clock.add(time.Hour)
	return s
}

func TestFootageIsASpanThatPlayersOpen(t *testing.T) {
	s := footageSite(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	got := v.want(200, "GET", doorPath+"/footage.avi"+spanOf(2*time.Second, 22*time.Second), nil)
	if got.ContentLength != int64(len(got.body)) || got.Header.Get("Content-Type") != "video/x-msvideo" || got.Header.Get("X-Footage-From") != "2026-11-22T14:05:02+01:00" {
		t.Errorf("got %v, %d bytes", got.Header, len(got.body))
	}
	if _, params, err := mime.ParseMediaType(got.Header.Get("Content-Disposition")); err != nil || params["filename"] != "camera_0800c0000002_2026-11-22_14-05-02.0+0100.avi" {
		t.Errorf("it is called %q, %v", params["filename"], err)
	}
	read, err := avi.Open(bytes.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	var want []int
	for n := 20; n < 120; n++ {
		want = append(want, n)
	}
	if len(read.Frames()) != len(want) {
		t.Fatalf("got %d pictures, want %d", len(read.Frames()), len(want))
	}
	for i, n := range want {
		if jpeg, err := read.ReadFrame(nil, i); err != nil || !bytes.Equal(jpeg, numbered(n)) {
			t.Fatalf("picture %d: got %q, %v", n, jpeg, err)
		}
	}
	if head := v.want(200, "HEAD", doorPath+"/footage.avi"+spanOf(2*time.Second, 22*time.Second), nil); head.ContentLength != int64(len(got.body)) || len(head.body) != 0 {
		t.Errorf("HEAD: got %d and %d bytes", head.ContentLength, len(head.body))
	}
	if none := v.want(404, "GET", doorPath+"/footage.avi"+spanOf(12*time.Second, 15*time.Second), nil); !strings.Contains(string(none.body), "offline from 2026-11-22T14:05:12+01:00 to 2026-11-22T14:05:15+01:00") {
		t.Errorf("got %s", none.body)
	}
	v.want(422, "GET", doorPath+"/footage.avi"+spanOf(2*time.Second, 2*time.Second), nil)
	v.want(422, "GET", doorPath+"/footage.avi"+spanOf(0, 8*24*time.Hour), nil)
	v.want(422, "GET", doorPath+"/footage.avi", nil)
	v.want(404, "GET", "/api/v1/cameras/"+string(yard)+"/footage.avi"+spanOf(0, time.Hour), nil)

	mpeg, err := exec.LookPath("ffprobe")
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: ffprobe is not installed, so no player has looked at a span")
	}
	file := filepath.Join(t.TempDir(), "footage.avi")
	if err := os.WriteFile(file, got.body, 0o644); err != nil {
		t.Fatal(err)
	}
	raw, err := exec.CommandContext(t.Context(), mpeg, "-v", "error", "-of", "csv=p=0", "-show_entries", "packet=size", "-select_streams", "v", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var sizes []string
	for _, size := range strings.Fields(string(raw)) {
		if size = strings.Trim(size, ","); size != "0" {
			sizes = append(sizes, size)
		}
	}
	if len(sizes) != len(want) || sizes[0] != fmt.Sprint(len(numbered(20))) || sizes[99] != fmt.Sprint(len(numbered(119))) {
		t.Errorf("ffprobe sees %d pictures, %v", len(sizes), sizes)
	}
}

func TestFootageThatOneFileDoesNotTakeIsRefusedWithWhatItTakes(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	for i, start := range []time.Duration{0, 5 * time.Hour} {
		commit(t, roll(t, s.o.Store, door, noon.Add(start), i*10, 10), noon.Add(start+time.Second))
	}
	wide, err := s.o.Store.Create(storage.SegmentSpec{Camera: door, Start: noon.Add(5*time.Hour + time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if err := wide.WriteFrame(camera.Frame{At: noon.Add(5*time.Hour + time.Second), JPEG: bytes.Replace(numbered(7), []byte{640 >> 8, 640 & 0xFF}, []byte{1280 >> 8, 0}, 1)}); err != nil {
		t.Fatal(err)
	}
	commit(t, wide, noon.Add(5*time.Hour+2*time.Second))
	for _, c := range []struct {
		from   time.Duration
		status int
		fits   string
	}{{0, 413, "2026-11-22T19:05:00+01:00"}, {5 * time.Hour, 409, "2026-11-22T19:05:01+01:00"}} {
		got := v.want(c.status, "GET", doorPath+"/footage.avi"+spanOf(c.from, 6*time.Hour), nil)
		if got.Header.Get("X-Footage-Fits") != c.fits || !strings.Contains(string(got.body), c.fits) {
			t.Errorf("got %v %s", got.Header, got.body)
		}
		v.want(200, "GET", doorPath+"/footage.avi?from="+at(c.from)+"&to="+url.QueryEscape(c.fits), nil)
	}
}

// index asks for all pages of a span.
func (v *visitor) index(from, to time.Duration, limit int) (all []struct{ Page, Row int }, pages []Index) {
	v.site.t.Helper()
	for cursor := ""; ; {
		var page Index
		v.want(200, "GET", fmt.Sprint(doorPath+"/index"+spanOf(from, to), "&limit=", limit, "&cursor=", cursor), nil).into(v.site.t, &page)
		for i := range page.Rows {
			all = append(all, struct{ Page, Row int }{len(pages), i})
		}
		pages = append(pages, page)
		if cursor = page.Next; cursor == "" {
			return all, pages
		}
	}
}

func TestIndexTellsWhatRangeGives(t *testing.T) {
	s := footageSite(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	segment := roll(t, s.o.Store, door, noon.Add(25*time.Second), 150, 20)
	all, pages := v.index(4500*time.Millisecond, time.Minute, 30)
	if len(pages) < 4 {
		t.Errorf("got %d pages", len(pages))
	}
	check := func() {
		t.Helper()
		next := 45
		for _, p := range all {
			page := pages[p.Page]
			row := page.Rows[p.Row]
			got := v.send("GET", "/api/v1/segments/"+page.Files[row[0]]+"/file", nil, func(r *http.Request) {
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", row[1], row[1]+row[2]-1))
			})
			if got.StatusCode != 206 {
				t.Fatalf("row %v of %s: %s %.200s", row, page.Files[row[0]], got.Status, got.body)
			}
			if row[4] == 1 {
				continue
			}
			offset := time.Duration(next) * 100 * time.Millisecond
			if next >= 100 {
				offset += 10 * time.Second
			}
			if !bytes.Equal(got.body, numbered(next)) || page.Base+row[3] != noon.Add(offset).UnixMicro() {
				t.Fatalf("picture %d at %v: got %q of %v", next, offset, got.body, time.UnixMicro(page.Base+row[3]))
			}
			next++
		}
		if next != 170 {
			t.Errorf("got pictures up to %d, want 170", next)
		}
	}
	check()
	commit(t, segment, noon.Add(27*time.Second))
	check() // with the names it had while it was written
	v.want(422, "GET", doorPath+"/index"+spanOf(0, time.Minute)+"&cursor=x", nil)
	v.want(422, "GET", doorPath+"/index"+spanOf(0, time.Minute)+"&limit=20001", nil)
}

func TestOpenSegmentIsServedWithRangeWhileItIsWritten(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	v.want(404, "GET", doorPath+"/open.avi", nil)
	segment := roll(t, s.o.Store, door, noon, 0, 20)
	first := v.want(200, "GET", doorPath+"/open.avi", nil)
	read, err := avi.Open(bytes.NewReader(first.body), int64(len(first.body)))
	if err != nil || len(read.Frames()) != 20 {
		t.Fatalf("got %d bytes, %v", len(first.body), err)
	}
	rollOn(t, segment, noon.Add(2*time.Second), 20, 20)
	size := len(first.body)
	more := v.send("GET", doorPath+"/open.avi", nil, func(r *http.Request) { r.Header.Set("Range", fmt.Sprintf("bytes=%d-", size)) })
	if more.StatusCode != 206 || !strings.HasPrefix(more.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", size)) {
		t.Fatalf("got %s %v", more.Status, more.Header)
	}
	grown := slices.Concat(first.body, more.body)
	if read, err = avi.Open(bytes.NewReader(grown), int64(len(grown))); err != nil || len(read.Frames()) != 40 {
		t.Errorf("with what came since: got %d pictures, %v, want 40", len(read.Frames()), err)
	}
	// What was kept of a file that has grown since is not joined with it unless it is asked for so.
	anew := v.send("GET", doorPath+"/open.avi", nil, func(r *http.Request) {
		r.Header.Set("Range", "bytes=100-")
		r.Header.Set("If-Range", first.Header.Get("ETag"))
	})
	if anew.StatusCode != 200 || anew.Header.Get("ETag") == first.Header.Get("ETag") {
		t.Errorf("If-Range of the file as it was: got %s", anew.Status)
	}
	same := v.send("GET", doorPath+"/open.avi", nil, func(r *http.Request) {
		r.Header.Set("Range", "bytes=100-109")
		r.Header.Set("If-Range", anew.Header.Get("ETag"))
	})
	if same.StatusCode != 206 || !bytes.Equal(same.body, anew.body[100:110]) {
		t.Errorf("If-Range of the file as it is: got %s", same.Status)
	}
	place := first.Header.Get("Content-Location")
	v.want(200, "GET", place, nil)
	record := commit(t, segment, noon.Add(4*time.Second))
	done := v.want(200, "GET", place, nil)
	if int64(len(done.body)) != record.Bytes || !bytes.Equal(done.body[5120:size], first.body[5120:]) {
		t.Errorf("finished: got %d bytes, want the %d of the segment", len(done.body), record.Bytes)
	}
	if by := v.want(200, "GET", "/api/v1/segments/"+itoa(record.ID)+"/file", nil); !bytes.Equal(by.body, done.body) || by.Header.Get("ETag") != done.Header.Get("ETag") && by.Header.Get("ETag") == "" {
		t.Errorf("by its id: got %d bytes", len(by.body))
	}
	unchanged := v.send("GET", "/api/v1/segments/"+itoa(record.ID)+"/file", nil, func(r *http.Request) { r.Header.Set("If-None-Match", done.Header.Get("ETag")) })
	if unchanged.StatusCode != 304 {
		t.Errorf("If-None-Match: got %s", unchanged.Status)
	}
	v.want(404, "GET", doorPath+"/open.avi", nil)
}

func TestSegmentOfAnotherCameraIsNotThere(t *testing.T) {
	s := open(t)
	hidden := film(t, s.o.Store, yard, noon)
	filmOpen(t, s.o.Store, yard, noon.Add(time.Minute))
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	v := s.visitor()
	v.logIn("viewer", "password of viewer")
	page, err := s.o.Store.Rows(t.Context(), storage.RowQuery{Camera: yard, From: noon, To: noon.Add(time.Hour), Limit: 100})
	if err != nil || len(page.Files) != 2 {
		t.Fatalf("got %v, %v", page.Files, err)
	}
	none := v.want(404, "GET", "/api/v1/segments/99999/file", nil)
	for _, ref := range []string{itoa(hidden.ID), page.Files[1].String()} {
		if got := v.want(404, "GET", "/api/v1/segments/"+ref+"/file", nil); !bytes.Equal(got.body, none.body) {
			t.Errorf("%s: got %s, want what is answered of none: %s", ref, got.body, none.body)
		}
		s.admin().want(200, "GET", "/api/v1/segments/"+ref+"/file", nil)
	}
	for _, ref := range []string{"0", "-1", "..", "..%2f..%2fetc%2fpasswd", "1%2f..", "%00", strings.Repeat("9", 60), "0123456789abcdef-1-1", "1.avi"} {
		if got := v.send("GET", "/api/v1/segments/"+ref+"/file", nil); got.StatusCode != 404 && got.StatusCode != 422 {
			t.Errorf("%s: got %s", ref, got.Status)
		}
	}
	for _, path := range []string{"/open.avi", "/footage.avi" + spanOf(0, time.Hour), "/index" + spanOf(0, time.Hour), "/frames" + spanOf(0, time.Hour), "/frame.jpg?at=" + at(0)} {
		v.want(404, "GET", "/api/v1/cameras/"+string(yard)+path, nil)
	}
}

func TestFramesAreEveryNthPicture(t *testing.T) {
	s := footageSite(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	for _, c := range []struct{ step, limit, want int }{{1, 600, 150}, {7, 600, 22}, {7, 5, 22}, {1, 1, 150}, {10000, 600, 1}} {
		var numbers []int
		for cursor := ""; ; {
			got := v.want(200, "GET", fmt.Sprint(doorPath+"/frames"+spanOf(0, time.Minute), "&step=", c.step, "&limit=", c.limit, "&cursor=", cursor), nil)
			if got.ContentLength != int64(len(got.body)) {
				t.Errorf("told %d bytes of %d", got.ContentLength, len(got.body))
			}
			for b := got.body; len(b) > 0; {
				size := binary.BigEndian.Uint32(b)
				at := time.UnixMicro(int64(binary.BigEndian.Uint64(b[4:])))
				jpeg := b[12 : 12+size]
				n := len(numbers) * c.step
				offset := time.Duration(n) * 100 * time.Millisecond
				if n >= 100 {
					offset += 10 * time.Second
				}
				if !bytes.Equal(jpeg, numbered(n)) || !at.Equal(noon.Add(offset)) {
					t.Fatalf("step %d: picture %d is %q of %v", c.step, n, jpeg, at)
				}
				numbers, b = append(numbers, n), b[12+size:]
			}
			if cursor = got.Header.Get("X-Next"); cursor == "" {
				break
			}
		}
		if len(numbers) != c.want {
			t.Errorf("step %d, limit %d: got %d pictures, want %d", c.step, c.limit, len(numbers), c.want)
		}
	}
}

func TestFrameIsThePictureThatStood(t *testing.T) {
	s := footageSite(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	got := v.want(200, "GET", doorPath+"/frame.jpg?at="+at(3370*time.Millisecond), nil)
	if !bytes.Equal(got.body, numbered(33)) || got.Header.Get("X-Timestamp") != "1795352703.300000" || got.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("got %q, %v", got.body, got.Header)
	}
	if _, params, err := mime.ParseMediaType(got.Header.Get("Content-Disposition")); err != nil || params["filename"] != "camera_0800c0000002_2026-11-22_14-05-03.3+0100.jpg" {
		t.Errorf("it is called %q, %v", params["filename"], err)
	}
	again := v.send("GET", doorPath+"/frame.jpg?at="+at(3390*time.Millisecond), nil, func(r *http.Request) { r.Header.Set("If-None-Match", got.Header.Get("ETag")) })
	if again.StatusCode != 304 {
		t.Errorf("asked again: got %s", again.Status)
	}
	if gap := v.want(404, "GET", doorPath+"/frame.jpg?at="+at(15*time.Second), nil); !strings.Contains(string(gap.body), "offline from 2026-11-22T14:05:10+01:00 to 2026-11-22T14:05:20+01:00") {
		t.Errorf("got %s", gap.body)
	}
	v.want(422, "GET", doorPath+"/frame.jpg", nil)
	v.want(422, "GET", doorPath+"/frame.jpg?at=0001-01-01T00:00:00Z", nil)
}

func TestNoMoreIsReadAtOnceThanMay(t *testing.T) {
	s := footageSite(t)
	h, token := s.handler(), s.with("reader", storage.AllCameras, ScopeRead).token
	// Over a network the client may be done before the handler is.
	want := func(status int, path string) {
		t.Helper()
		u, err := url.Parse(doorPath + path)
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{Method: "GET", URL: u, Host: "x", Header: http.Header{"Authorization": {"Bearer " + token}}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(t.Context()))
		if w.Code != status || status == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: got %d %v, want %d", path, w.Code, w.Header(), status)
		}
	}
	var leave []func()
	for range mostExports {
		l, ok := s.media.exports.take(mostExports)
		if !ok {
			t.Fatal("one is taken before any was asked for")
		}
		leave = append(leave, l)
	}
	want(503, "/footage.avi"+spanOf(0, time.Minute))
	want(503, "/frames"+spanOf(0, time.Minute))
	leave[0]()
	leave[0]() // counts once
	for range 3 {
		want(200, "/footage.avi"+spanOf(0, time.Minute))
		want(404, "/footage.avi"+spanOf(12*time.Second, 15*time.Second))
		want(200, "/frames"+spanOf(0, time.Minute))
	}
	for _, l := range leave {
		l()
	}
	if n := s.media.exports.taken.Load(); n != 0 {
		t.Errorf("%d are taken when all have left", n)
	}
	if n := s.media.files.taken.Load(); n != 0 {
		t.Errorf("%d files are taken", n)
	}
}

// An answer that cannot be finished is broken off: nobody takes it for a whole one.
func TestSpanOfWhatIsDeletedMeanwhileIsBrokenOff(t *testing.T) {
	s := footageSite(t)
	list, err := s.o.Store.Segments(t.Context(), storage.SegmentQuery{Camera: door})
	if err != nil {
		t.Fatal(err)
	}
	token := s.with("reader", storage.AllCameras, ScopeRead).token
	w := &deleting{ResponseRecorder: httptest.NewRecorder(), delete: func() {
		if _, err := s.o.Store.Sweep(t.Context(), storage.Rules{Twice: true, MaxSize: list[2].Bytes}); err != nil {
			t.Error(err)
		}
	}}
	u, err := url.Parse(doorPath + "/footage.avi" + spanOf(0, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	r := &http.Request{Method: "GET", URL: u, Host: "x", Header: http.Header{"Authorization": {"Bearer " + token}}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
	broken := false
	func() {
		defer func() { broken = recover() == http.ErrAbortHandler }()
		s.handler().ServeHTTP(w, r.WithContext(t.Context()))
	}()
	if !broken {
		t.Errorf("it went on to %d bytes", w.Body.Len())
	}
	if n := s.media.exports.taken.Load(); n != 0 {
		t.Errorf("%d places are taken", n)
	}
}

// deleting is an answer during which segments are deleted.
type deleting struct {
	*httptest.ResponseRecorder
	delete func()
}

func (d *deleting) Write(b []byte) (int, error) {
	if d.delete != nil {
		d.delete()
		d.delete = nil
	}
	return d.ResponseRecorder.Write(b)
}

func TestMediaNamesAreFileNames(t *testing.T) {
	s := open(t)
	for name, want := range map[string]string{
		"hall": "hall", "front door": "front_door", "../../etc/passwd": "_.._etc_passwd", "": "camera", "a\x00b\r\nc": "abc", `x"y`: "x_y", "Küche": "Küche", "...": "camera",
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
		full := s.mediaName(name, noon.Add(10300*time.Millisecond), ".jpg")
		if _, params, err := mime.ParseMediaType(saved("inline", full)); err != nil || params["filename"] != want+"_2026-11-22_14-05-10.3+0100.jpg" {
			t.Errorf("%q: the header says %q, %v", name, params["filename"], err)
		}
	}
	if got := plainName(strings.Repeat("ü", 500)); len(got) != 100 {
		t.Errorf("a long name becomes one of %d bytes", len(got))
	}
}

func FuzzRowCursor(f *testing.F) {
	f.Add(rowCursor(storage.RowPlace{Start: noon.UnixMicro(), Number: 7, At: noon.UnixMicro()}))
	f.Add("MS4yLjM")
	f.Add("MS4tMi4z")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := parseRowCursor(text); err == nil && p != nil && rowCursor(*p) != text {
			t.Errorf("%q reads as %+v, which is written %q", text, p, rowCursor(*p))
		}
	})
}

// Whatever is asked for is answered or refused.
func FuzzMediaQuery(f *testing.F) {
	f.Add("index", "from=2026-11-22T13:05:00Z&to=2026-11-22T13:06:00Z&limit=5")
	f.Add("footage.avi", "from=2026-11-22T13:05:00Z&to=2026-11-22T13:06:00Z")
	f.Add("frames", "from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&step=10000")
	f.Add("frames", "from=1970-01-01T00:00:00Z&to=1970-01-07T00:00:00Z&cursor=MS4yLjM")
	f.Add("frame.jpg", "at=2262-04-12T00:00:00Z")
	f.Add("frame.jpg", "at=2026-11-22T13:05:00.4Z")
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, what, query string) {
		if strings.ContainsAny(what, "/?#%\\") {
			return
		}
		r := &http.Request{Method: "GET", URL: &url.URL{Path: doorPath + "/" + what, RawQuery: query}, Host: "x", Header: http.Header{"Authorization": {"Bearer " + token}}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
		if strings.HasPrefix(what, "live") {
			return // goes on
		}
		if w := ask1(t, h, r); w.Code == 200 && strings.HasSuffix(what, "index") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s?%s: no JSON", what, query)
		}
	})
}

// Who takes nothing, and has lost the right to it, is let go of in the middle of a write.
func TestReaderThatStandsStillLosesItsFileWithItsRight(t *testing.T) {
	s := open(t)
	segment, err := s.o.Store.Create(storage.SegmentSpec{Camera: door, Start: noon})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		large := append(numbered(i), make([]byte, 3<<20)...) // 30 MB fit into no socket
		if err := segment.WriteFrame(camera.Frame{At: noon.Add(time.Duration(i) * 100 * time.Millisecond), JPEG: large}); err != nil {
			t.Fatal(err)
		}
	}
	record := commit(t, segment, noon.Add(time.Second))
	ended := make(chan struct{}, 2)
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		s.handler().ServeHTTP(w, r)
	}))
	defer served.Close()
	v := s.with("reader", storage.AllCameras, ScopeRead)
	for _, path := range []string{doorPath + "/footage.avi" + spanOf(0, time.Minute), "/api/v1/segments/" + itoa(record.ID) + "/file"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", served.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+v.token)
		got, err := v.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		if got.StatusCode != 200 {
			t.Fatalf("got %s", got.Status)
		}
	}
	begun := time.Now()
	if err := s.accounts.RevokeToken(t.Context(), "reader"); err != nil {
		t.Fatal(err)
	}
	s.streams.kick()
	for range 2 {
		<-ended
	}
	if took := time.Since(begun); took > streamWriteTime/2 {
		t.Errorf("it took %v", took)
	}
	if files, exports := s.media.files.taken.Load(), s.media.exports.taken.Load(); files != 0 || exports != 0 {
		t.Errorf("%d files and %d exports are taken", files, exports)
	}
}
