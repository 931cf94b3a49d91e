package cloudtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// came is a datagram that came, and when; times count from the start of the play.
type came struct {
	number   uint32
	sent, at time.Duration
}

// play sends numbered datagrams over a link, one each every, and gives what came of them.
func play(t *testing.T, seed int64, c Conditions, count int, every time.Duration) (n *Network, got []came) {
	t.Helper()
	n = NewNetwork(seed)
	n.SetConditions(cameraAddr, serverAddr, c)
	from, to, addr := sockets(t, n)
	began := time.Now()
	var b [12]byte
	read := func(until time.Time) {
		to.SetReadDeadline(until)
		for {
			size, _, err := to.ReadFromUDPAddrPort(b[:])
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return
			}
			if err != nil || size != len(b) {
				t.Fatalf("read %d bytes, %v", size, err)
			}
			got = append(got, came{binary.LittleEndian.Uint32(b[:]), time.Duration(binary.LittleEndian.Uint64(b[4:])), time.Since(began)})
		}
	}
	for i := range count {
		binary.LittleEndian.PutUint32(b[:], uint32(i))
		binary.LittleEndian.PutUint64(b[4:], uint64(time.Since(began)))
		if _, err := from.WriteToUDPAddrPort(b[:], addr); err != nil {
			t.Fatal(err)
		}
		if every > 0 || i%100 == 99 {
			read(time.Now().Add(max(every, time.Microsecond)))
		}
	}
	read(time.Now().Add(time.Second))
	return n, got
}

func TestLossHasItsShareAndItsRuns(t *testing.T) {
	const count = 50000
	for _, c := range []struct {
		Conditions
		run float64 // mean length
	}{
		{Conditions{Loss: 0.05}, 1 / 0.95},
		{Conditions{Loss: 0.2, Burst: 1}, 1 / 0.8},
		{Conditions{Loss: 0.05, Burst: 4}, 4},
		{Conditions{Loss: 0.2, Burst: 8}, 8},
		{Conditions{Loss: 0.9, Burst: 2}, 9}, // so much does not fit into runs of 2
		{Conditions{Loss: 1, Burst: 3}, count},
		{Conditions{Loss: 1}, count},
	} {
		for seed := range int64(3) {
			synctest.Test(t, func(t *testing.T) {
				n, got := play(t, seed, c.Conditions, count, 0)
				runs, last := 0, -1
				for _, d := range append(got, came{number: count}) {
					if int(d.number) != last+1 {
						runs++
					}
					last = int(d.number)
				}
				lost := count - len(got)
				// Five standard deviations of a share of runs so long.
				share, off := float64(lost)/count, 5*math.Sqrt(c.Loss*(1-c.Loss)*2*c.run/count)
				if math.Abs(share-c.Loss) > off {
					t.Errorf("%+v, seed %d: %.4f lost, want it within %.4f", c.Conditions, seed, share, off)
				}
				if run := float64(lost) / float64(runs); math.Abs(run-c.run) > 5*c.run/math.Sqrt(float64(runs)) {
					t.Errorf("%+v, seed %d: runs of %.2f, want %.2f", c.Conditions, seed, run, c.run)
				}
				if got, want := n.Traffic(), (Traffic{Sent: count, Lost: int64(lost)}); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			})
		}
	}
}

