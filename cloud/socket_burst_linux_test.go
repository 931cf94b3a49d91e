package cloud

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
)

func TestBurstsGiveEveryDatagramInOrderWithItsSender(t *testing.T) {
	for _, c := range []struct{ network, listen, to string }{
		{"udp", "127.0.0.1:0", "127.0.0.1"},
		{"udp", "[::]:0", "127.0.0.1"}, // a mapped address
		{"udp", "[::1]:0", "::1"},
	} {
		t.Run(c.listen, func(t *testing.T) {
			conn, err := listenUDP(c.network, c.listen, slog.New(slog.DiscardHandler))
			if err != nil {
				if c.to == "::1" {
					t.Skipf("SKIPPED: this machine has no IPv6: %v", err)
				}
				t.Fatal(err)
			}
			defer conn.Close()
			to := netip.AddrPortFrom(netip.MustParseAddr(c.to), portOf(conn.LocalAddr()))
			var senders []*net.UDPConn
			next := make(map[netip.AddrPort]uint32)
			for range 2 {
				s, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				senders = append(senders, s)
				from := s.LocalAddr().(*net.UDPAddr).AddrPort()
				next[netip.AddrPortFrom(from.Addr().Unmap(), from.Port())] = 0
			}
			const each = 300
			go func() {
				for i := range each {
					for n, s := range senders {
						// 4 bytes and more than is read, by turns
						datagram := append(binary.BigEndian.AppendUint32(nil, uint32(i)), bytes.Repeat([]byte{byte(n)}, i%2*3000)...)
						if _, err := s.Write(datagram); err != nil {
							t.Error(err)
						}
					}
				}
			}()
			buf := make([]byte, datagramSize)
			for range each * len(senders) {
				n, from, err := conn.ReadFromUDPAddrPort(buf)
				if err != nil {
					t.Fatal(err)
				}
				from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
				want, known := next[from]
				if got := binary.BigEndian.Uint32(buf); !known || got != want || n != 4 && n != datagramSize {
					t.Fatalf("got datagram %d of %v with %d bytes, want %d", got, from, n, want)
				}
				next[from]++
			}
		})
	}
}

func TestABurstEndsWithItsSocket(t *testing.T) {
	conn, err := listenUDP("udp", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, _, err := conn.ReadFromUDPAddrPort(make([]byte, datagramSize))
		ended <- err
	}()
	conn.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want %v", err, net.ErrClosed)
	}
}

func BenchmarkBurst(b *testing.B) {
	conn, err := listenUDP("udp", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	far, err := net.DialUDP("udp", nil, conn.LocalAddr().(*net.UDPAddr))
	if err != nil {
		b.Fatal(err)
	}
	defer far.Close()
	datagram, buf := make([]byte, 1024), make([]byte, datagramSize)
	b.ReportAllocs()
	for b.Loop() {
		for range 20 {
			if _, err := far.Write(datagram); err != nil {
				b.Fatal(err)
			}
		}
		for range 20 {
			if _, _, err := conn.ReadFromUDPAddrPort(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
}
