package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// film is a box with simulated cameras: what they sent is held against what is in the files.
type film struct {
	cameras int
	length  time.Duration // how long the cameras send, to the middle between two pictures
	segment time.Duration
	host    func(addr string) cloudtest.Host // where box and cameras live
	scene   cloudtest.SceneOptions
	// lossy: the cameras outlive the box, what they sent in its last two seconds is not judged, and
	// neither is PCM, which is never sent again.
	lossy bool
	// options changes those of the i-th camera, and trouble comes while they send; nil is none.
	options func(i int, o *cloudtest.Options)
	trouble func()

	mu    sync.Mutex
	until time.Time // what was sent behind it is not judged; zero judges all
	sent  map[camera.ID][]cloudtest.Sent
	live  map[camera.ID]time.Duration // from boot to the first picture
}

// wait lets time pass: in a bubble the bubble's own.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// shoot runs it all and returns the store's records of what was recorded.
func (f *film) shoot(t *testing.T) (dir string, records []storage.SegmentRecord) {
	t.Helper()
	f.sent = make(map[camera.ID][]cloudtest.Sent)
	f.live = make(map[camera.ID]time.Duration)
	dir = t.TempDir()
	c := config.Default()
	c.Storage.Dir = dir
	c.Recording.Segment = config.Duration(f.segment)
	c.Cloud.HTTP, c.Cloud.Control, c.Cloud.MQTT = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	c.Web.Listen = ""
	c.Cloud.MaxCameras = max(64, f.cameras)
	c.Retention.MinFree = config.Size{} // however full the disk is that this test runs on
	b, err := openBox(t.Context(), config.Loaded{Config: c}, boxOptions{
		listen: f.listen(), listenPacket: f.listenPacket(),
		location: time.UTC, log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	boxContext, stopBox := context.WithCancel(t.Context())
	boxEnded := make(chan error, 1)
	go func() { boxEnded <- b.run(boxContext) }()

	cameraContext, stopCameras := context.WithCancel(t.Context())
	var running sync.WaitGroup
	var cameras []*cloudtest.Camera
	for i := range f.cameras {
		cameras = append(cameras, f.camera(t, b, i))
	}
	for _, c := range cameras {
		running.Go(func() { c.Run(cameraContext) })
	}
	if f.trouble != nil {
		f.trouble()
	}
	wait(t.Context(), f.length-50*time.Millisecond)
	if f.lossy {
		f.until = time.Now().Add(-2 * time.Second)
		stopBox()
		if err := <-boxEnded; err != nil {
			t.Error(err)
		}
		defer running.Wait()
		defer stopCameras()
		return dir, f.records(t, dir)
	}
	stopCameras()
	running.Wait()
	for _, c := range cameras {
		if s := c.State(); s.Refused+s.SplitAnswers+s.SkippedPictures+s.TimedOut > 0 {
			t.Errorf("%s was served badly: %+v", s.ID, s)
		}
	}
	wait(t.Context(), 200*time.Millisecond) // what is on the wire arrives
	stopBox()
	if err := <-boxEnded; err != nil {
		t.Error(err)
	}
	return dir, f.records(t, dir)
}

// listen and listenPacket open the box's sockets on its host; over real ones the box opens its own.
func (f *film) listen() func(network, address string) (net.Listener, error) {
	if _, real := f.host("127.0.0.1").(cloudtest.Loopback); real {
		return nil
	}
	return f.host("127.0.0.1").Listen
}

func (f *film) listenPacket() func(network, address string) (cloud.PacketConn, error) {
	if f.listen() == nil {
		return nil
	}
	return func(network, address string) (cloud.PacketConn, error) {
		return f.host("127.0.0.1").ListenPacket(network, address)
	}
}

// camera makes the i-th camera: of one firmware and the other by turns.
func (f *film) camera(t *testing.T, b *box, i int) *cloudtest.Camera {
	t.Helper()
	scene, err := cloudtest.NewScene(f.scene)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprintf("0800c0F0%04d", i)
	boot := time.Now()
	a := b.cloud.Addrs()
	o := cloudtest.Options{
		ID: id, Host: f.host(fmt.Sprintf("127.0.1.%d", i+1)), HTTP: a.HTTP.String(), MQTT: a.MQTT.String(),
		Firmware: cloudtest.Firmware(i % 2), Source: scene, Seed: int64(i),
		Sent: func(s cloudtest.Sent) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if s.JPEG != nil && f.live[camera.ID(id)] == 0 {
				f.live[camera.ID(id)] = time.Since(boot)
			}
			f.sent[camera.ID(id)] = append(f.sent[camera.ID(id)], s)
		},
	}
	if f.options != nil {
		f.options(i, &o)
	}
	c, err := cloudtest.NewCamera(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *film) records(t *testing.T, dir string) []storage.SegmentRecord {
	t.Helper()
	if parts, _ := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*.part")); len(parts) > 0 {
		t.Errorf("left behind: %v", parts)
	}
	store, err := storage.Open(t.Context(), storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	report, err := store.Check(t.Context())
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %v, %v", report.Problems, err)
	}
	records, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// recorded is what the files of one camera hold, in order.
type recorded struct {
	frames []avi.FrameInfo
	jpegs  [][]byte
	sound  []byte      // all segments' samples
	at     []time.Time // capture time of each sound chunk's first sample, by its place in the file
	starts []int       // its place in sound
	shown  []time.Time // when a player shows the picture
	length time.Duration
}

func (f *film) recorded(t *testing.T, dir string, records []storage.SegmentRecord, id camera.ID) (r recorded) {
	t.Helper()
	for _, record := range records {
		if record.Camera != id {
			continue
		}
		file, err := os.Open(filepath.Join(dir, "recordings", filepath.FromSlash(record.Path)))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		reader, err := avi.Open(file, record.Bytes)
		if err != nil {
			t.Fatalf("%s: %v", record.Path, err)
		}
		for i, info := range reader.Frames() {
			if info.Lost {
				t.Errorf("%s: lost frame at %v", id, info.At)
				continue
			}
			jpeg, err := reader.ReadFrame(nil, i)
			if err != nil {
				t.Fatal(err)
			}
			r.frames, r.jpegs = append(r.frames, info), append(r.jpegs, jpeg)
			r.shown = append(r.shown, record.Start.Add(time.Duration(info.Tick)*time.Second/avi.TickRate))
		}
		place := record.Start
		for i := range reader.Audio() {
			samples, err := reader.ReadAudio(nil, i)
			if err != nil {
				t.Fatal(err)
			}
			r.at, r.starts = append(r.at, place), append(r.starts, len(r.sound))
			r.sound = append(r.sound, samples...)
			place = place.Add(time.Duration(len(samples)) * time.Second / camera.SampleRate)
		}
		r.length += record.End.Sub(record.Start)
	}
	return r
}

// judge fails the test for every picture and every sample that is not as it was sent.
func (f *film) judge(t *testing.T, dir string, records []storage.SegmentRecord) {
	t.Helper()
	var worstPicture, worstSound, worstLength time.Duration
	pictures := 0
	if len(f.sent) != f.cameras {
		t.Errorf("%d of %d cameras sent anything", len(f.sent), f.cameras)
	}
	for id, sent := range f.sent {
		got := f.recorded(t, dir, records, id)
		i := 0
		var first, last time.Time // of the pictures
		var tone []byte
		firstSample := int64(-1)
		for _, s := range sent {
			if !f.until.IsZero() && s.At.After(f.until) {
				break
			}
			if s.JPEG == nil {
				if firstSample < 0 {
					firstSample = s.Index
				}
				tone = append(tone, s.ALaw...)
				continue
			}
			if i >= len(got.jpegs) {
				t.Errorf("%s: picture %d, at %v, is not in the files", id, s.Index, s.At)
				break
			}
			if !bytes.Equal(got.jpegs[i], s.JPEG) {
				t.Fatalf("%s: picture %d is not the %d-th in the files", id, s.Index, i)
			}
			// The capture time in the journal, and the time that a player shows the picture at.
			worstPicture = max(worstPicture, got.frames[i].At.Sub(s.At).Abs(), got.shown[i].Sub(s.At).Abs())
			if i == 0 {
				first = s.At
			}
			last = s.At
			i++
		}
		if i != len(got.jpegs) && !f.lossy {
			t.Errorf("%s: %d pictures in the files, %d were sent", id, len(got.jpegs), i)
		}
		if least := int(f.length/time.Second-3) * 10; i < least {
			t.Errorf("%s: %d pictures were sent, want at least %d", id, i, least)
		}
		pictures += i
		if !f.lossy {
			worstSound = max(worstSound, judgeSound(t, id, sent, got, tone, firstSample))
		}
		const interval = 100 * time.Millisecond // the last picture lasts as long as the others
		if !f.lossy {
			worstLength = max(worstLength, (got.length - (last.Sub(first) + interval)).Abs())
		}
	}
	t.Logf("%d pictures of %d cameras byte for byte; worst error of capture time %v, of sound %v, of length %v", pictures, len(f.sent), worstPicture, worstSound, worstLength)
	limit := 100 * time.Millisecond
	if f.listen() == nil {
		limit += 50 * time.Millisecond // real time: the cameras' own process is late now and then
	}
	if worstPicture > limit || worstSound > limit {
		t.Errorf("worst error of capture time %v, of sound %v; want at most %v", worstPicture, worstSound, limit)
	}
	if worstLength > 200*time.Millisecond {
		t.Errorf("the files of a camera are %v too long or too short, want at most 200ms", worstLength)
	}
}

// judgeSound finds the sent tone in the files: complete but for the first and last 100 ms, in
// one piece. It returns the worst error of time.
func judgeSound(t *testing.T, id camera.ID, sent []cloudtest.Sent, got recorded, tone []byte, first int64) (worst time.Duration) {
	t.Helper()
	ticks := cloudtest.Ticks(got.sound)
	if len(ticks) == 0 {
		t.Errorf("%s: no tone in %d samples of sound", id, len(got.sound))
		return 0
	}
	shift := ticks[0].Sample - int64(ticks[0].Offset) // number of the sample at the recording's first place
	const edge = camera.SampleRate / 10
	for n := edge; n < len(tone)-edge; n++ {
		place := first + int64(n) - shift
		if place < 0 || place >= int64(len(got.sound)) || got.sound[place] != tone[n] {
			t.Errorf("%s: sample %d of %d is not in the files where its neighbours are", id, n, len(tone))
			return 0
		}
	}
	for _, s := range sent {
		if s.JPEG != nil {
			continue
		}
		place := int(s.Index - shift)
		for i := len(got.starts) - 1; i >= 0; i-- {
			if place >= got.starts[i] {
				at := got.at[i].Add(time.Duration(place-got.starts[i]) * time.Second / camera.SampleRate)
				worst = max(worst, at.Sub(s.At).Abs())
				break
			}
		}
	}
	return worst
}

// testLog shows what must not happen: warnings and errors, but for those of stopping.
func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(line []byte) (int, error) {
	w.t.Helper()
	w.t.Logf("%s", bytes.TrimSpace(line))
	return len(line), nil
}

func loopback(string) cloudtest.Host { return cloudtest.Loopback{} }

// inMemory gives each address a host on one network in memory.
func inMemory(seed int64) func(string) cloudtest.Host {
	network := cloudtest.NewNetwork(seed)
	return func(addr string) cloudtest.Host { return network.Host(netip.MustParseAddr(addr)) }
}

func TestAMinuteOfTwoCamerasIsRecordedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := film{cameras: 2, length: time.Minute, segment: 15 * time.Second, host: inMemory(1), scene: cloudtest.SceneOptions{Width: 160, Height: 120, Bytes: 2048}}
		dir, records := f.shoot(t)
		f.judge(t, dir, records)
		for id, took := range f.live {
			limit := 2 * time.Second // old firmware
			if id[len(id)-1]%2 == 1 {
				limit = 3 * time.Second // new firmware
			}
			if took > limit {
				t.Errorf("%s: first picture %v after boot, want at most %v", id, took, limit)
			}
		}
		if len(records) < 8 {
			t.Errorf("%d segments, want at least 8: four each begun on the clock", len(records))
		}
	})
}

func TestAMinuteOverABadLinkIsRecordedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := cloudtest.NewNetwork(1)
		network.SetDefault(cloudtest.Conditions{Loss: 0.05, Late: 0.02, LateBy: 30 * time.Millisecond, Doubled: 0.01})
		f := film{cameras: 2, length: time.Minute, segment: 15 * time.Second, scene: cloudtest.SceneOptions{Width: 160, Height: 120, Bytes: 2048}, lossy: true,
			host: func(addr string) cloudtest.Host { return network.Host(netip.MustParseAddr(addr)) }}
		dir, records := f.shoot(t)
		f.judge(t, dir, records)
		repaired := 0
		for _, r := range records {
			repaired += r.Repaired
		}
		if repaired == 0 {
			t.Error("no segment's record says that a picture was repaired")
		}
	})
}

// probe holds a recorded file against what ffprobe says of it.
func probe(t *testing.T, path string, record storage.SegmentRecord) {
	t.Helper()
	if _, err := exec.LookPath("ffprobe"); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("ffprobe is not installed and V720DVR_TEST_ALL is set")
		}
		t.Log("SKIPPED: ffprobe is not installed, so no player has looked at the recorded files")
		return
	}
	out, err := exec.Command("ffprobe", "-v", "error", "-of", "json", "-count_packets", "-show_streams", "-show_format", path).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", path, err)
	}
	var p struct {
		Streams []struct {
			Codec   string `json:"codec_name"`
			Rate    string `json:"sample_rate"`
			Samples string `json:"nb_frames"`
			Packets string `json:"nb_read_packets"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(out, &p); err != nil || len(p.Streams) != 2 {
		t.Fatalf("ffprobe %s: %v, %s", path, err, out)
	}
	video, sound := p.Streams[0], p.Streams[1]
	if video.Codec != "mjpeg" || video.Packets != strconv.Itoa(record.Frames) || sound.Codec != "pcm_alaw" || sound.Rate != "8000" {
		t.Errorf("ffprobe says %+v of %s, want mjpeg with %d pictures and pcm_alaw at 8000 Hz", p.Streams, path, record.Frames)
	}
	want := record.End.Sub(record.Start).Seconds()
	duration, _ := strconv.ParseFloat(p.Format.Duration, 64)
	samples, _ := strconv.ParseFloat(sound.Samples, 64)
	if math.Abs(duration-want) > 0.2 || math.Abs(samples/camera.SampleRate-want) > 0.2 {
		t.Errorf("ffprobe says %s is %v s long with %v s of sound, want %v", path, duration, samples/camera.SampleRate, want)
	}
}

func TestTwoCamerasOverRealSocketsAreRecordedWhole(t *testing.T) {
	length := 12 * time.Second
	if testing.Short() {
		length = 3 * time.Second
	}
	if os.Getenv("V720DVR_TEST_ALL") != "" {
		length = time.Minute
	}
	f := film{cameras: 2, length: length, segment: 5 * time.Second, host: loopback}
	dir, records := f.shoot(t)
	f.judge(t, dir, records)
	for _, record := range records {
		probe(t, filepath.Join(dir, "recordings", filepath.FromSlash(record.Path)), record)
	}
}

func TestSixteenCamerasOverRealSocketsLoseNothing(t *testing.T) {
	length := 10 * time.Second
	if testing.Short() {
		length = 4 * time.Second
	}
	f := film{cameras: 16, length: length, segment: 5 * time.Second, host: loopback}
	dir, records := f.shoot(t)
	f.judge(t, dir, records)
}
