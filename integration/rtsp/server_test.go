package rtsp

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"go.uber.org/goleak"

	"v720dvr/camera"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReaderGetsEveryPictureAndAllSoundWithTheirTimes(t *testing.T) {
	for name, protocol := range map[string]gortsplib.Protocol{"TCP": gortsplib.ProtocolTCP, "UDP": gortsplib.ProtocolUDP} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			_, began := w.playFrom(porch)
			_, got, err := w.read("anna:secret@", "Front%20Door", protocol)
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, "12 pictures", func() bool { return got.count() >= 12 })
			got.mu.Lock()
			defer got.mu.Unlock()
			first := number(t, got.pictures[0])
			for i, picture := range got.pictures[:12] {
				if n := number(t, picture); n != first+i {
					t.Errorf("picture %d has number %d, want %d", i, n, first+i)
				}
				samePixels(t, drawn(t, first+i), picture)
				if ticks := int(got.times[i] - got.times[0]); ticks < 9000*i-1 || ticks > 9000*i+1 {
					t.Errorf("picture %d is %d ticks behind the first, want %d", i, ticks, 9000*i)
				}
			}
			// What the sender reports say is when it was captured: of pictures and sound alike.
			for media, stamps := range got.stamps {
				if got.reports[media] == nil || len(stamps) < 10 {
					t.Fatalf("media %d: %d packets, and the sender report %v", media, len(stamps), got.reports[media])
				}
				for n := range stamps {
					if off := got.captured(media, n).Sub(began.Add(time.Duration(n) * 100 * time.Millisecond)); off.Abs() > 2*time.Millisecond {
						t.Errorf("media %d, number %d: told to be captured %v off", media, n, off)
					}
				}
			}
		})
	}
}

func TestTenReadersAndOneThatStandsStill(t *testing.T) {
	w := open(t)
	stop := w.play(porch)
	still := w.dial() // it plays, and never reads again
	if err := still.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	sequence := 0
	ask := func(method, suffix, headers string) string {
		sequence++
		fmt.Fprintf(still, "%s %s%s RTSP/1.0\r\nCSeq: %d\r\nAuthorization: Basic YW5uYTpzZWNyZXQ=\r\n%s\r\n", method, w.url("", string(porch)), suffix, sequence, headers)
		b := make([]byte, 4096)
		n, err := still.Read(b)
		if err != nil || !bytes.HasPrefix(b[:n], []byte("RTSP/1.0 200")) {
			t.Fatalf("%s: got %s, %v", method, b[:n], err)
		}
		return string(b[:n])
	}
	setup := ask("SETUP", "/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
	_, session, _ := strings.Cut(setup, "Session: ")
	session, _, _ = strings.Cut(session, ";")
	ask("PLAY", "", "Session: "+session+"\r\n")

	var all []*seen
	for i := range 10 {
		_, got, err := w.read("anna:secret@", string(porch), []gortsplib.Protocol{gortsplib.ProtocolTCP, gortsplib.ProtocolUDP}[i%2])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got)
	}
	stop() // now as many as there may be: large ones, faster than a camera's
	busy := read(t, realPicture)
	began := time.Now()
	for i := 0; w.Stats().Slow == 0; i++ {
		w.hub.Frame(camera.Frame{Camera: porch, At: time.Now(), JPEG: busy})
		sent := int64(i)
		eventually(t, "a picture is sent", func() bool { return w.Stats().Pictures+w.Stats().Dropped > sent })
		if time.Since(began) > 40*time.Second {
			t.Fatal("who reads nothing is kept")
		}
		if i%50 == 49 { // the others have their queues too, and this machine has other work
			n := all[0].count()
			eventually(t, "the others get theirs", func() bool { return all[0].count() > n-50 })
		}
	}
	if n := w.Stats().Slow; n != 1 {
		t.Errorf("%d readers were ended for being slow, want the one", n)
	}
	eventually(t, "it is gone", func() bool { return w.Stats().Readers == 10 })
	before := make([]int, len(all))
	for i, got := range all {
		before[i] = got.count()
	}
	w.play(porch)
	for i, got := range all {
		eventually(t, fmt.Sprintf("reader %d gets pictures still", i), func() bool { return got.count() > before[i]+3 })
	}
}

