package cloud

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"v720dvr/cloud/v720"
)

// segment is one TCP segment's payload of the captured boot.
type segment struct {
	fromCamera bool
	data       []byte
}

func captured(t *testing.T, name string) (segments []segment) {
	t.Helper()
	f, err := os.Open("testdata/registration-" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		side, text, _ := strings.Cut(lines.Text(), " ")
		data, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		segments = append(segments, segment{side == "camera", data})
	}
	if len(segments) == 0 {
		t.Fatal("the capture is empty")
	}
	return segments
}

func dial(t *testing.T, addr net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func write(t *testing.T, c net.Conn, data []byte) {
	t.Helper()
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, c io.Reader, n int) []byte {
	t.Helper()
	data := make([]byte, n)
	if _, err := io.ReadFull(c, data); err != nil {
		t.Fatalf("read %d bytes: %v; got %x", n, err, data)
	}
	return data
}

// What changes from one conversation to the next in the answer to getA9ConfCheck.
var (
	dateField = regexp.MustCompile(`Date: [^\r]*`)
	jsonField = regexp.MustCompile(`"(tcpPort|host|currTime|pwd)":"?[^,"]*"?`)
	lengths   = regexp.MustCompile(`Content-Length: \d+`)
)

func TestBootstrapAnswersTheCapturedRequestToTheByte(t *testing.T) {
	s := startServer(t, Options{})
	segments := captured(t, "http")
	c := dial(t, s.Addrs().HTTP)
	write(t, c, segments[0].data)
	buf := make([]byte, 4096)
	n, err := c.Read(buf) // one write, one segment
	if err != nil {
		t.Fatal(err)
	}
	plain := func(answer []byte) string {
		answer = dateField.ReplaceAll(answer, []byte("Date"))
		answer = lengths.ReplaceAll(answer, []byte("Content-Length"))
		return string(jsonField.ReplaceAll(answer, []byte(`"$1":X`)))
	}
	if got, want := plain(buf[:n]), plain(segments[1].data); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	head, body, _ := bytes.Cut(buf[:n], []byte("\r\n\r\n"))
	want := "Content-Length: " + itoa(len(body)) + "\r\n"
	if !strings.Contains(string(head), want) || len(buf[:n]) >= 1024 {
		t.Errorf("%d bytes in all, body of %d, want %q in %q", n, len(body), want, head)
	}
}

func TestControlServesTheCapturedRegistration(t *testing.T) {
	s := startServer(t, Options{})
	segments := captured(t, "control")
	c := dial(t, s.Addrs().Control)
	write(t, c, segments[0].data)
	packages := v720.NewDecoder(c)
	p, err := packages.Next()
	if err != nil || string(p.Payload) != `{"code":101,"status":200}` {
		t.Fatalf("got %q, %v, want a 101", p.Payload, err)
	}
	// The captured server's 101 has the same header but for its length, and spaces in the JSON.
	p.Payload = segments[1].data[v720.HeaderSize:]
	if got := p.Append(nil); !bytes.Equal(got, segments[1].data) {
		t.Errorf("header is %x, want %x", got[:v720.HeaderSize], segments[1].data[:v720.HeaderSize])
	}
	for i, segment := range segments[2:] {
		if !segment.fromCamera {
			continue
		}
		write(t, c, segment.data)
		for {
			p, err := packages.Next()
			if err != nil {
				t.Fatalf("heartbeat %d is not answered: %v", i, err)
			}
			if p.Cmd == v720.CmdHeartbeat {
				break
			}
		}
	}
	if got := s.Cameras(); len(got) != 1 || got[0].Camera != "0800c00128F8" {
		t.Errorf("registered are %+v, want 0800c00128F8", got)
	}
}

func TestBrokerServesTheCapturedSession(t *testing.T) {
	seen := make(chan Sighting, 1000)
	s := startServer(t, Options{Sighted: func(x Sighting) { seen <- x }})
	c := dial(t, s.Addrs().MQTT)
	published := 0
	for _, segment := range captured(t, "mqtt") {
		if !segment.fromCamera {
			if got := read(t, c, len(segment.data)); !bytes.Equal(got, segment.data) {
				t.Fatalf("got %x, want %x", got, segment.data)
			}
			continue
		}
		if segment.data[0]>>4 == 3 {
			published++
		}
		write(t, c, segment.data)
	}
	for range published {
		select {
		case x := <-seen:
			if x.Camera != "0800c00128F8" || x.Firmware != "" && x.Firmware != "202212011602" {
				t.Errorf("got %+v", x)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("not every message was read")
		}
	}
}
