package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
)

// drawn is a picture of 640×480 that decoders take, another for each number.
func drawn(t testing.TB, n int) []byte {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio422)
	for i := range img.Y {
		img.Y[i] = uint8(i + 7*n)
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 50}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withoutTables takes the Huffman tables out of a picture that has the standard ones, as some cameras do.
func withoutTables(t *testing.T, picture []byte) []byte {
	t.Helper()
	at := bytes.Index(picture, []byte{0xFF, 0xC4})
	if at < 0 {
		t.Fatal("it has none")
	}
	length := int(binary.BigEndian.Uint16(picture[at+2:]))
	return append(bytes.Clone(picture[:at]), picture[at+2+length:]...)
}

func TestLatestPictureIsNewOrSaysWhyNot(t *testing.T) {
	s := open(t)
	v := s.with("live", storage.AllCameras, ScopeLive)
	path := "/api/v1/cameras/" + string(door) + "/latest.jpg"
	reason := func(status int, path string) string {
		t.Helper()
		var problem struct{ Detail string }
		got := v.want(status, "GET", path, nil)
		got.into(t, &problem)
		if status == 503 && got.Header.Get("Retry-After") == "" {
			t.Error("it does not say when to come again")
		}
		return problem.Detail
	}
	if got := reason(503, path); !strings.HasSuffix(got, "no picture has come yet") {
		t.Errorf("got %q", got)
	}
	reason(404, "/api/v1/cameras/0800c0FFFFFF/latest.jpg")
	reason(422, path+"?max_age=0")
	reason(422, path+"?w=0")
	reason(422, path+"?x=1")
	picture := drawn(t, 1)
	s.o.Live.Frame(camera.Frame{Camera: door, At: noon, JPEG: picture})
	got := v.want(200, "GET", path, nil)
	if !bytes.Equal(got.body, picture) || got.Header.Get("Content-Type") != "image/jpeg" || got.Header.Get("X-Timestamp") != fmt.Sprintf("%d.000000", noon.Unix()) {
		t.Errorf("got %d bytes, %v", len(got.body), got.Header)
	}
	tag := func(r *http.Request) { r.Header.Set("If-None-Match", got.Header.Get("ETag")) }
	if again := v.send("GET", path, nil, tag); again.StatusCode != 304 || len(again.body) != 0 {
		t.Errorf("the same picture: %s with %d bytes", again.Status, len(again.body))
	}
	for width, want := range map[int]int{1: 160, 160: 160, 161: 640, 4096: 640} {
		small := v.send("GET", fmt.Sprintf("%s?w=%d", path, width), nil, tag)
		if want == 640 {
			if small.StatusCode != 304 {
				t.Errorf("%d wide: got %s, want the same as without", width, small.Status)
			}
			continue
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(small.body))
		if err != nil || config.Width != want || config.Height != want*3/4 {
			t.Errorf("%d wide: got %s %+v, %v", width, small.Status, config, err)
		}
	}
	// A newer one has another tag, and no tables of its own: it goes out with them.
	s.o.Live.Frame(camera.Frame{Camera: door, At: noon.Add(100 * time.Millisecond), JPEG: withoutTables(t, drawn(t, 2))})
	newer := v.send("GET", path, nil, tag)
	if _, err := jpeg.Decode(bytes.NewReader(newer.body)); newer.StatusCode != 200 || err != nil || newer.Header.Get("ETag") == got.Header.Get("ETag") {
		t.Errorf("a newer one: %s, %v", newer.Status, err)
	}
	s.clock.add(11 * time.Second)
	if got := reason(503, path); got != "there is no picture of the last 10 s: the last picture is of 2026-11-22T14:05:00+01:00" {
		t.Errorf("got %q", got)
	}
	v.want(200, "GET", path+"?max_age=11", nil)
	s.o.Live.Forget(door)
	if err := s.hall.Pause(t.Context(), door, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got := reason(503, path+"?max_age=3600"); !strings.HasSuffix(got, "it is paused, for privacy") {
		t.Errorf("got %q", got)
	}
}

// follow opens a stream that ends with the test, or with stop.
func (v *visitor) follow(path string) (_ *http.Response, stop func()) {
	v.site.t.Helper()
	ctx, stop := context.WithCancel(v.site.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", v.site.base+path, nil)
	if err != nil {
		v.site.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+v.token)
	got, err := v.http.Do(r)
	if err != nil {
		v.site.t.Fatal(err)
	}
	v.site.t.Cleanup(func() { stop(); got.Body.Close() })
	return got, stop
}

func TestPicturesFollowEachOtherAsParts(t *testing.T) {
	s := open(t)
	s.with("other", storage.AllCameras, ScopeLive)
	v := s.with("live", storage.AllCameras, ScopeLive)
	path := "/api/v1/cameras/" + string(door) + "/live.mjpeg"
	v.want(404, "GET", "/api/v1/cameras/0800c0FFFFFF/live.mjpeg", nil)
	v.want(422, "GET", path+"?fps=0", nil)
	if got := v.send("HEAD", path, nil); got.StatusCode != 200 || got.Header.Get("Content-Type") != mjpegType {
		t.Errorf("HEAD: got %s %v", got.Status, got.Header)
	}
	got, _ := v.follow(path)
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	for i := range 5 {
		f := camera.Frame{Camera: door, At: noon.Add(time.Duration(i) * 100 * time.Millisecond), JPEG: drawn(t, i)}
		s.o.Live.Frame(camera.Frame{Camera: yard, At: noon, JPEG: picture})
		s.o.Live.Frame(f)
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		// The whole part is there, and the boundary behind it, before the next picture has come.
		body, err := io.ReadAll(part)
		if err != nil || !bytes.Equal(body, f.JPEG) || part.Header.Get("Content-Length") != fmt.Sprint(len(f.JPEG)) || part.Header.Get("X-Timestamp") != timestamp(f.At) {
			t.Errorf("part %d: %d bytes of %d, %v, %v", i, len(body), len(f.JPEG), part.Header, err)
		}
	}
	s.admin().want(204, "DELETE", "/api/v1/tokens/live", nil)
	if _, err := parts.NextRawPart(); err == nil {
		t.Error("who may not look any more gets a picture")
	}
}

func TestSoundLineKeepsTime(t *testing.T) {
	const ms = time.Millisecond
	piece := func(at time.Duration) camera.Audio {
		return camera.Audio{At: noon.Add(at), ALaw: bytes.Repeat([]byte{0x00}, 800)} // 100 ms that are loud
	}
	for _, c := range []struct {
		name string
		at   []time.Duration
		want []int // samples of each piece with the silence before it
	}{
		{"without holes", []time.Duration{0, 100 * ms, 200 * ms}, []int{800, 800, 800}},
		{"with jitter", []time.Duration{0, 130 * ms, 180 * ms, 310 * ms}, []int{800, 800, 800, 800}},
		{"a piece is missing", []time.Duration{0, 200 * ms, 300 * ms}, []int{800, 1600, 800}},
		{"silence is long", []time.Duration{0, time.Hour, time.Hour + 100*ms}, []int{800, 40800, 800}},
		{"two overlap", []time.Duration{0, 30 * ms, 130 * ms}, []int{800, 240, 800}},
		{"one comes twice", []time.Duration{0, 0, 100 * ms}, []int{800, 0, 800}},
		{"the clock is set back", []time.Duration{0, -time.Hour, -time.Hour + 100*ms}, []int{800, 800, 800}},
	} {
		var line soundLine
		for i, at := range c.at {
			if got := len(line.append(nil, piece(at))) / 2; got != c.want[i] {
				t.Errorf("%s: piece %d is %d samples, want %d", c.name, i, got, c.want[i])
			}
		}
	}
	// ITU-T G.711, table 1a: the loudest, the quietest, and what stands for silence.
	for code, want := range map[byte]int16{0xAA: 32256, 0x2A: -32256, 0xD5: 8, 0x55: -8, 0xFA: 1008, 0x7A: -1008} {
		if got := linear[code]; got != want {
			t.Errorf("%#x is %d, want %d", code, got, want)
		}
	}
}

func TestSoundComesAsAFileWithoutEnd(t *testing.T) {
	s := open(t)
	v := s.with("live", storage.AllCameras, ScopeLive)
	got, _ := v.follow("/api/v1/cameras/" + string(door) + "/live.wav")
	head := make([]byte, 44)
	if _, err := io.ReadFull(got.Body, head); err != nil || string(head[:16]) != "RIFF\xff\xff\xff\xffWAVEfmt " || string(head[36:]) != "data\xff\xff\xff\xff" {
		t.Fatalf("got %q, %v", head, err)
	}
	for i := range 3 {
		s.o.Live.Audio(camera.Audio{Camera: door, At: noon.Add(time.Duration(i) * 100 * time.Millisecond), ALaw: bytes.Repeat([]byte{0xFA}, 800)})
		pcm := make([]byte, 1600)
		if _, err := io.ReadFull(got.Body, pcm); err != nil || !bytes.Equal(pcm, bytes.Repeat([]byte{0xF0, 0x03}, 800)) {
			t.Fatalf("got %x, %v", pcm[:8], err)
		}
	}
}

// ffmpeg runs, or the test is skipped where there is none.
func ffmpeg(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", name)
		}
		t.Skipf("SKIPPED: %s is not installed, so nobody else has looked at our streams", name)
	}
	return exec.CommandContext(t.Context(), name, append([]string{"-v", "warning"}, args...)...)
}