func TestAnswersToThoseWhoMayNot(t *testing.T) {
	w := open(t)
	w.play(porch)
	w.play(yard)
	for _, c := range []struct{ who, camera, want string }{
		{"", string(porch), "401"},
		{"anna:wrong@", string(porch), "401"},
		{"anna:secret@", "nobody", "404"},
		{"anna:secret@", string(yard), "404"},
		{"anna:wait@", string(porch), "503"},
		{"anna:broken@", string(porch), "500"},
	} {
		if _, _, err := w.read(c.who, c.camera, gortsplib.ProtocolTCP); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %s: got %v, want %s", c.who, c.camera, err, c.want)
		}
	}
	if n := w.Stats().Readers; n != 0 {
		t.Errorf("%d read", n)
	}
	asked := w.asked.Load()
	if _, _, err := w.read("anna:secret@", string(porch), gortsplib.ProtocolTCP); err != nil {
		t.Fatal(err)
	}
	if n := w.asked.Load() - asked; n != 1 {
		t.Errorf("the password of one connection was looked at %d times", n)
	}
	w.revoked.Store(true)
	eventually(t, "who may not any more is ended", func() bool { return w.Stats().Readers == 0 })
}

func TestMistakeCostsAnAnswerAndNotTheRecorder(t *testing.T) {
	w := open(t)
	w.play(porch)
	if _, _, err := w.read("anna:mistake@", string(porch), gortsplib.ProtocolTCP); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("got %v", err)
	}
	if n := w.Stats().Panics; n != 1 {
		t.Errorf("%d counted", n)
	}
	if _, _, err := w.read("anna:secret@", string(porch), gortsplib.ProtocolTCP); err != nil {
		t.Error(err)
	}
}

func TestCameraThatGivesNothingNowIsUnavailable(t *testing.T) {
	w := open(t)
	w.hub.Frame(camera.Frame{Camera: porch, At: time.Now().Add(-time.Minute), JPEG: drawn(t, 1)}) // of before
	if _, _, err := w.read("anna:secret@", string(porch), gortsplib.ProtocolTCP); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v", err)
	}
	if n := w.Stats().Pictures; n != 0 {
		t.Errorf("%d old pictures were sent", n)
	}
}

func TestPictureThatIsNoneIsCountedAndOthersCome(t *testing.T) {
	w := open(t)
	w.play(porch)
	_, got, err := w.read("anna:secret@", string(porch), gortsplib.ProtocolTCP)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{{0xFF, 0xD8}, read(t, pictures+"/444.jpg"), read(t, pictures+"/progressive.jpg"), {1, 2, 3}} {
		w.hub.Frame(camera.Frame{Camera: porch, At: time.Now(), JPEG: data})
	}
	eventually(t, "four are refused", func() bool { return w.Stats().Refused == 4 })
	n := got.count()
	eventually(t, "others come", func() bool { return got.count() > n+2 })
}

