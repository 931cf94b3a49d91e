package rtsp

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

const (
	porch = camera.ID("0800c0000001")
	yard  = camera.ID("0800c0000002")
)

// world is a server on a real socket, with the recorder's real hub behind it: porch is called "Front Door".
type world struct {
	*Server
	t       *testing.T
	hub     *live.Hub
	revoked atomic.Bool // who reads may not any more
	asked   atomic.Int64
}

func (w *world) Find(_ context.Context, called string) (camera.ID, error) {
	switch {
	case strings.EqualFold(called, "front door"), called == string(porch):
		return porch, nil
	case called == string(yard):
		return yard, nil
	}
	return "", ErrNoCamera
}

type feed struct{ *live.Viewer }

func (f feed) Next() (camera.Frame, camera.Audio, bool) {
	i, ok := f.Viewer.Next()
	return i.Picture.Frame, i.Sound.Audio, ok
}

func (f feed) Dropped() int64 { return f.Stats().Thinned + f.Stats().DroppedSounds }

func (w *world) Watch(id camera.ID) Feed {
	v := w.hub.Subscribe(nil)
	if err := v.Watch(map[camera.ID]live.Want{id: {Pictures: true, Every: true, Sound: true}}, false); err != nil {
		w.t.Error(err)
	}
	return feed{v}
}

// authenticate lets anna see the porch with the password "secret".
func (w *world) authenticate(_ context.Context, user, password string, _ netip.Addr) (Reader, error) {
	w.asked.Add(1)
	switch {
	case password == "wait":
		return Reader{}, &WaitError{90 * time.Second}
	case password == "broken":
		return Reader{}, errors.New("the database does not answer")
	case password == "mistake":
		panic("a mistake")
	case user != "anna" || password != "secret":
		return Reader{}, ErrDenied
	}
	return Reader{
		Who: "user anna", May: func(id camera.ID) bool { return id == porch }, Still: func(context.Context) bool { return !w.revoked.Load() },
	}, nil
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, hub: live.NewHub()}
	var err error
	for range 20 { // the ports of UDP behind one that the system chose may be somebody's
		if w.Server, err = New(Options{Listen: "127.0.0.1:0", Cameras: w, Authenticate: w.authenticate}); err != nil {
			t.Fatal(err)
		}
		if err = w.Listen(); err != nil {
			t.Fatal(err)
		}
		if w.packets != nil {
			break
		}
		w.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := w.Stats().Panics; n != 0 && !strings.Contains(t.Name(), "Mistake") {
			t.Errorf("%d panics", n)
		}
	})
	return w
}

// url of a camera.
func (w *world) url(who, called string) string {
	return "rtsp://" + who + w.Addr().String() + "/" + called
}

// patience is how long what must come may take on a machine that has other work.
const patience = 20 * time.Second

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for !is() {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// drawn is a picture with a number in it, from 0 to 65535, as black and white squares.
func drawn(t testing.TB, number int) []byte {
	t.Helper()
	picture := image.NewYCbCr(image.Rect(0, 0, 256, 48), image.YCbCrSubsampleRatio420)
	for y := range 48 {
		for x := range 256 {
			picture.Y[picture.YOffset(x, y)] = byte(number >> (x / 16) & 1 * 255)
		}
	}
	for i := range picture.Cb {
		picture.Cb[i], picture.Cr[i] = 128, 128
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// number is what drawn drew.
func number(t testing.TB, data []byte) (n int) {
	t.Helper()
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 16 {
		if color.GrayModel.Convert(picture.At(16*bit+8, 24)).(color.Gray).Y > 128 {
			n |= 1 << bit
		}
	}
	return n
}

// play has a camera give pictures, ten a second, each with its number, and sound of which every sample is the
// number of its picture. It ends with the test, or with stop.
func (w *world) play(id camera.ID) (stop func()) {
	stop, _ = w.playFrom(id)
	return stop
}

// playFrom is play, and tells the capture time of the first.
func (w *world) playFrom(id camera.ID) (stop func(), began time.Time) {
	began = time.Now().Round(0)
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			at := began.Add(time.Duration(i) * 100 * time.Millisecond)
			w.hub.Frame(camera.Frame{Camera: id, At: at, JPEG: drawn(w.t, i)})
			w.hub.Audio(camera.Audio{Camera: id, At: at, ALaw: bytes.Repeat([]byte{byte(i)}, 800)})
			select {
			case <-ended:
				return
			case <-tick.C:
			}
		}
	}()
	stop = sync.OnceFunc(func() { close(ended); <-over })
	w.t.Cleanup(stop)
	return stop, began
}

// seen is what a reader got.
type seen struct {
	mu       sync.Mutex
	pictures [][]byte
	times    []uint32          // of pictures, in RTP's ticks
	stamps   [2]map[int]uint32 // of pictures, and of pieces of sound, by number, in RTP's ticks
	reports  [2]*rtcp.SenderReport
}

// captured is the capture time of a picture, or a piece of sound, as the sender report tells it.
func (s *seen) captured(media, number int) time.Time {
	r := s.reports[media]
	told := time.Unix(int64(r.NTPTime>>32)-2208988800, int64(r.NTPTime&0xFFFFFFFF)*1e9>>32) // RFC 3550, section 4
	rate := [2]time.Duration{90000, 8000}[media]
	return told.Add(time.Duration(int32(s.stamps[media][number]-r.RTPTime)) * time.Second / rate)
}

func (s *seen) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pictures)
}

// read reads a camera with gortsplib's client.
func (w *world) read(who, called string, protocol gortsplib.Protocol) (*gortsplib.Client, *seen, error) {
	u, err := base.ParseURL(w.url(who, called))
	if err != nil {
		w.t.Fatal(err)
	}
	c := &gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &protocol, ReadTimeout: patience, InitialUDPReadTimeout: patience, OnPacketsLost: func(uint64) {}, OnDecodeError: func(error) {}}
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	desc, _, err := c.Describe(u)
	if err != nil {
		return c, nil, err
	}
	if err := c.SetupAll(desc.BaseURL, desc.Medias); err != nil {
		return c, nil, err
	}
	s := &seen{stamps: [2]map[int]uint32{{}, {}}}
	var pictures *format.MJPEG
	desc.FindFormat(&pictures)
	decoder, err := pictures.CreateDecoder()
	if err != nil {
		w.t.Fatal(err)
	}
	c.OnPacketRTPAny(func(_ *description.Media, f format.Format, p *rtp.Packet) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, is := f.(*format.G711); is {
			if len(p.Payload) == mostSound { // a piece begins
				s.stamps[1][int(p.Payload[0])] = p.Timestamp
			}
			return
		}
		if picture, err := decoder.Decode(p); err == nil {
			s.pictures, s.times = append(s.pictures, picture), append(s.times, p.Timestamp)
			s.stamps[0][number(w.t, picture)] = p.Timestamp
		}
	})
	c.OnPacketRTCPAny(func(m *description.Media, p rtcp.Packet) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r, is := p.(*rtcp.SenderReport); is {
			s.reports[slices.Index(desc.Medias, m)] = r
		}
	})
	_, err = c.Play(nil)
	return c, s, err
}

// dial opens a connection to the port.
func (w *world) dial() net.Conn {
	w.t.Helper()
	c, err := net.Dial("tcp", w.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c
}