// ffmpeg records five seconds of a camera of 10 pictures a second, and of its sound.
func TestFFmpegRecordsLivePicturesAndSound(t *testing.T) {
	if testing.Short() && os.Getenv("V720DVR_TEST_ALL") == "" {
		t.Skip("SKIPPED: five seconds of real time, with -short")
	}
	s := open(t)
	v := s.with("live", storage.AllCameras, ScopeLive)
	base := strings.Replace(s.base, "http://", "http://token:"+v.token+"@", 1) + "/api/v1/cameras/" + string(door)
	film, sound := filepath.Join(t.TempDir(), "film.avi"), filepath.Join(t.TempDir(), "sound.wav")
	pictures := ffmpeg(t, "ffmpeg", "-use_wallclock_as_timestamps", "1", "-f", "mpjpeg", "-i", base+"/live.mjpeg", "-t", "5", "-c", "copy", film)
	sounds := ffmpeg(t, "ffmpeg", "-i", base+"/live.wav", "-t", "5", sound)
	var jpegs [10][]byte
	for i := range jpegs {
		jpegs[i] = drawn(t, i)
	}
	feed, stop := context.WithCancel(t.Context())
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			at := noon.Add(time.Duration(i) * 100 * time.Millisecond)
			s.o.Live.Frame(camera.Frame{Camera: door, At: at, JPEG: jpegs[i%10]})
			s.o.Live.Audio(camera.Audio{Camera: door, At: at, ALaw: bytes.Repeat([]byte{0xD5}, 800)})
			select {
			case <-tick.C:
			case <-feed.Done():
				return
			}
		}
	}()
	heard := make(chan error, 1)
	go func() {
		out, err := sounds.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		heard <- err
	}()
	if out, err := pictures.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if err := <-heard; err != nil {
		t.Error(err)
	}
	stop()
	<-fed
	probe := func(file, what string) string {
		out, err := ffmpeg(t, "ffprobe", "-count_packets", "-show_entries", what, "-of", "csv=p=0", file).Output()
		if err != nil {
			t.Errorf("probe %s: %v", file, err)
		}
		return strings.TrimSpace(string(out))
	}
	var frames, samples int
	var width int
	if _, err := fmt.Sscanf(probe(film, "stream=width,nb_read_packets"), "%d,%d", &width, &frames); err != nil || width != 640 || frames < 45 || frames > 55 {
		t.Errorf("recorded %d pictures, %d wide, want some 50: %v", frames, width, err)
	}
	if _, err := fmt.Sscanf(probe(sound, "stream=duration_ts"), "%d", &samples); err != nil || samples != 5*camera.SampleRate {
		t.Errorf("recorded %d samples: %v", samples, err)
	}
}