// Whatever comes to the port, who reads reads on.
func TestNoiseAtThePort(t *testing.T) {
	w := open(t)
	w.play(porch)
	_, got, err := w.read("anna:secret@", string(porch), gortsplib.ProtocolTCP)
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	good := "DESCRIBE rtsp://127.0.0.1/0800c0000001 RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Basic YW5uYTpzZWNyZXQ=\r\n\r\n" +
		"SETUP rtsp://127.0.0.1/0800c0000001/trackID=0 RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Basic YW5uYTpzZWNyZXQ=\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n" +
		"SETUP rtsp://127.0.0.1/0800c0000001/trackID=1 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n\r\n" +
		"PLAY rtsp://127.0.0.1/0800c0000001 RTSP/1.0\r\nCSeq: 4\r\n\r\n$\x01\x00\x08\x81\xc9\x00\x01\x00\x00\x00\x00" +
		"TEARDOWN rtsp://127.0.0.1/0800c0000001 RTSP/1.0\r\nCSeq: 5\r\n\r\n"
	for _, noise := range []string{
		"", "\x00", "$\x00\xFF\xFF", "GET / HTTP/1.1\r\n\r\n", "POST /x HTTP/1.0\r\nx-sessioncookie: a\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n",
		"ANNOUNCE rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0", "RECORD rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\nSession: x\r\n\r\n",
		"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", "DESCRIBE * RTSP/1.0\r\nCSeq: 1\r\n\r\n", "SETUP rtsp:// RTSP/1.0\r\nCSeq: 1\r\n\r\n", "OPTIONS rtsp://a RTSP/1.0\r\n\r\n",
		"DESCRIBE rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Digest username=\"a\"\r\n\r\n", "DESCRIBE rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Basic !!!\r\n\r\n",
		"OPTIONS " + strings.Repeat("a", 1<<20),
		"OPTIONS rtsp://a RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n",
		good, good[len(good)/2:],
	} {
		w.say(noise)
	}
	for range 150 {
		b := []byte(good)
		for range 1 + random.IntN(6) {
			switch at := random.IntN(len(b)); random.IntN(3) {
			case 0:
				b[at] = byte(random.Uint32())
			case 1:
				b = append(b[:at], b[min(len(b), at+random.IntN(40)):]...)
			default:
				b = bytes.Join([][]byte{b[:at], b[at:min(len(b), at+random.IntN(60))], b[at:]}, nil)
			}
			if len(b) == 0 {
				break
			}
		}
		w.say(string(b))
	}
	for range 200 { // and at the ports of UDP
		for address := range w.packets {
			c, err := net.Dial("udp", address)
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, random.IntN(1400))
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			c.Write(b)
			c.Close()
		}
	}
	if n := w.Stats().Strangers; n < 5 {
		t.Errorf("%d strangers were counted", n)
	}
	eventually(t, "only one reads", func() bool { return w.Stats().Readers == 1 })
	n := got.count()
	eventually(t, "it reads on", func() bool { return got.count() > n+2 })
}

// say says something, closes that side, and takes what comes back for a moment.
func (w *world) say(what string) {
	c := w.dial()
	c.SetDeadline(time.Now().Add(50 * time.Millisecond))
	io.WriteString(c, what)
	c.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, c)
	c.Close()
}

func TestServerLetsNobodyInWithoutLogInFromTheNetwork(t *testing.T) {
	w := &world{t: t}
	for listen, good := range map[string]bool{":8554": false, "0.0.0.0:8554": false, "192.168.1.5:8554": false, "127.0.0.1:8554": true, "[::1]:8554": true, "localhost:8554": true} {
		if _, err := New(Options{Listen: listen, Open: true, Cameras: w}); (err == nil) != good {
			t.Errorf("%s: got %v", listen, err)
		}
	}
	if _, err := New(Options{Listen: ":8554", Cameras: w}); err == nil {
		t.Error("nobody knows who may read, and it begins")
	}
}

func TestReadersAreBounded(t *testing.T) {
	s, err := New(Options{Listen: ":0", Cameras: &world{}, Authenticate: (&world{}).authenticate})
	if err != nil {
		t.Fatal(err)
	}
	seats := func(from string) (n int) {
		for s.seat(new(gortsplib.ServerSession), &reading{from: address(&net.TCPAddr{IP: net.ParseIP(from)})}) {
			n++
		}
		return n
	}
	if a, b, c := seats("192.168.1.5"), seats("fd00::1"), seats("fd00::2"); a != mostOfOneAddress || b != mostOfOneAddress || c != 0 {
		t.Errorf("got %d, %d and %d readers of an address, want %d and none of the same /64", a, b, c, mostOfOneAddress)
	}
	if n := seats("127.0.0.1"); n != mostReaders-2*mostOfOneAddress {
		t.Errorf("got %d more, want %d in all", n, mostReaders)
	}
	d := newDoor(nil, &s.stats)
	n := 0
	for d.take(address(&net.TCPAddr{IP: net.ParseIP("192.168.1.5")})) {
		n++
	}
	if n != 2*mostOfOneAddress {
		t.Errorf("%d connections of an address", n)
	}
}
