package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary is v720dvr itself when asCommand is in its environment.
const asCommand = "TEST_BINARY_IS_V720DVR"

// asVersion in its environment is the version that it says it is, as -ldflags "-X main.version=…" does.
const asVersion = "TEST_BINARY_IS_VERSION"

// asResolver in its environment is the DNS server that it asks in place of the system's.
const asResolver = "TEST_BINARY_ASKS_RESOLVER"

// asHasty in its environment is how long its doctor gives a camera between two steps.
const asHasty = "TEST_BINARY_GIVES_CAMERAS"

func TestMain(m *testing.M) {
	if os.Getenv(asRelay) != "" {
		runAsRelay()
		os.Exit(0)
	}
	if os.Getenv(asCommand) != "" {
		version = cmp.Or(os.Getenv(asVersion), version)
		if at := os.Getenv(asResolver); at != "" {
			net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, at)
			}}
		}
		if limit, err := time.ParseDuration(os.Getenv(asHasty)); err == nil {
			opens = limit
		}
		os.Exit(execute(context.Background(), os.Args[1:]))
	}
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

// process is a v720dvr of its own.
type process struct {
	*exec.Cmd
	t      testing.TB
	stdout bytes.Buffer
	lines  chan string // of standard error
	mu     sync.Mutex
	log    strings.Builder
	reap   func() // waits for its end, once it was started
	base   string // where its page is; "" until somebody visited it
}

// command prepares a v720dvr that works in dir.
func command(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...), t: t, lines: make(chan string, 10_000)}
	p.Dir = dir
	p.Stdout = &p.stdout
	p.WaitDelay = 5 * time.Second
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "V720DVR_") {
			p.Env = append(p.Env, variable)
		}
	}
	p.Env = append(p.Env, asCommand+"=1")
	if len(args) > 0 && args[0] == "run" { // however full the disk is that this test runs on
		p.Env = append(p.Env, "V720DVR_RETENTION_MIN_FREE=1MB")
		p.Env = append(p.Env, "V720DVR_WEB_LISTEN=127.0.0.1:0") // and whatever else has page's port
	}
	return p
}

// start starts it and reads its standard error.
func (p *process) start() *process {
	p.t.Helper()
	stderr, err := p.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.reap = sync.OnceFunc(func() {
		for range p.lines { // to its end, before Wait closes the pipe
		}
		p.Wait()
	})
	// One that a test has left running writes into the test's folder until it is really gone.
	p.t.Cleanup(func() {
		p.Process.Kill()
		p.reap()
	})
	go func() {
		defer close(p.lines)
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			p.mu.Lock()
			p.log.WriteString(scanner.Text() + "\n")
			p.mu.Unlock()
			p.lines <- scanner.Text()
		}
	}()
	return p
}

// await reads standard error until a line fits.
func (p *process) await(pattern string) string {
	p.t.Helper()
	fits := regexp.MustCompile(pattern)
	limit := time.After(20 * time.Second)
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				p.t.Fatalf("no line like %q before the end; its log:\n%s", pattern, p.errors())
			}
			if fits.MatchString(line) {
				return line
			}
		case <-limit:
			p.t.Fatalf("no line like %q in time; its log:\n%s", pattern, p.errors())
		}
	}
}

// errors is what was written to standard error so far.
func (p *process) errors() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// end waits for its end and returns the exit code.
func (p *process) end() int {
	p.t.Helper()
	p.reap()
	return p.ProcessState.ExitCode()
}

// run starts it, waits for its end, and returns exit code, standard output and standard error.
func (p *process) run() (code int, stdout, stderr string) {
	p.t.Helper()
	code = p.start().end()
	return code, p.stdout.String(), p.errors()
}
