package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

const (
	porch = camera.ID("0800c0000001")
	yard  = camera.ID("0800c0000002")
)

// world is a server on a real socket, with the recorder's real hub behind it.
type world struct {
	*Server
	t       *testing.T
	hub     *live.Hub
	revoked atomic.Bool // who reads may not any more
	gone    atomic.Bool // no camera is connected
	base    string
}

func (w *world) Connected(context.Context) ([]Camera, error) {
	if w.gone.Load() {
		return nil, nil
	}
	return []Camera{{porch, netip.MustParseAddrPort("192.168.1.50:4711")}, {yard, netip.MustParseAddrPort("[::ffff:192.168.1.51]:4712")}}, nil
}

type feed struct {
	*live.Viewer
	given live.Picture
}

func (w *world) Watch(id camera.ID, want Want) Feed {
	v := w.hub.Subscribe(nil)
	if err := v.Watch(map[camera.ID]live.Want{id: {Pictures: want.Pictures, Every: want.Every, Sound: want.Sound}}, false); err != nil {
		panic(err)
	}
	return &feed{Viewer: v}
}

func (f *feed) Next() (camera.Frame, camera.Audio, bool) {
	if f.given.JPEG != nil {
		f.Ack(f.given.Camera, f.given.Number)
	}
	i, ok := f.Viewer.Next()
	f.given = i.Picture
	return i.Picture.Frame, i.Sound.Audio, ok
}

// authenticate lets anna in, who may read the porch alone, and keeps a guesser waiting.
func (w *world) authenticate(_ context.Context, user, password string, from netip.Addr) (Reader, error) {
	switch {
	case !from.IsLoopback():
		return Reader{}, fmt.Errorf("came from %v", from)
	case user == "guesser":
		return Reader{}, &WaitError{1500 * time.Millisecond}
	case user != "anna" || password != "right":
		return Reader{}, ErrDenied
	}
	return Reader{Who: "user anna", May: func(id camera.ID) bool { return id == porch }, Still: func(context.Context) bool { return !w.revoked.Load() }}, nil
}

