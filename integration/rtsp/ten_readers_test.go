package rtsp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"

	"v720dvr/camera"
)

// Ten read one camera at once, over TCP and UDP, two of them ffmpeg's (over TCP: over UDP it gives up on a camera that
// holds its breath): each gets pictures and sound, and they are in step.
func TestTenReadersOfOneCameraGetPicturesAndSoundInStep(t *testing.T) {
	w := open(t)
	// One picture, for who asks what there is. More come when all ten are there, so that none is through before.
	w.hub.Frame(camera.Frame{Camera: porch, At: time.Now(), JPEG: drawn(t, 9999)})
	_, err := exec.LookPath("ffprobe")
	var others []*probe
	if err == nil {
		others = []*probe{w.probe(), w.probe()}
		eventually(t, "both ffprobe read", func() bool { return w.Stats().Readers == len(others) })
	}
	protocols := []gortsplib.Protocol{gortsplib.ProtocolTCP, gortsplib.ProtocolUDP}
	var readers []*seen
	for i := range 8 {
		_, got, err := w.read("anna:secret@", string(porch), protocols[i%2])
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, got)
	}
	count := len(readers) + len(others)
	eventually(t, fmt.Sprint(count, " read"), func() bool { return w.Stats().Readers == count })
	w.play(porch)

	for i, got := range readers {
		eventually(t, fmt.Sprintf("reader %d gets 20 pictures, as much sound, and is told when they were", i), func() bool {
			got.mu.Lock()
			defer got.mu.Unlock()
			return len(got.stamps[0]) >= 20 && len(got.stamps[1]) >= 20 && got.reports[0] != nil && got.reports[1] != nil
		})
		got.inStep(t, i, protocols[i%2] == gortsplib.ProtocolTCP)
	}
	for _, other := range others {
		eventually(t, "ffprobe has what it wants", other.ended)
		other.inStep(t)
	}
	s := w.Stats()
	if s.Pictures < 20 || s.Sounds < 20 || s.Refused != 0 || s.Slow != 0 || s.Denied != 0 {
		t.Errorf("it counts %+v", s)
	}
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("ffprobe is not installed and V720DVR_TEST_ALL is set")
		}
		t.Skip("SKIPPED: ffprobe is not installed, so eight read and not ten")
	}
}

// inStep holds what a reader got against what was sent: a picture and the sound of the same number have one time.
func (s *seen) inStep(t *testing.T, reader int, each bool) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	last, pairs := -1, 0
	for i, picture := range s.pictures {
		n := number(t, picture)
		if last >= 0 && (n <= last || each && n != last+1) {
			t.Errorf("reader %d: picture %d has number %d, behind %d", reader, i, n, last)
		}
		last = n
		if _, heard := s.stamps[1][n]; !heard {
			continue // it joined, or is, between the two
		}
		pairs++
		if off := s.captured(0, n).Sub(s.captured(1, n)); off.Abs() > 2*time.Millisecond {
			t.Fatalf("reader %d: picture %d and its sound are told to be %v apart", reader, n, off)
		}
	}
	if pairs < 10 {
		t.Errorf("reader %d: %d pictures with their sound", reader, pairs)
	}
}

// probe is an ffprobe that reads: 60 packets, two seconds.
type probe struct {
	out, complaints bytes.Buffer
	over            chan struct{}
	err             error
}

func (w *world) probe() *probe {
	w.t.Helper()
	p := &probe{over: make(chan struct{})}
	c := exec.CommandContext(w.t.Context(), "ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-read_intervals", "%+#60",
		"-show_entries", "packet=codec_type,pts_time,data", "-show_data", "-of", "json", w.url("anna:secret@", string(porch)))
	c.Stdout, c.Stderr = &p.out, &p.complaints
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { defer close(p.over); p.err = c.Wait() }()
	w.t.Cleanup(func() { <-p.over })
	return p
}

func (p *probe) ended() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// inStep looks at the last picture of which the sound is there too: by then ffmpeg has both sender reports.
func (p *probe) inStep(t *testing.T) {
	t.Helper()
	var got struct {
		Packets []struct {
			Kind string `json:"codec_type"`
			Time string `json:"pts_time"`
			Data string `json:"data"`
		} `json:"packets"`
	}
	if err := json.Unmarshal(p.out.Bytes(), &got); err != nil || p.err != nil {
		t.Fatalf("ffprobe: %v, %v; it says %s", p.err, err, p.complaints.String())
	}
	times := map[string]map[int]float64{"video": {}, "audio": {}}
	for _, packet := range got.Packets {
		data := dumped(t, packet.Data)
		at, err := strconv.ParseFloat(packet.Time, 64)
		switch {
		case err != nil:
			t.Fatalf("ffprobe: %v", err)
		case packet.Kind == "video":
			times[packet.Kind][number(t, data)] = at
		case len(data) == mostSound: // a piece begins
			times[packet.Kind][int(data[0])] = at
		}
	}
	last := -1
	for n := range times["video"] {
		if _, heard := times["audio"][n]; heard {
			last = max(last, n)
		}
	}
	if len(times["video"]) < 10 || len(times["audio"]) < 10 || last < 0 {
		t.Fatalf("ffprobe has %d pictures and %d pieces of sound", len(times["video"]), len(times["audio"]))
	}
	if off := times["video"][last] - times["audio"][last]; max(off, -off) > 0.02 {
		t.Errorf("ffprobe: picture %d and its sound are %.3f s apart", last, off)
	}
}

// dumped reads ffprobe's dump: lines of an address, 16 bytes as eight words, and the same as text.
func dumped(t *testing.T, dump string) (data []byte) {
	t.Helper()
	for line := range strings.Lines(dump) {
		_, words, found := strings.Cut(line, ": ")
		if !found {
			continue
		}
		words, _, _ = strings.Cut(words, "  ")
		part, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(words), " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		data = append(data, part...)
	}
	return data
}