func TestDoubledAndLateDatagramsComeAsOftenAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const count = 20000
		c := Conditions{Latency: 5 * time.Millisecond, Doubled: 0.01, Late: 0.02, LateBy: 30 * time.Millisecond}
		n, got := play(t, 5, c, count, 10*time.Millisecond)
		copies := map[uint32]int{}
		late, overtaken, newest := 0, 0, uint32(0)
		for _, d := range got {
			copies[d.number]++
			switch took := d.at - d.sent; took {
			case c.Latency:
			case c.Latency + c.LateBy:
				late++
				if d.number < newest {
					overtaken++
				}
			default:
				t.Fatalf("datagram %d took %v", d.number, took)
			}
			newest = max(newest, d.number)
		}
		doubled := len(got) - len(copies)
		if len(copies) != count || late < 330 || late > 480 || doubled < 150 || doubled > 250 {
			t.Errorf("of %d datagrams %d came, %d of them twice and %d late; want all, 1 %% twice and 2 %% late", count, len(copies), doubled, late)
		}
		if overtaken < late-1 { // the last one has nobody behind it
			t.Errorf("%d of %d late ones were overtaken", overtaken, late)
		}
		if got, want := n.Traffic(), (Traffic{Sent: count, Doubled: int64(doubled), Late: int64(late)}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestAllChanceOfALinkFollowsFromTheSeed(t *testing.T) {
	c := Conditions{Latency: 3 * time.Millisecond, Jitter: 4 * time.Millisecond, Loss: 0.1, Burst: 3, Doubled: 0.05, Late: 0.05, LateBy: 20 * time.Millisecond}
	var plays [3][]came
	for i, seed := range []int64{8, 8, 9} {
		synctest.Test(t, func(t *testing.T) { _, plays[i] = play(t, seed, c, 2000, time.Millisecond) })
	}
	if !slices.Equal(plays[0], plays[1]) {
		t.Error("seed 8 played two networks")
	}
	if slices.Equal(plays[0], plays[2]) {
		t.Error("seeds 8 and 9 played the same network")
	}
}

// What becomes of a camera's datagrams does not hang on the other cameras.
func TestFlowsDoNotDisturbEachOther(t *testing.T) {
	var plays [2][]byte
	for i := range plays {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(2)
			n.SetDefault(Conditions{Loss: 0.3, Burst: 2})
			from, to, addr := sockets(t, n)
			neighbour, err := n.Host(netip.MustParseAddr("10.42.0.23")).ListenPacket("udp", ":0")
			if err != nil {
				t.Fatal(err)
			}
			defer neighbour.Close()
			for number := range 200 {
				for range i * number % 3 {
					neighbour.WriteToUDPAddrPort([]byte("x"), addr)
				}
				from.WriteToUDPAddrPort([]byte{byte(number)}, addr)
				to.SetReadDeadline(time.Now().Add(time.Millisecond))
				for {
					var b [1]byte
					_, sender, err := to.ReadFromUDPAddrPort(b[:])
					if err != nil {
						break
					}
					if sender.Addr() == cameraAddr {
						plays[i] = append(plays[i], b[0])
					}
				}
			}
		})
	}
	if len(plays[0]) < 100 || !slices.Equal(plays[0], plays[1]) {
		t.Errorf("alone %v came, beside another %v", plays[0], plays[1])
	}
}

func TestDefaultRulesLinksWithoutConditionsOfTheirOwn(t *testing.T) {
	n := NewNetwork(1)
	other := netip.MustParseAddr("10.42.0.23")
	n.SetConditions(cameraAddr, serverAddr, Conditions{})
	n.SetDefault(Conditions{Loss: 0.5})
	for _, c := range []struct {
		from, to netip.Addr
		loss     float64
	}{{cameraAddr, serverAddr, 0}, {serverAddr, cameraAddr, 0.5}, {other, serverAddr, 0.5}, {other, other, 0}} {
		if got := n.conditions(c.from, c.to).Loss; got != c.loss {
			t.Errorf("from %v to %v %v is lost, want %v", c.from, c.to, got, c.loss)
		}
	}
}

func TestDownLinkLosesDatagramsOneWay(t *testing.T) {
	for _, c := range []Conditions{{Down: true}, {DatagramsDown: true}} {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(1)
			from, to, addr := sockets(t, n)
			client, server := pair(t, n)
			b := make([]byte, 10)
			n.SetConditions(cameraAddr, serverAddr, c)
			from.WriteToUDPAddrPort([]byte("1"), addr)
			to.SetReadDeadline(time.Now().Add(time.Minute))
			if _, _, err := to.ReadFromUDPAddrPort(b); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%+v: read %v", c, err)
			}
			to.WriteToUDPAddrPort([]byte("2"), from.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort())
			if _, _, err := from.ReadFromUDPAddrPort(b); err != nil {
				t.Errorf("%+v: the other way: %v", c, err)
			}
			fmt.Fprint(client, "stream")
			server.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := server.Read(b); (err != nil) != c.Down {
				t.Errorf("%+v: read stream: %v", c, err)
			}
			if got, want := n.Traffic(), (Traffic{Sent: 2, Lost: 1}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestHeldLinkLetsEverythingGoAtOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Conditions{Latency: time.Millisecond, HeldUntil: time.Now().Add(time.Second)}
		_, got := play(t, 1, c, 150, 10*time.Millisecond)
		if len(got) != 150 {
			t.Fatalf("%d of 150 datagrams came", len(got))
		}
		for i, g := range got {
			if want := max(time.Second, g.sent+c.Latency); g.number != uint32(i) || g.at != want {
				t.Fatalf("datagram %d, sent at %v, came at %v as the %d-th, want it at %v", g.number, g.sent, g.at, i, want)
			}
		}
	})
}