func start(t *testing.T, change ...func(*Server)) *world {
	t.Helper()
	w := &world{t: t, hub: live.NewHub()}
	s, err := New(Options{Listen: "127.0.0.1:0", Authenticate: w.authenticate, Cameras: w})
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range change {
		do(s)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	w.Server, w.base = s, "http://"+s.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w
}

// ask asks as anna, unless another user and password are given.
func (w *world) ask(method, path string, who ...string) *http.Response {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	switch {
	case len(who) == 2:
		r.SetBasicAuth(who[0], who[1])
	case len(who) == 0:
		r.SetBasicAuth("anna", "right")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// picture is a JPEG of 64×48 that is all grey, as bright as n.
func picture(t *testing.T, n int) []byte {
	t.Helper()
	p := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range p.Pix {
		p.Pix[i] = color.Gray{byte(n)}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// play gives pictures and sound of the porch, ten times a second of its clock, until the returned function is called.
func (w *world) play() (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		began := time.Now()
		for n := 0; ; n++ {
			at := began.Add(time.Duration(n) * 100 * time.Millisecond)
			w.hub.Frame(camera.Frame{Camera: porch, At: at, JPEG: picture(w.t, n%200)})
			w.hub.Audio(camera.Audio{Camera: porch, At: at, ALaw: bytes.Repeat([]byte{byte(n)}, 800)})
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	stop = func() { cancel(); <-done }
	w.t.Cleanup(stop)
	return stop
}

func TestTheListHasTheCamerasThatMayBeSeenAsThePythonServerWritesThem(t *testing.T) {
	w := start(t)
	answer := w.ask("GET", "/dev/list")
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v, %q", err, answer.Header)
	}
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil || len(list) != 1 {
		t.Fatalf("got %s, %v", text, err)
	}
	if c := list[0]; c["uid"] != string(porch) || c["host"] != "192.168.1.50" || c["port"] != 4711. || len(c) != 3 {
		t.Errorf("got %v", c)
	}
	w.gone.Store(true)
	if text, _ := io.ReadAll(w.ask("GET", "/dev/list").Body); strings.TrimSpace(string(text)) != "[]" {
		t.Errorf("without cameras it is %s", text)
	}
}

func TestWhoMayNotAndWhatIsNotIsAnswered(t *testing.T) {
	w := start(t)
	stall := func(s *Server) { s.patience = 30 * time.Millisecond }
	silent := start(t, stall)
	silent.hub.Frame(camera.Frame{Camera: porch, At: time.Now().Add(-time.Hour), JPEG: picture(t, 1)})
	for name, c := range map[string]struct {
		world        *world
		method, path string
		who          []string
		status       int
		header       string // that is there
	}{
		"nobody":                             {w, "GET", "/dev/list", []string{""}, 401, "WWW-Authenticate"},
		"a wrong password":                   {w, "GET", "/dev/0800c0000001/live", []string{"anna", "wrong"}, 401, "WWW-Authenticate"},
		"who has to wait":                    {w, "GET", "/dev/0800c0000001/live", []string{"guesser", "x"}, 429, "Retry-After"},
		"somebody else's camera":             {w, "GET", "/dev/0800c0000002/live", nil, 404, ""},
		"a camera that is none":              {w, "GET", "/dev/0800c0000009/snapshot", nil, 404, ""},
		"nothing of a camera":                {w, "GET", "/dev/0800c0000001/cmd", nil, 404, ""},
		"the cameras' own":                   {w, "POST", "/app/api/ApiServer/getA9ConfCheck", nil, 404, ""},
		"a command":                          {w, "POST", "/dev/0800c0000001/live", nil, 405, ""},
		"a look at a stream":                 {w, "HEAD", "/dev/0800c0000001/live", nil, 200, ""},
		"pictures of one that gives none":    {silent, "GET", "/dev/0800c0000001/video", nil, 502, ""},
		"a picture of one that has old ones": {silent, "GET", "/dev/0800c0000001/snapshot", nil, 502, ""},
		"sound of one that is silent":        {silent, "GET", "/dev/0800c0000001/audio", nil, 502, ""},
		"all of one that gives none":         {silent, "GET", "/dev/0800c0000001/go2rtc-stream", nil, 502, ""},
	} {
		answer := c.world.ask(c.method, c.path, c.who...)
		if answer.StatusCode != c.status || c.header != "" && answer.Header.Get(c.header) == "" {
			t.Errorf("%s: got %s, %v", name, answer.Status, answer.Header)
		}
	}
}

func TestPicturesComeAsPartsAndASnapshotIsOne(t *testing.T) {
	w := start(t)
	w.play()
	for _, path := range []string{"live", "video"} {
		answer := w.ask("GET", "/dev/"+string(porch)+"/"+path)
		kind, parameters, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
		if err != nil || kind != "multipart/x-mixed-replace" || parameters["boundary"] != "jpgboundary" {
			t.Fatalf("%s is %q, %v", path, answer.Header.Get("Content-Type"), err)
		}
		parts := multipart.NewReader(answer.Body, parameters["boundary"])
		for range 10 {
			part, err := parts.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			if config, err := jpeg.DecodeConfig(part); err != nil || config.Width != 64 || part.Header.Get("Content-Type") != "image/jpeg" {
				t.Fatalf("%s: a part is %v, %+v, %v", path, part.Header, config, err)
			}
		}
		answer.Body.Close()
	}
	answer := w.ask("GET", "/dev/"+string(porch)+"/snapshot")
	text, err := io.ReadAll(answer.Body)
	if _, decoded := jpeg.Decode(bytes.NewReader(text)); err != nil || decoded != nil || answer.ContentLength != int64(len(text)) || answer.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("a snapshot is %d bytes, %v, %v, %v", len(text), err, decoded, answer.Header)
	}
}

func TestSoundIsAWAVFileOfALaw(t *testing.T) {
	w := start(t)
	w.play()
	answer := w.ask("GET", "/dev/"+string(porch)+"/audio")
	text := make([]byte, len(wavHead)+2400)
	if _, err := io.ReadFull(answer.Body, text); err != nil || answer.Header.Get("Content-Type") != "audio/wav" {
		t.Fatalf("%v, %v", err, answer.Header)
	}
	if !bytes.HasPrefix(text, wavHead) || string(text[8:16]) != "WAVEfmt " || text[20] != 6 {
		t.Errorf("it begins with % x", text[:60])
	}
	sound := text[len(wavHead):]
	for i, b := range sound {
		if b != sound[0]+byte(i/800) {
			t.Fatalf("sample %d is %d behind %d", i, b, sound[0])
		}
	}
}

func TestWhatIsMissingOfSoundIsSilenceAndWhatComesTwiceIsLeftOut(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var l line
	for i, c := range []struct {
		ms, samples int
		silent, get int
	}{
		{0, 800, 0, 800}, {100, 800, 0, 800},
		{230, 800, 0, 800},     // 30 ms late: a clock that jitters
		{800, 800, 4000, 4800}, // half a second is missing, and what had jittered
		{600, 4000, 0, 1600},   // 300 ms of it are there already
		{60_000, 800, 40_000, 40_800},
		{1000, 800, 0, 800}, // the clock was set back
	} {
		got := l.add(camera.Audio{At: at.Add(time.Duration(c.ms) * time.Millisecond), ALaw: bytes.Repeat([]byte{7}, c.samples)})
		if silence := bytes.Count(got, []byte{silent}); len(got) != c.get || silence != c.silent {
			t.Errorf("piece %d: got %d samples, %d of them silent; want %d and %d", i, len(got), silence, c.get, c.silent)
		}
	}
}

func TestMatroskaIsReadByFFmpeg(t *testing.T) {
	if _, err := exec.LookPath("ffprobe"); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("ffprobe is not installed and V720DVR_TEST_ALL is set")
		}
		t.Skip("SKIPPED: ffprobe is not installed, so nobody else has read the Matroska")
	}
	w := start(t)
	w.play()
	answer := w.ask("GET", "/dev/"+string(porch)+"/go2rtc-stream")
	if answer.Header.Get("Content-Type") != "video/x-matroska" {
		t.Errorf("it is %v", answer.Header)
	}
	film, err := os.Create(filepath.Join(t.TempDir(), "film.mkv"))
	if err != nil {
		t.Fatal(err)
	}
	defer film.Close()
	if _, err := io.CopyN(film, answer.Body, 100_000); err != nil {
		t.Fatal(err)
	}
	probe := exec.CommandContext(t.Context(), "ffprobe", "-v", "fatal", "-show_entries", "stream=codec_name,width,height,sample_rate:packet=codec_type,pts_time", "-of", "csv=p=0", film.Name())
	text, err := probe.Output()
	if err != nil {
		t.Fatal(err)
	}
	times := map[string][]string{}
	for _, row := range strings.Fields(string(text)) {
		if kind, rest, _ := strings.Cut(row, ","); kind == "video" || kind == "audio" {
			times[kind] = append(times[kind], strings.TrimSuffix(rest, ","))
		}
	}
	if !strings.Contains(string(text), "mjpeg,64,48") || !strings.Contains(string(text), "pcm_alaw,8000") || len(times["video"]) < 20 || len(times["audio"]) < 20 {
		t.Fatalf("ffprobe finds %d pictures, %d pieces of sound:\n%.500s", len(times["video"]), len(times["audio"]), text)
	}
	last := -1.0
	for i, text := range times["video"] { // a machine that is busy may leave one out
		at, err := strconv.ParseFloat(text, 64)
		if err != nil || at <= last || i == 0 && at != 0 || math.Abs(at*10-math.Round(at*10)) > 1e-6 {
			t.Errorf("picture %d is at %s, behind %v", i, text, last)
		}
		last = at
	}
}

func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	w := start(t, func(s *Server) { s.again = 0 })
	w.play()
	answer := w.ask("GET", "/dev/"+string(porch)+"/live")
	if _, err := io.CopyN(io.Discard, answer.Body, 5000); err != nil {
		t.Fatal(err)
	}
	w.revoked.Store(true)
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestReadersAreBoundedAndThoseWhoLeaveMakeRoom(t *testing.T) {
	w := start(t)
	w.play()
	var in []*http.Response
	for range mostReaders {
		answer := w.ask("GET", "/dev/"+string(porch)+"/live")
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("reader %d: %s", len(in), answer.Status)
		}
		in = append(in, answer)
	}
	if answer := w.ask("GET", "/dev/"+string(porch)+"/live"); answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %s", answer.Status)
	}
	for _, answer := range in {
		answer.Body.Close()
	}
	late := time.After(20 * time.Second)
	for {
		if answer := w.ask("GET", "/dev/"+string(porch)+"/snapshot"); answer.StatusCode == http.StatusOK {
			break
		}
		select {
		case <-late:
			t.Fatal("those who left have left no room")
		default:
		}
	}
}

