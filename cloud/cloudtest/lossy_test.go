package cloudtest

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestLossyLinkLosesItsShareInEachDirection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := NewNetwork(1)
		open := func(host Host) PacketConn {
			conn, err := host.ListenPacket("udp", ":6123")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			return conn
		}
		here, there := netip.MustParseAddr("10.42.0.1"), netip.MustParseAddr("10.42.0.2")
		link := NewLossy(network.Host(here), 0.25, 1)
		near, far := open(link), open(network.Host(there))
		pass := func(from, to PacketConn, at netip.Addr) (came int) {
			b := make([]byte, 10)
			for range 2000 {
				if _, err := from.WriteToUDPAddrPort([]byte("x"), netip.AddrPortFrom(at, 6123)); err != nil {
					t.Fatal(err)
				}
				_ = to.SetReadDeadline(time.Now().Add(time.Millisecond))
				if n, _, err := to.ReadFromUDPAddrPort(b); err == nil && n == 1 {
					came++
				}
			}
			return came
		}
		if out, in := pass(near, far, there), pass(far, near, here); min(out, in) < 1400 || max(out, in) > 1600 {
			t.Errorf("%d and %d of 2000 came, want 1500 or so", out, in)
		}
		link.Lose(1)
		if came := pass(near, far, there); came > 0 {
			t.Errorf("%d came over a link that is down", came)
		}
	})
}
