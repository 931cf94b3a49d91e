package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// service is systemd's end of sd_notify(3).
type service struct {
	t *testing.T
	*net.UnixConn
}

func openService(t *testing.T) (service, string) {
	t.Helper()
	at := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: at, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return service{t, conn}, at
}

// told waits for the next message, a minute for all, and returns what it says of each variable.
func (s service) told() map[string]string {
	s.t.Helper()
	message := make([]byte, 4096)
	n, err := s.Read(message)
	if err != nil {
		s.t.Fatalf("nothing is told: %v", err)
	}
	words := map[string]string{}
	for line := range strings.Lines(string(message[:n])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		words[name] = value
	}
	return words
}

func TestSystemdIsToldThatItIsReadyThatItLivesAndThatItStops(t *testing.T) {
	t.Parallel()
	s, at := openService(t)
	p := command(t, t.TempDir(), "run", "--simulate", "1")
	p.Env = append(p.Env, "NOTIFY_SOCKET="+at, "WATCHDOG_USEC=100000")
	p.start()
	defer func() {
		p.Process.Kill()
		p.end()
	}()
	if first := s.told(); first["READY"] != "1" {
		t.Fatalf("got %q, want READY=1", first)
	}
	for {
		beat := s.told()
		if beat["WATCHDOG"] != "1" {
			t.Fatalf("got %q, want WATCHDOG=1", beat)
		}
		if beat["STATUS"] == "1 camera connected, 1 streaming." {
			break
		}
	}
	p.Process.Signal(syscall.SIGTERM)
	for {
		last := s.told()
		if last["STOPPING"] == "1" {
			break
		}
		if last["WATCHDOG"] != "1" {
			t.Fatalf("got %q, want STOPPING=1", last)
		}
	}
	if code := p.end(); code != exitDone {
		t.Errorf("exit code %d; its log:\n%s", code, p.errors())
	}
}

// What hangs is never taken for alive: the sign stands behind the look.
func TestNoSignOfLifeIsGivenWhileARoomHangs(t *testing.T) {
	s, at := openService(t)
	ctx, stop := context.WithCancel(t.Context())
	hangs, goes := make(chan struct{}), make(chan struct{})
	looks := 0
	look := func() string {
		if looks++; looks == 3 {
			close(hangs)
			<-goes
			return "after"
		}
		return "before"
	}
	done := make(chan error)
	go func() { done <- notifier{at, 2 * time.Millisecond}.run(ctx, look, slog.New(slog.DiscardHandler)) }()
	<-hangs
	for want := range []int{0, 1} { // READY and one sign have gone before
		if m := s.told(); m["STATUS"] != "before" {
			t.Fatalf("message %d: got %q", want, m)
		}
	}
	close(goes)
	if m := s.told(); m["STATUS"] != "after" {
		t.Errorf("got %q behind the look that hung, want nothing said meanwhile", m)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWatchdogOfAnotherProcessIsNotOurs(t *testing.T) {
	for _, test := range []struct {
		name, usec, pid string
		want            time.Duration
	}{
		{"ours", "60000000", "", time.Minute},
		{"ours by number", "60000000", "self", time.Minute},
		{"a parent's", "60000000", "1", 0},
		{"none", "", "", 0},
		{"no number", "soon", "", 0},
	} {
		if test.pid == "self" {
			test.pid = strconv.Itoa(os.Getpid())
		}
		t.Setenv("NOTIFY_SOCKET", "@here")
		t.Setenv("WATCHDOG_USEC", test.usec)
		t.Setenv("WATCHDOG_PID", test.pid)
		if n := newNotifier(); n.beat != test.want || n.socket != "@here" {
			t.Errorf("%s: got %+v, want a beat of %v", test.name, n, test.want)
		}
		if left, is := os.LookupEnv("NOTIFY_SOCKET"); is {
			t.Errorf("%s: NOTIFY_SOCKET=%s is left to commands of hooks", test.name, left)
		}
	}
}
