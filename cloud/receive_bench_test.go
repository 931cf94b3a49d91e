package cloud

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// replay is a socket that plays the same datagrams again and again, with ids that go on, as many
// as it is asked for.
type replay struct {
	datagrams [][]byte
	from      netip.AddrPort
	left      int
	id        uint32
	sent      int
}

func (r *replay) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	if r.left == 0 {
		return 0, netip.AddrPort{}, net.ErrClosed
	}
	r.left--
	n := copy(b, r.datagrams[int(r.id)%len(r.datagrams)])
	b[16], b[17], b[18], b[19] = byte(r.id), byte(r.id>>8), byte(r.id>>16), byte(r.id>>24)
	r.id++
	return n, r.from, nil
}

func (r *replay) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	r.sent++
	return len(b), nil
}

func (r *replay) LocalAddr() net.Addr { return &net.UDPAddr{Port: 6123} }
func (r *replay) Close() error        { return nil }

type discard struct{ frames int }

func (d *discard) Frame(camera.Frame) { d.frames++ }
func (d *discard) Audio(camera.Audio) {}
func (d *discard) Event(camera.Event) {}

// BenchmarkReceive is what a datagram costs from the socket's read to the sink, without the system
// call: an 18 KB picture in 18 packages and one of sound, again and again. Of the two allocations of
// the whole, one is the picture's own bytes and one the sound's.
func BenchmarkReceive(b *testing.B) {
	var datagrams [][]byte
	jpeg := make([]byte, 18*1004-5)
	copy(jpeg, []byte{0xFF, 0xD8})
	copy(jpeg[len(jpeg)-2:], []byte{0xFF, 0xD9})
	jpeg = append(jpeg, 0, byte(len(jpeg)), byte(len(jpeg)>>8), 0, 0)
	for i := range 18 {
		flag := v720.FlagBody
		switch i {
		case 0:
			flag = v720.FlagHead
		case 17:
			flag = v720.FlagEnd
		}
		datagrams = append(datagrams, v720.Packet{Cmd: v720.CmdJPEG, Flag: flag, Payload: jpeg[i*1004 : (i+1)*1004]}.Append(nil))
	}
	datagrams = append(datagrams, v720.Packet{Cmd: v720.CmdALaw, Flag: v720.FlagFinish, Payload: make([]byte, 800)}.Append(nil))

	// The stream's clock runs as a camera's does: 19 packages in 100 ms.
	socket := &replay{datagrams: datagrams, from: port1}
	sink := &discard{}
	s, err := New(Options{Sink: sink, Registry: &registry{}, Now: func() time.Time {
		return began.Add(time.Duration(socket.id) * 100 * time.Millisecond / 19)
	}})
	if err != nil {
		b.Fatal(err)
	}
	s.media = socket
	conn, far := net.Pipe()
	defer far.Close()
	l := newLink(s, "0800c00128F8", conn, began)
	s.links[l.camera], s.routes[port1] = l, l
	l.session.media = port1

	socket.left = b.N
	b.SetBytes(int64(len(datagrams[1])))
	b.ReportAllocs()
	b.ResetTimer()
	s.receive()
	b.StopTimer()
	if pictures := b.N / 19; pictures > 10 && (sink.frames < pictures-10 || socket.sent < pictures) {
		b.Fatalf("%d frames, %d confirms of %d pictures", sink.frames, socket.sent, pictures)
	}
}
