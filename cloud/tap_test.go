package cloud

import (
	"bytes"
	"context"
	"net/netip"
	"testing"

	"v720dvr/cloud/capture"
)

func TestNothingIsAllocatedOnAFramesPathWithoutACapture(t *testing.T) {
	s := startServer(t, Options{})
	datagram, from := make([]byte, 1024), netip.MustParseAddrPort("192.168.1.7:43258")
	if n := testing.AllocsPerRun(1000, func() { s.tapIn(from, datagram); s.tapOut(from, datagram) }); n > 0 {
		t.Errorf("%v allocations a package", n)
	}
}

func TestACaptureHoldsTheBootstrapToTheByteAndOneGoesOnAtATime(t *testing.T) {
	s := startServer(t, Options{})
	write, err := s.BeginCapture(capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginCapture(capture.Options{}); err != ErrCapturing {
		t.Errorf("a second one: %v", err)
	}
	asked := captured(t, "http")[0].data
	c := dial(t, s.Addrs().HTTP)
	if _, err := c.Write(asked); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := c.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	s.EndCapture()
	var file bytes.Buffer
	if err := write(context.Background(), &file); err != nil {
		t.Fatal(err)
	}
	got, _, err := capture.Read(&file)
	if err != nil || len(got) != 1 || len(got[0].Turns) != 2 {
		t.Fatalf("%v, %+v", err, got)
	}
	if turns := got[0].Turns; !bytes.Equal(turns[0].Data, asked) || !bytes.Equal(turns[1].Data, answer[:n]) || got[0].Client != addrPortOf(c.LocalAddr()) {
		t.Errorf("captured %+v", got[0])
	}
	if _, err := s.BeginCapture(capture.Options{}); err != nil {
		t.Errorf("after it: %v", err)
	}
}