func TestDialWaitsForTheLinkOrItsContext(t *testing.T) {
	for _, ways := range [][2]netip.Addr{{cameraAddr, serverAddr}, {serverAddr, cameraAddr}} {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(1)
			l, err := n.Host(serverAddr).Listen("tcp", ":80")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			n.SetConditions(ways[0], ways[1], Conditions{Down: true})
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			if _, err := n.Host(cameraAddr).DialContext(ctx, "tcp", "10.42.0.1:80"); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
				t.Errorf("dial gave %v after %v", err, time.Since(began))
			}
			up := time.AfterFunc(10*time.Second, func() { n.SetConditions(ways[0], ways[1], Conditions{}) })
			defer up.Stop()
			began = time.Now()
			conn, err := n.Host(cameraAddr).DialContext(t.Context(), "tcp", "10.42.0.1:80")
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took < 10200*time.Millisecond || took > 11*time.Second {
				t.Errorf("dial took %v, want 10s and a retransmission", took)
			}
			conn.Close()
		})
	}
}

func TestReboundSocketIsHeardFromAndReachedAtItsNewPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		from, to, addr := sockets(t, n)
		inner := addrPort(from.LocalAddr())
		seen := []netip.AddrPort{inner}
		for range 2 {
			outer := n.RebindUDP(inner)
			if slices.Contains(seen, outer) || outer.Addr() != cameraAddr {
				t.Fatalf("put at %v after %v", outer, seen)
			}
			seen = append(seen, outer)
			b := make([]byte, 10)
			from.WriteToUDPAddrPort([]byte("out"), addr)
			if size, sender, err := to.ReadFromUDPAddrPort(b); string(b[:size]) != "out" || sender != outer || err != nil {
				t.Errorf("got %q from %v, %v; want it from %v", b[:size], sender, err, outer)
			}
			to.WriteToUDPAddrPort([]byte("in"), outer)
			if size, _, err := from.ReadFromUDPAddrPort(b); string(b[:size]) != "in" || err != nil {
				t.Errorf("got %q, %v", b[:size], err)
			}
		}
		for _, old := range seen[:2] {
			to.WriteToUDPAddrPort([]byte("lost"), old)
		}
		if got := n.Traffic().Unheard; got != 2 {
			t.Errorf("%d datagrams unheard, want those to the 2 ports of before", got)
		}
		if addrPort(from.LocalAddr()) != inner {
			t.Errorf("the socket knows: %v", from.LocalAddr())
		}
		from.Close()
		to.WriteToUDPAddrPort([]byte("lost"), seen[2])
		if got := n.Traffic().Unheard; got != 3 {
			t.Error("a closed socket is still at its new port")
		}
		if got := n.RebindUDP(inner); got.IsValid() {
			t.Errorf("a closed socket was put at %v", got)
		}
	})
}

func TestADatagramCostsNoMemory(t *testing.T) {
	n := NewNetwork(1)
	n.SetDefault(Conditions{Loss: 0.1, Burst: 3, Doubled: 0.1})
	from, to, addr := sockets(t, n)
	b := make([]byte, headerSize+payloadSize)
	send := func() {
		for range 50 {
			from.WriteToUDPAddrPort(b, addr)
		}
		for s := to.(*socket); ; {
			if s.mu.Lock(); len(s.flying)+len(s.queue) == 0 {
				s.mu.Unlock()
				return
			}
			s.mu.Unlock()
			to.ReadFromUDPAddrPort(b)
		}
	}
	send()
	if allocs := testing.AllocsPerRun(100, send); allocs > 0 {
		t.Errorf("%v allocations for 50 datagrams", allocs)
	}
}
