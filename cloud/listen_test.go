package cloud

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

func TestListenBothTakesAnotherNumberWhereTheSystemChoosesAndNoneElse(t *testing.T) {
	tcp := func(address string) (net.Listener, error) { return net.Listen("tcp4", address) }
	for name, c := range map[string]struct {
		port  string
		taken int // how many numbers are taken on UDP
		tries int
		fails bool
	}{
		"free at once":                {"0", 0, 1, false},
		"three are taken":             {"0", 3, 4, false},
		"all are taken":               {"0", 1 << 30, listenTries, true},
		"a number that was asked for": {"fixed", 1 << 30, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			address := "127.0.0.1:0"
			if c.port == "fixed" {
				l, err := tcp(address)
				if err != nil {
					t.Fatal(err)
				}
				address = l.Addr().String()
				l.Close()
			}
			var asked []string
			l, p, err := listenBoth(address, tcp, func(at string) (net.PacketConn, error) {
				if asked = append(asked, at); len(asked) <= c.taken {
					return nil, &net.OpError{Op: "listen", Net: "udp4", Err: syscall.EADDRINUSE}
				}
				return net.ListenPacket("udp4", at)
			})
			if len(asked) != c.tries || c.fails != errors.Is(err, syscall.EADDRINUSE) || !c.fails && err != nil {
				t.Fatalf("asked for %d numbers (%s): %v; want %d", len(asked), strings.Join(asked, " "), err, c.tries)
			}
			if c.fails {
				again, err := tcp(asked[len(asked)-1])
				if err != nil {
					t.Fatalf("the number is held still: %v", err)
				}
				again.Close()
				return
			}
			defer l.Close()
			defer p.Close()
			if l.Addr().String() != p.LocalAddr().String() {
				t.Errorf("TCP at %v and UDP at %v", l.Addr(), p.LocalAddr())
			}
		})
	}
}