// A camera that leaves its Huffman tables out is seen by browsers all the same.
func TestPicturesWithoutTablesGoOutWithThem(t *testing.T) {
	s := open(t)
	l := s.admin().look()
	l.next("hello")
	l.send(fields{"type": "subscribe", "cameras": []fields{{"cam": 1, "pictures": true}}})
	bare := withoutTables(t, drawn(t, 1))
	if _, err := jpeg.Decode(bytes.NewReader(bare)); err == nil {
		t.Fatal("it can be read without tables: this test shows nothing")
	}
	s.o.Live.Frame(camera.Frame{Camera: yard, At: noon, JPEG: bare})
	got := l.next("bytes")
	img, err := jpeg.Decode(bytes.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if c := color.GrayModel.Convert(img.At(100, 100)).(color.Gray); c.Y == 0 {
		t.Errorf("it is %v", c)
	}
	if f, _ := s.o.Live.Latest(yard); len(f.JPEG) != len(bare) || len(motion.WithTables(bare)) <= len(bare) {
		t.Error("the picture itself was changed")
	}
}

// What cannot bound a write would keep a stream of somebody who takes nothing for ever.
func TestStreamNeedsAWriteDeadline(t *testing.T) {
	if err := piece(httptest.NewRecorder(), []byte("x")); !errors.Is(err, errNoWriteDeadline) {
		t.Errorf("got %v", err)
	}
}

// ffmpeg and VLC send a token only when they are asked for Basic; browsers then ask people in a window of
// their own.
func TestProgramsAreAskedForBasicAndBrowsersAreNot(t *testing.T) {
	s := open(t)
	for agent, want := range map[string]string{"Lavf/61.7.100": `[Basic realm="v720dvr" Bearer realm="v720dvr"]`, "": `[Basic realm="v720dvr" Bearer realm="v720dvr"]`, "Mozilla/5.0 (X11; Linux x86_64)": `[Bearer realm="v720dvr"]`} {
		got := s.visitor().send("GET", "/api/v1/cameras", nil, func(r *http.Request) { r.Header.Set("User-Agent", agent) })
		if challenge := fmt.Sprint(got.Header.Values("WWW-Authenticate")); got.StatusCode != 401 || challenge != want {
			t.Errorf("%q: got %s %s, want %s", agent, got.Status, challenge, want)
		}
	}
}
