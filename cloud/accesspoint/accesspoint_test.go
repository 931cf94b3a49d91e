package accesspoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/cloud/card"
	"v720dvr/cloud/cloudtest"
)

// content is a file that can be as long as one likes: eight bytes tell their place.
type content struct{ seed, size int64 }

func (c content) ReadAt(b []byte, at int64) (n int, err error) {
	var eight [8]byte
	for n < len(b) && at+int64(n) < c.size {
		place := at + int64(n)
		binary.BigEndian.PutUint64(eight[:], uint64((place/8+c.seed)*0x9E3779B97F4A7C1))
		n += copy(b[n:min(len(b), n+int(c.size-place))], eight[place%8:])
	}
	if n < len(b) {
		err = io.EOF
	}
	return n, err
}

func (c content) hash() [32]byte {
	h := sha256.New()
	io.Copy(h, io.NewSectionReader(c, 0, c.size))
	return [32]byte(h.Sum(nil))
}

func cardFile(seed, size int64) cloudtest.CardFile {
	return cloudtest.CardFile{Size: size, Data: content{seed, size}}
}

func fullCard() map[string]cloudtest.CardFile {
	return map[string]cloudtest.CardFile{
		"20261121/23/59": cardFile(1, 1000), "20261122/00/00": cardFile(2, 1), "20261122/14/05": cardFile(3, 300_001), "20261122/14/06": cardFile(4, 4096),
	}
}

// start runs a camera on its own Wi-Fi until the test ends.
func start(t *testing.T, o cloudtest.AccessPointOptions) (*cloudtest.AccessPoint, Options) {
	t.Helper()
	o.Host, o.Listen = cloudtest.Loopback{}, "127.0.0.1:0"
	a, err := cloudtest.NewAccessPoint(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if refused := a.State().Refused; len(refused) > 0 {
			t.Errorf("the camera could not use %q", refused)
		}
	})
	zone := time.FixedZone("", 3600)
	return a, Options{Address: a.Addr().String(), Patience: 5 * time.Second, Now: func() time.Time { return time.Unix(1_700_000_000, 0).In(zone) }}
}

// odd is everything that a camera may do at once.
func odd(o cloudtest.AccessPointOptions) cloudtest.AccessPointOptions {
	o.Media, o.NUL, o.Piece = true, true, 77
	return o
}

func dial(t *testing.T, o Options) *Camera {
	t.Helper()
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestJoinTellsTheCameraTheWiFiAndBootsIt(t *testing.T) {
	for name, camera := range map[string]cloudtest.AccessPointOptions{"plain": {}, "odd": odd(cloudtest.AccessPointOptions{}), "mute": {Mute: true}} {
		a, o := start(t, camera)
		c := dial(t, o)
		const ssid, password = `Müller & "Söhne" <5G>`, "täglich 8 \\ Zeichen"
		j, err := c.Join(t.Context(), ssid, password)
		if err != nil || j.Answered == camera.Mute {
			t.Errorf("%s: %+v, %v", name, j, err)
		}
		// The camera is gone when it has booted; until then its state may not tell.
		if _, err := io.ReadAll(c.conn); err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
			t.Error(err)
		}
		s := a.State()
		if s.SSID != ssid || s.Password != password || s.Rebooted == camera.Mute || s.Clock != 1_700_003_600 {
			t.Errorf("%s: told %+v", name, s)
		}
	}
}

func TestPasswordsThatACameraDoesNotTakeAreNotSent(t *testing.T) {
	a, o := start(t, cloudtest.AccessPointOptions{})
	c := dial(t, o)
	for _, w := range []struct{ ssid, password, want string }{
		{"", "12345678", "1 to 32 bytes"}, {strings.Repeat("x", 33), "12345678", "this one 33"},
		{"home", "", "without a password"}, {"home", "1234567", "7 characters"}, {"home", strings.Repeat("ä", 37), "37 characters"},
		{"home", "12345678\n", "line end"},
	} {
		if _, err := c.Join(t.Context(), w.ssid, w.password); err == nil || !strings.Contains(err.Error(), w.want) {
			t.Errorf("%q %q: %v, want %q", w.ssid, w.password, err, w.want)
		}
	}
	if s := a.State(); s.SSID != "" {
		t.Errorf("the camera was told %q", s.SSID)
	}
	for _, n := range []int{8, 36} {
		if err := CheckNetwork("home", strings.Repeat("ä", n)); err != nil {
			t.Error(err)
		}
	}
}