func TestAnAddressCountsAsOnePlace(t *testing.T) {
	s := &Server{readers: make(map[netip.Prefix]int)}
	for i := range mostOfOneAddress {
		if !s.enter(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i))) {
			t.Fatalf("reader %d is turned away", i)
		}
	}
	if s.enter(netip.MustParseAddr("2001:db8::ffff")) {
		t.Error("one more of a household is let in")
	}
	if !s.enter(netip.MustParseAddr("2001:db8:1::1")) {
		t.Error("somebody else is turned away")
	}
	for range mostOfOneAddress {
		s.leave(netip.MustParseAddr("2001:db8::1"))
	}
	if len(s.readers) != 1 || s.all != 1 {
		t.Errorf("%v, %d are left", s.readers, s.all)
	}
}

func TestWhatLetsEverybodyInListensOnThisMachineAlone(t *testing.T) {
	for listen, good := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "[::1]:0": true, ":0": false, "192.168.1.5:80": false, "nonsense": false} {
		if _, err := New(Options{Listen: listen, Open: true, Cameras: &world{}}); (err == nil) != good {
			t.Errorf("%s: got %v", listen, err)
		}
	}
}

func TestWithoutLogInANameThatLeadsHereOpensNothing(t *testing.T) {
	w := start(t, func(s *Server) { s.o.Open = true })
	for host, want := range map[string]int{"": 200, "localhost:8080": 200, "[::1]:8080": 200, "127.0.0.1": 200, "evil.example:8080": 421, "192.168.1.5": 421} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.base+"/dev/list", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%q: got %s, want %d", host, answer.Status, want)
		}
	}
}
