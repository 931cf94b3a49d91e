package cloud

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
)

// crowded opens a socket with next to no buffer and sends it more than it holds.
func crowded(t *testing.T) udpSocket {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := udpSocket{conn}
	if err := s.SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	far, err := net.DialUDP("udp", nil, conn.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	for range 100 {
		if _, err := far.Write(make([]byte, 1024)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestDatagramsThatTheSystemDroppedAreCounted(t *testing.T) {
	s := &Server{media: crowded(t)}
	if n := s.Drops(); n < 90 || n > 100 {
		t.Errorf("%d of 100 datagrams for a socket with room for a few were dropped", n)
	}
}

func TestASmallSocketBufferIsWarnedOfWithWhatToDo(t *testing.T) {
	var log bytes.Buffer
	warnOfSmallBuffer(crowded(t), slog.New(slog.NewTextHandler(&log, nil)))
	if got := log.String(); !strings.Contains(got, "sysctl -w net.core.rmem_max=8388608") || !strings.Contains(got, "granted=4096") {
		t.Errorf("the log says %q", got)
	}
}

func TestTheMediaSocketHasTheBufferThatItSays(t *testing.T) {
	var log bytes.Buffer
	conn, err := listenUDP("udp", "127.0.0.1:0", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	granted, err := conn.(kernelSocket).buffer()
	if err != nil {
		t.Fatal(err)
	}
	if warned := log.Len() > 0; granted <= 0 || warned != (granted < mediaBuffer) {
		t.Errorf("granted %d of %d bytes, warned: %t", granted, mediaBuffer, warned)
	}
}