func TestTheCardIsListedGotAndDeleted(t *testing.T) {
	for name, camera := range map[string]cloudtest.AccessPointOptions{"plain": {Card: fullCard()}, "odd": odd(cloudtest.AccessPointOptions{Card: fullCard()})} {
		t.Run(name, func(t *testing.T) {
			a, o := start(t, camera)
			c, ctx := dial(t, o), t.Context()
			dates, err := c.Dates(ctx)
			if err != nil || !slices.Equal(dates, []card.Date{"20261121", "20261122"}) {
				t.Errorf("dates %v, %v", dates, err)
			}
			day, err := c.Day(ctx, "20261122")
			if got := fmt.Sprint(day); err != nil || got != "[2026-11-22T00:00 2026-11-22T14:05 2026-11-22T14:06]" {
				t.Errorf("minutes %v, %v", got, err)
			}
			for minute, want := range map[string]content{"2026-11-22T14:05": {3, 300_001}, "2026-11-22T00:00": {2, 1}, "2026-11-22T14:06": {4, 4096}} {
				m, err := card.ParseMinute(minute)
				if err != nil {
					t.Fatal(err)
				}
				h := sha256.New()
				last := int64(0)
				file, err := c.Get(ctx, m, h, func(done, size int64) {
					if done < last || size != want.size {
						t.Errorf("progress %d of %d behind %d", done, size, last)
					}
					last = done
				})
				if err != nil || file.Size != want.size || !strings.HasPrefix(file.Name, "/sd/2026") || last != want.size {
					t.Errorf("%s: %+v, %v", minute, file, err)
				}
				if want := want.hash(); !bytes.Equal(h.Sum(nil), want[:]) {
					t.Errorf("%s: other bytes", minute)
				}
			}
			m := card.Minute{Date: "20261122", Hour: 14, Minute: 5}
			if err := c.Delete(ctx, m); err != nil {
				t.Error(err)
			}
			if err := c.Delete(ctx, m); !errors.Is(err, card.NoSuchFile) {
				t.Errorf("deleted twice: %v", err)
			}
			if err := c.Delete(ctx, card.Minute{Date: "20261121", Hour: 23, Minute: 59}); err != nil { // the last of its day
				t.Error(err)
			}
			if _, err := c.Get(ctx, m, io.Discard, nil); !errors.Is(err, card.NoSuchFile) {
				t.Errorf("got what was deleted: %v", err)
			}
			if s := a.State(); !slices.Equal(s.Deleted, []string{"20261122/14/05", "20261121/23/59"}) {
				t.Errorf("deleted %v", s.Deleted)
			}
			if camera.Media == (c.Passed == 0) {
				t.Errorf("%d packages passed over", c.Passed)
			}
		})
	}
}

func TestWhatTheCameraSaysOfItsCardIsToldAsItIs(t *testing.T) {
	_, o := start(t, cloudtest.AccessPointOptions{})
	c := dial(t, o)
	if _, err := c.Dates(t.Context()); !errors.Is(err, card.Missing) {
		t.Errorf("without a card: %v", err)
	}
	_, o = start(t, cloudtest.AccessPointOptions{Card: fullCard(), Stubborn: true})
	c = dial(t, o)
	if err := c.Delete(t.Context(), card.Minute{Date: "20261122", Hour: 14, Minute: 5}); err == nil || !strings.Contains(err.Error(), "has it still") {
		t.Errorf("a camera that deletes nothing: %v", err)
	}
	short := fullCard()["20261122/14/05"]
	short.Short = 10
	_, o = start(t, cloudtest.AccessPointOptions{Card: map[string]cloudtest.CardFile{"20261122/14/05": short}})
	c = dial(t, o)
	if _, err := c.Get(t.Context(), card.Minute{Date: "20261122", Hour: 14, Minute: 5}, io.Discard, nil); !errors.Is(err, card.ErrCut) {
		t.Errorf("a file that is shorter than told: %v", err)
	}
}

func TestDialSaysWhatToDoWhenNoCameraIsThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Address: l.Addr().String(), Patience: 50 * time.Millisecond}
	go func() { // a camera that says nothing
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	if _, err := Dial(t.Context(), o); !errors.Is(err, card.ErrNoAnswer) {
		t.Errorf("silent: %v", err)
	}
	l.Close()
	if _, err := Dial(t.Context(), o); !errors.Is(err, ErrNotThere) || !strings.Contains(err.Error(), "Nax_") {
		t.Errorf("nobody: %v", err)
	}
}

