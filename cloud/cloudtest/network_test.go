package cloudtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// pair is an open stream between two hosts.
func pair(t *testing.T, n *Network) (client, server net.Conn) {
	t.Helper()
	l, err := n.Host(serverAddr).Listen("tcp", ":6123")
	if err != nil {
		t.Fatal(err)
	}
	client, err = n.Host(cameraAddr).DialContext(t.Context(), "tcp", "10.42.0.1:6123")
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func sockets(t *testing.T, n *Network) (from, to PacketConn, addr netip.AddrPort) {
	t.Helper()
	from, err := n.Host(cameraAddr).ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	to, err = n.Host(serverAddr).ListenPacket("udp", ":6123")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { from.Close(); to.Close() })
	return from, to, netip.AddrPortFrom(serverAddr, 6123)
}

func TestStreamGivesBytesInOrderHoweverTheyAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(7)
		n.SetConditions(cameraAddr, serverAddr, Conditions{Latency: 3 * time.Millisecond, Jitter: 20 * time.Millisecond})
		client, server := pair(t, n)
		want := make([]byte, 1<<20)
		lots := rand.New(rand.NewPCG(1, 1))
		for i := range want {
			want[i] = byte(lots.Uint32())
		}
		var writing sync.WaitGroup
		writing.Go(func() {
			for rest := want; len(rest) > 0; {
				part := min(len(rest), 1+lots.IntN(100<<10))
				if _, err := client.Write(rest[:part]); err != nil {
					t.Error(err)
				}
				rest = rest[part:]
			}
			client.Close()
		})
		got, err := io.ReadAll(server)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
		}
		writing.Wait()
	})
}

// Both ends write 64 KB before either reads: buffers must hold them.
func TestTwoWritersDoNotBlockEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t, NewNetwork(1))
		for _, conn := range []net.Conn{client, server} {
			if n, err := conn.Write(make([]byte, pipeSize)); n != pipeSize || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
		}
		if err := client.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := client.Write([]byte{1}); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a full stream took %d bytes, %v", n, err)
		}
	})
}

func TestConcurrentWritesAreNotMixed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t, NewNetwork(1))
		const size = 40 << 10
		var writing sync.WaitGroup
		for i := range 8 {
			writing.Go(func() {
				if _, err := client.Write(bytes.Repeat([]byte{byte(i)}, size)); err != nil {
					t.Error(err)
				}
			})
		}
		block := make([]byte, size)
		for range 8 {
			if _, err := io.ReadFull(server, block); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(block, bytes.Repeat(block[:1], size)) {
				t.Fatal("two writes are mixed")
			}
		}
		writing.Wait()
	})
}

func TestStreamDeadlinesAndClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		n.SetConditions(serverAddr, cameraAddr, Conditions{Latency: 50 * time.Millisecond})
		client, server := pair(t, n)
		buf := make([]byte, 10)

		began := time.Now()
		client.SetDeadline(began.Add(time.Second))
		_, err := client.Read(buf)
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) != time.Second {
			t.Errorf("read gave %v after %v, want a timeout after 1s", err, time.Since(began))
		}
		client.SetDeadline(time.Time{})

		began = time.Now()
		io.WriteString(server, "bye")
		server.Close()
		if n, err := client.Read(buf); string(buf[:n]) != "bye" || err != nil || time.Since(began) != 50*time.Millisecond {
			t.Errorf("got %q, %v after %v", buf[:n], err, time.Since(began))
		}
		if _, err := client.Read(buf); err != io.EOF {
			t.Errorf("got %v, want a bare EOF", err)
		}
		if _, err := client.Write(buf); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("write to who has gone: %v", err)
		}
		if _, err := server.Read(buf); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read of a closed stream: %v", err)
		}
		if _, err := server.Write(buf); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write to a closed stream: %v", err)
		}

		var reading sync.WaitGroup
		_, server = pair(t, NewNetwork(1))
		reading.Go(func() {
			if _, err := server.Read(buf); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a read that Close woke: %v", err)
			}
		})
		synctest.Wait()
		server.Close()
		reading.Wait()
	})
}

func TestDialTellsWhyItFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		camera := n.Host(cameraAddr)
		if _, err := camera.DialContext(t.Context(), "tcp", "10.42.0.1:80"); !errors.Is(err, syscall.EHOSTUNREACH) {
			t.Errorf("no such host: %v", err)
		}
		server := n.Host(serverAddr)
		if _, err := camera.DialContext(t.Context(), "tcp", "10.42.0.1:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("no such port: %v", err)
		}
		l, err := server.Listen("tcp", "10.42.0.1:80")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.Listen("tcp", ":80"); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("port taken: %v", err)
		}
		if _, err := server.Listen("tcp", "10.42.0.9:81"); !errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Errorf("another host's address: %v", err)
		}
		for range backlog {
			conn, err := camera.DialContext(t.Context(), "tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := camera.DialContext(ctx, "tcp", "10.42.0.1:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody accepts: %v", err)
		}
		l.Close()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept of a closed listener: %v", err)
		}
		if _, err := server.Listen("tcp", ":80"); err != nil {
			t.Errorf("the port is free again: %v", err)
		}
	})
}

func TestNetHTTPServesOverTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		n.SetConditions(cameraAddr, serverAddr, Conditions{Latency: time.Millisecond})
		l, err := n.Host(serverAddr).Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.RemoteAddr, " asks ", r.Context().Value(http.LocalAddrContextKey))
		})}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(l) })
		transport := &http.Transport{DialContext: n.Host(cameraAddr).DialContext}
		answer, err := (&http.Client{Transport: transport}).Get("http://10.42.0.1/")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || !bytes.HasPrefix(body, []byte("10.42.0.22:")) || !bytes.HasSuffix(body, []byte(" asks 10.42.0.1:80")) {
			t.Errorf("%q, %v", body, err)
		}
		answer.Body.Close()
		transport.CloseIdleConnections()
		server.Close()
		serving.Wait()
	})
}

func TestDatagramsComeInOrderWithTheirSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		n.SetConditions(cameraAddr, serverAddr, Conditions{Latency: 5 * time.Millisecond})
		from, to, addr := sockets(t, n)
		began := time.Now()
		for i := range 50 {
			if _, err := from.WriteToUDPAddrPort([]byte{byte(i), 1, 2}, addr); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 2) // too small: the rest is lost
		for i := range 50 {
			n, sender, err := to.ReadFromUDPAddrPort(buf)
			if err != nil || n != 2 || buf[0] != byte(i) || sender.String() != from.LocalAddr().String() {
				t.Fatalf("datagram %d: % x from %v, %v", i, buf[:n], sender, err)
			}
		}
		if after := time.Since(began); after != 5*time.Millisecond {
			t.Errorf("came after %v", after)
		}
		to.SetReadDeadline(time.Now().Add(time.Second))
		if _, _, err := to.ReadFromUDPAddrPort(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("nothing more: %v", err)
		}
		if _, err := from.WriteToUDPAddrPort(buf, netip.AddrPortFrom(serverAddr, 1)); err != nil {
			t.Errorf("nobody hears it, and nobody tells: %v", err)
		}
		if _, err := from.WriteToUDPAddrPort(make([]byte, datagramLimit+1), addr); !errors.Is(err, syscall.EMSGSIZE) {
			t.Errorf("too large: %v", err)
		}
		if got := n.Traffic(); got != (Traffic{Sent: 51, Unheard: 1}) {
			t.Errorf("%+v", got)
		}
		to.Close()
		if _, _, err := to.ReadFromUDPAddrPort(buf); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
		if _, err := to.WriteToUDPAddrPort(buf, addr); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

// Linux holds about 92 packages of a camera in a socket's default buffer, then drops what comes.
func TestFullSocketBufferDropsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		from, to, addr := sockets(t, n)
		const sent = 200
		for i := range sent {
			b := make([]byte, headerSize+payloadSize)
			b[0] = byte(i)
			if _, err := from.WriteToUDPAddrPort(b, addr); err != nil {
				t.Fatal(err)
			}
		}
		to.SetReadDeadline(time.Now().Add(time.Second))
		held := 0
		buf := make([]byte, 2048)
		for ; ; held++ {
			if _, _, err := to.ReadFromUDPAddrPort(buf); err != nil {
				break
			}
			if buf[0] != byte(held) {
				t.Fatalf("datagram %d is number %d: the oldest must stay", held, buf[0])
			}
		}
		if got := n.Traffic(); held < 85 || held > 100 || got.Dropped != int64(sent-held) {
			t.Errorf("the buffer held %d; %+v", held, got)
		}
	})
}

// A seed plays the same network again; another one does not.
func TestJitterFollowsFromTheSeed(t *testing.T) {
	play := func(seed int64) (order []byte, times []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(seed)
			n.SetConditions(cameraAddr, serverAddr, Conditions{Latency: 10 * time.Millisecond, Jitter: 20 * time.Millisecond})
			from, to, addr := sockets(t, n)
			began := time.Now()
			for i := range 100 {
				if _, err := from.WriteToUDPAddrPort([]byte{byte(i)}, addr); err != nil {
					t.Fatal(err)
				}
				pass(time.Millisecond)
			}
			buf := make([]byte, 10)
			to.SetReadDeadline(time.Now().Add(time.Second))
			for range 100 {
				if _, _, err := to.ReadFromUDPAddrPort(buf); err != nil {
					t.Fatal(err)
				}
				order, times = append(order, buf[0]), append(times, time.Since(began))
			}
		})
		return order, times
	}
	order, times := play(3)
	again, timesAgain := play(3)
	if !slices.Equal(order, again) || !slices.Equal(times, timesAgain) {
		t.Error("seed 3 played two networks")
	}
	if other, _ := play(4); slices.Equal(order, other) {
		t.Error("seeds 3 and 4 played the same network")
	}
	if slices.IsSorted(order) {
		t.Error("no datagram overtook another")
	}
}

func TestLoopbackGivesRealSockets(t *testing.T) {
	host := Loopback{}
	conn, err := host.ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, ok := conn.(*net.UDPConn); !ok || !addrPort(conn.LocalAddr()).Addr().IsLoopback() {
		t.Errorf("%T at %v", conn, conn.LocalAddr())
	}
	l, err := host.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := host.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if from := netip.MustParseAddrPort(client.LocalAddr().String()); from.Addr() != host.addr() {
		t.Errorf("dialled from %v", from)
	}
}

func BenchmarkDatagram(b *testing.B) {
	n := NewNetwork(1)
	from, _ := n.Host(cameraAddr).ListenPacket("udp", ":0")
	to, _ := n.Host(serverAddr).ListenPacket("udp", ":6123")
	addr := netip.AddrPortFrom(serverAddr, 6123)
	buf := make([]byte, headerSize+payloadSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := from.WriteToUDPAddrPort(buf, addr); err != nil {
			b.Fatal(err)
		}
		if _, _, err := to.ReadFromUDPAddrPort(buf); err != nil {
			b.Fatal(err)
		}
	}
}
