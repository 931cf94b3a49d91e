package cloudtest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestStreamOverALinkThatComesAndGoesGivesAllBytesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(3)
		up := Conditions{Latency: 20 * time.Millisecond, Jitter: 30 * time.Millisecond}
		n.SetConditions(cameraAddr, serverAddr, up)
		client, server := pair(t, n)
		want := make([]byte, 600<<10)
		lots := rand.New(rand.NewPCG(1, 1))
		for i := range want {
			want[i] = byte(lots.Uint32())
		}
		var running sync.WaitGroup
		running.Go(func() {
			for rest := want; len(rest) > 0; {
				part := min(len(rest), 1+lots.IntN(3000))
				if _, err := client.Write(rest[:part]); err != nil {
					t.Error(err)
				}
				rest = rest[part:]
				pass(time.Duration(lots.IntN(10)) * time.Millisecond)
			}
			client.Close()
		})
		running.Go(func() {
			weather := rand.New(rand.NewPCG(2, 2))
			for range 40 {
				n.SetConditions(cameraAddr, serverAddr, Conditions{Down: true})
				pass(time.Duration(weather.IntN(500)) * time.Millisecond)
				n.SetConditions(cameraAddr, serverAddr, up)
				pass(time.Duration(weather.IntN(1500)) * time.Millisecond) // at times less than a retransmission takes
			}
		})
		got, err := io.ReadAll(server)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
		}
		running.Wait()
	})
}

func TestDownLinkHoldsAStreamUntilItIsUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		up := Conditions{Latency: 50 * time.Millisecond}
		n.SetConditions(cameraAddr, serverAddr, up)
		client, server := pair(t, n)
		io.WriteString(client, "on its way")
		pass(10 * time.Millisecond)
		n.SetConditions(cameraAddr, serverAddr, Conditions{Down: true})
		if _, err := client.Write(make([]byte, pipeSize-len("on its way"))); err != nil {
			t.Fatal(err) // a sender's buffer takes so much
		}
		client.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := client.Write([]byte("more")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the buffer took more: %v", err)
		}
		server.SetReadDeadline(time.Now().Add(time.Hour))
		if size, err := server.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d bytes came over a link that is down, %v", size, err)
		}
		server.SetReadDeadline(time.Time{})
		client.SetWriteDeadline(time.Time{})

		began := time.Now()
		var writing sync.WaitGroup
		writing.Go(func() { // blocks until there is room
			io.WriteString(client, "more")
			client.Close()
		})
		var opening sync.WaitGroup
		opening.Go(func() {
			pass(time.Minute)
			n.SetConditions(cameraAddr, serverAddr, up)
		})
		size, err := server.Read(make([]byte, 1))
		if took := time.Since(began) - time.Minute; size != 1 || err != nil || took < 200*time.Millisecond || took > 1050*time.Millisecond {
			t.Errorf("%d bytes, %v, %v after the link was up", size, err, took)
		}
		all, err := io.ReadAll(server)
		if len(all) != pipeSize-1+len("more") || err != nil || !bytes.HasPrefix(all, []byte("n its way")) || !bytes.HasSuffix(all, []byte("more")) {
			t.Errorf("%d bytes then, %v", len(all), err)
		}
		writing.Wait()
		opening.Wait()
	})
}

// Who is cut off does not hear that the other end has closed before the link is up again.
func TestClosingCrossesTheLinkLikeBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		client, server := pair(t, n)
		n.SetDefault(Conditions{Down: true})
		server.Close()
		client.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		if _, err := io.WriteString(client, "into the void"); err != nil {
			t.Errorf("write: %v", err)
		}
		client.SetReadDeadline(time.Time{})
		var writing sync.WaitGroup
		writing.Go(func() {
			if _, err := client.Write(make([]byte, pipeSize)); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("a write that waits for room gave %v", err)
			}
		})
		began := time.Now()
		n.SetDefault(Conditions{})
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read: %v", err)
		}
		if took := time.Since(began); took < 200*time.Millisecond || took > time.Second {
			t.Errorf("heard it after %v", took)
		}
		writing.Wait()
	})
}

func TestCutStreamsResetsBothEndsAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		n.SetConditions(cameraAddr, serverAddr, Conditions{Latency: 10 * time.Millisecond})
		client, server := pair(t, n)
		other := netip.MustParseAddr("10.42.0.23")
		l, err := n.Host(serverAddr).Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		bystander, err := n.Host(other).DialContext(t.Context(), "tcp", "10.42.0.1:80")
		if err != nil {
			t.Fatal(err)
		}
		defer bystander.Close()
		io.WriteString(client, "arrived")
		pass(15 * time.Millisecond)
		io.WriteString(client, " and under way")

		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a read that waits gave %v", err)
			}
		})
		waiting.Go(func() {
			if _, err := client.Write(make([]byte, 2*pipeSize)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a write that waits gave %v", err)
			}
		})
		synctest.Wait()
		n.CutStreams(cameraAddr, serverAddr)
		waiting.Wait()
		b := make([]byte, 100)
		if size, err := server.Read(b); string(b[:size]) != "arrived" || err != nil {
			t.Errorf("read %q, %v", b[:size], err)
		}
		for _, conn := range []net.Conn{client, server} {
			if _, err := conn.Write(b); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("write: %v", err)
			}
		}
		n.SetDefault(Conditions{Down: true}) // must bring nothing back
		n.SetDefault(Conditions{})
		pass(2 * time.Second)
		if size, err := server.Read(b); size != 0 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read %q, %v", b[:size], err)
		}
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer accepted.Close()
		if _, err := io.WriteString(bystander, "here"); err != nil {
			t.Error(err)
		}
		if size, err := accepted.Read(b); string(b[:size]) != "here" || err != nil {
			t.Errorf("another stream gave %q, %v", b[:size], err)
		}
	})
}

func TestNothingIsHeardOfAStreamThatVanished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t, NewNetwork(1))
		io.WriteString(client, "last words")
		client.(*stream).vanish()
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write: %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read: %v", err)
		}
		b := make([]byte, 100)
		if size, err := server.Read(b); string(b[:size]) != "last words" || err != nil {
			t.Errorf("read %q, %v", b[:size], err)
		}
		server.SetDeadline(time.Now().Add(time.Hour))
		if _, err := server.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		server.SetDeadline(time.Now().Add(time.Hour))
		if size, err := server.Write(make([]byte, 2*pipeSize)); size != pipeSize || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("wrote %d, %v; want what a sender's buffer takes", size, err)
		}
	})
}

func TestNetworkForgetsStreamsThatAreOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1)
		for _, over := range []func(client, server net.Conn){
			func(client, server net.Conn) { client.Close(); client.Close(); server.Close() },
			func(client, server net.Conn) { client.(*stream).vanish(); client.Close(); server.Close() },
			func(net.Conn, net.Conn) { n.CutStreams(serverAddr, cameraAddr) },
			func(client, server net.Conn) { client.(*stream).reset(); client.Close(); server.Close() },
		} {
			client, server := pair(t, n)
			if len(n.connections) != 1 {
				t.Errorf("%d streams, want 1", len(n.connections))
			}
			over(client, server)
			if len(n.connections) != 0 {
				t.Errorf("%d streams are still known", len(n.connections))
			}
		}
	})
}