// 200 MB with the connection broken in the midst of a package, twice: byte for byte, and memory does not
// grow with the file.
func TestAFileIsFetchedByteForByteThroughBrokenConnections(t *testing.T) {
	const size = 200<<20 + 7
	file := content{9, size}
	a, o := start(t, cloudtest.AccessPointOptions{
		Card: map[string]cloudtest.CardFile{"20261122/14/05": {Size: size, Data: file}}, Media: true, Break: []int64{100<<20 + 1, 150<<20 + 5},
	})
	path := filepath.Join(t.TempDir(), "05.avi")
	var most uint64
	told := int64(0)
	_, err := Fetch(t.Context(), o, card.Minute{Date: "20261122", Hour: 14, Minute: 5}, path, func(done, _ int64) {
		if done-told > 16<<20 || done < told {
			told = done
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if most > 32<<20 {
		t.Errorf("%d MB of memory in use", most>>20)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	n, _ := io.Copy(h, f)
	if want := file.hash(); n != size || !bytes.Equal(h.Sum(nil), want[:]) {
		t.Errorf("%d bytes, want %d and the camera's own", n, int64(size))
	}
	if _, err := os.Stat(path + ".part"); !os.IsNotExist(err) {
		t.Errorf("the beginning is left behind: %v", err)
	}
	// What was sent before the last conversation came twice: the protocol knows no offset.
	if s := a.State(); s.Hello != 3 || s.Sent < size+250<<20 || s.Mixed < 1000 {
		t.Errorf("%d conversations, want 3; %d bytes of files, media between %d times", s.Hello, s.Sent, s.Mixed)
	}
}

// A link on which TCP has to repair what is lost: it is slow, what comes comes in small pieces, and nothing for seconds.
func TestAFileIsFetchedByteForByteOverALinkThatIsSlowStallsAndBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := cloudtest.NewNetwork(1)
		slow := cloudtest.Conditions{Latency: 80 * time.Millisecond, Jitter: 60 * time.Millisecond}
		network.SetDefault(slow)
		a, err := cloudtest.NewAccessPoint(odd(cloudtest.AccessPointOptions{
			Host: network.Host(netip.MustParseAddr("192.168.169.1")), Listen: Address, Card: fullCard(), Break: []int64{100_001},
		}))
		if err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()

		o := Options{Patience: 5 * time.Second, Dial: network.Host(netip.MustParseAddr("192.168.169.2")).DialContext}
		path := filepath.Join(t.TempDir(), "05.avi")
		stalls := []int64{250_000, 200_000, 50_000}
		begun := time.Now()
		_, err = Fetch(t.Context(), o, card.Minute{Date: "20261122", Hour: 14, Minute: 5}, path, func(done, _ int64) {
			if last := len(stalls) - 1; last >= 0 && done >= stalls[last] {
				stalls = stalls[:last]
				network.SetDefault(cloudtest.Conditions{Down: true})
				time.AfterFunc(3*time.Second, func() { network.SetDefault(slow) })
			}
		})
		if err != nil {
			t.Error(err)
		}
		want := make([]byte, 300_001)
		content{3, 300_001}.ReadAt(want, 0)
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, %v; want the camera's %d", len(got), err, len(want))
		}
		if took := time.Since(begun); took < 9*time.Second || len(stalls) > 0 {
			t.Errorf("it took %v, and %d stalls were left: the link was not as bad as it should be", took, len(stalls))
		}
		if s := a.State(); s.Hello != 2 || s.Mixed == 0 || len(s.Refused) > 0 {
			t.Errorf("want two conversations with media between, got %+v", s)
		}
		leave()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAFileThatIsOtherThanItsBeginningIsWrittenAnew(t *testing.T) {
	_, o := start(t, cloudtest.AccessPointOptions{Card: fullCard()})
	want := make([]byte, 300_001)
	content{3, 300_001}.ReadAt(want, 0)
	for name, part := range map[string][]byte{
		"nothing": nil, "a beginning": want[:100_000], "all": want, "more": append(slices.Clone(want), "more"...), "another": bytes.Repeat([]byte("x"), 200_000),
		"another from a place on": append(slices.Clone(want[:99_999]), bytes.Repeat([]byte("x"), 300_000)...),
	} {
		path := filepath.Join(t.TempDir(), "05.avi")
		if err := os.WriteFile(path+".part", part, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Fetch(t.Context(), o, card.Minute{Date: "20261122", Hour: 14, Minute: 5}, path, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v; want the camera's %d", name, len(got), err, len(want))
		}
	}
}

func TestFetchGivesUpAndKeepsWhatItHas(t *testing.T) {
	breaks := slices.Repeat([]int64{5000}, 100)
	_, o := start(t, cloudtest.AccessPointOptions{Card: fullCard(), Break: breaks})
	o.Patience = 100 * time.Millisecond
	path := filepath.Join(t.TempDir(), "05.avi")
	_, err := Fetch(t.Context(), o, card.Minute{Date: "20261122", Hour: 14, Minute: 5}, path, nil)
	if !errors.Is(err, card.ErrCut) {
		t.Errorf("got %v, want that it was cut off", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("there is a file that is not whole: %v", err)
	}
	if info, err := os.Stat(path + ".part"); err != nil || info.Size() != 4096 {
		t.Errorf("kept: %v, %v", info, err)
	}
}
