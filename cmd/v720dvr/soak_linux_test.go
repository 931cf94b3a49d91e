package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/web"
)

// soak is a recorder, in a process of its own, that everything happens to, and what its cameras sent.
type soak struct {
	t       *testing.T
	dir     string
	random  *rand.Rand
	p       *process
	address netip.Addr // of the recorder: the same at each start
	volume  bool       // the recordings have a volume of their own, which can be filled

	links   []*cloudtest.Lossy
	cameras []*cloudtest.Camera
	judge   *soakJudge
	begun   time.Time // of the recorder that runs
	log     []string  // the end of what each recorder said
	life    []soakUse // of it

	starts, kills, reboots, cuts, fulls, configs int
	most, grown                                  soakUse // what one recorder had, and grew by, at most
}

const (
	soakLoss   = 0.05
	soakVolume = 400 << 20 // bytes: 4 minutes of six cameras stay
)

// soakLength is 25 s with two cameras, or V720DVR_TEST_SOAK with six (`make soak`: 1h).
func soakLength(t *testing.T) (length time.Duration, cameras int) {
	t.Helper()
	text := os.Getenv("V720DVR_TEST_SOAK")
	if text == "" {
		return 25 * time.Second, 2
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return length, 6
}

// Cameras behind bad links, which reboot and go; a recorder that is killed, stopped and told otherwise, with a disk
// that is full at times and never holds more than minutes; and somebody who watches. All along each segment that is
// committed is held against what the cameras sent: every picture is one of them, byte for byte, once, in order and
// at its time, and one that is missing is marked as lost or lies in a gap. `check` is clean after each end, and a
// recorder does not grow.
func TestSoakHoldsWhateverHappens(t *testing.T) {
	t.Parallel()
	if testing.Short() && os.Getenv("V720DVR_TEST_ALL") == "" {
		t.Skip("films in real time")
	}
	length, cameras := soakLength(t)
	seed := uint64(4) // of its troubles a short run has one of most kinds
	if length > time.Minute || os.Getenv("V720DVR_TEST_SEED") != "" {
		_, seed = crashes(t)
	}
	t.Logf("%v of %d cameras with %.0f %% loss, V720DVR_TEST_SEED=%d", length, cameras, 100*soakLoss, seed)
	s := &soak{
		t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 720)), judge: newSoakJudge(t),
		address: netip.AddrFrom4([4]byte{127, 72, byte(os.Getpid() >> 8), byte(os.Getpid()) | 1}),
	}
	s.volume = tmpfs(t, filepath.Join(s.dir, "recordings"), soakVolume)
	s.configure(5 * time.Second)
	s.start()
	for i := range cameras {
		s.plugIn(i)
	}
	end := time.Now().Add(length)
	watching, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.watch(watching) })
	for each := min(length/5, 20*time.Second); time.Now().Add(each).Before(end) && !t.Failed(); {
		pass(t, each/2+time.Duration(s.random.Int64N(int64(each/2))))
		s.trouble(length)
	}
	pass(t, time.Until(end))
	stop()
	running.Wait()
	s.stop(syscall.SIGTERM)
	s.start() // what was committed at the end is judged too
	s.stop(syscall.SIGTERM)
	s.report()
}

// configure writes the configuration; a recorder that runs takes it at once.
func (s *soak) configure(segment time.Duration) {
	text := fmt.Sprintf(`[storage]
dir = %q
[cloud]
http = "%v:8080"
control = "%v:6123"
mqtt = "%v:1883"
[recording]
segment = "%v"
[retention]
min_free = "15%%"
`, s.dir, s.address, s.address, s.address, segment)
	write(s.t, filepath.Join(s.dir, "config.toml"), text)
}

func (s *soak) start() {
	p := command(s.t, s.dir, "run")
	p.Env = append(p.Env, "V720DVR_RETENTION_MIN_FREE=15%")
	p.WaitDelay = time.Minute
	p.start()
	p.await("ready for cameras")
	s.p, s.begun, s.life = p, time.Now(), nil
	s.starts++
}

// stop ends the recorder by a signal and holds its folder against its index.
func (s *soak) stop(by syscall.Signal) {
	s.t.Helper()
	s.judgeNew()
	s.p.Process.Signal(by)
	defer func() { s.log = append(s.log, tail(s.p.errors())) }()
	if code := s.p.end(); by == syscall.SIGTERM && code != exitDone {
		s.t.Errorf("exit code %d; its log ends with\n%s", code, tail(s.p.errors()))
	}
	s.settle()
	// What was killed, or what a full disk has left open, is mended by who looks or by the next start, by turns.
	if by == syscall.SIGKILL && s.kills%2 == 0 {
		return
	}
	for _, check := range [][]string{{"check", "--repair"}, {"check"}} {
		if code, out, stderr := command(s.t, s.dir, check...).run(); code != exitDone {
			s.t.Errorf("%q behind %v: exit code %d, %s%s", check, by, code, out, stderr)
		}
	}
}

// tail is the end of a long text.
func tail(text string) string { return text[max(0, len(text)-4000):] }

func (s *soak) plugIn(i int) {
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{Seed: int64(i)})
	if err != nil {
		s.t.Fatal(err)
	}
	id := fmt.Sprintf("0800c0F0%04d", i)
	link := cloudtest.NewLossy(cloudtest.Loopback{Addr: netip.AddrFrom4([4]byte{127, 0, 2, byte(i + 1)})}, soakLoss, s.random.Uint64())
	c, err := cloudtest.NewCamera(cloudtest.Options{
		ID: id, Host: link, HTTP: netip.AddrPortFrom(s.address, 8080).String(), MQTT: netip.AddrPortFrom(s.address, 1883).String(),
		Firmware: cloudtest.Firmware(i % 2), Source: scene, Seed: int64(i),
		Sent: func(sent cloudtest.Sent) { s.judge.sent(camera.ID(id), sent) },
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.links, s.cameras = append(s.links, link), append(s.cameras, c)
	ctx, pull := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() { defer close(gone); c.Run(ctx) }()
	s.t.Cleanup(func() { pull(); <-gone })
}

// trouble makes one, by lot, and judges what was committed meanwhile. A recorder is ended each ten minutes or so, so
// that it has time to grow, or twice in a short run.
func (s *soak) trouble(length time.Duration) {
	s.judgeNew()
	s.use()
	if time.Since(s.begun) > min(10*time.Minute, length/3) {
		s.use()
		by := syscall.SIGKILL
		if s.random.IntN(3) == 0 {
			by = syscall.SIGTERM
		} else {
			s.kills++
		}
		s.stop(by)
		s.start()
		return
	}
	i := s.random.IntN(len(s.cameras))
	switch n := s.random.IntN(6); {
	case n < 2:
		s.reboots++
		s.cameras[i].Reboot()
	case n < 4:
		s.cuts++
		from := time.Now()
		s.links[i].Lose(1)
		pass(s.t, time.Duration(s.random.IntN(5000))*time.Millisecond)
		s.links[i].Lose(soakLoss)
		s.judge.dropped(camera.ID(s.cameras[i].State().ID), from, time.Now())
	case n == 4 && s.volume:
		s.fulls++
		s.fill()
	default:
		s.configs++
		s.configure([]time.Duration{5, 6, 10, 12, 15}[s.random.IntN(5)] * time.Second)
	}
}

// fill takes all that is free of the volume for some seconds.
func (s *soak) fill() {
	ballast := filepath.Join(s.dir, "recordings", "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		s.t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for err == nil {
		_, err = f.Write(block)
	}
	f.Close()
	pass(s.t, time.Duration(1+s.random.IntN(5))*time.Second)
	if err := os.Remove(ballast); err != nil {
		s.t.Error(err)
	}
}

// watch is somebody who looks at one thing and another all the time.
func (s *soak) watch(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprintf("/api/v1/cameras/0800c0F0%04d", n%2)
		for _, path := range []string{"/api/v1/cameras", "/api/v1/events", "/api/v1/storage", id + "/live.jpg", id + "/state"} {
			_ = ask(ctx, s.dir, http.MethodGet, path, nil, nil) // it may be killed just now
		}
		wait(ctx, 300*time.Millisecond)
	}
}

// soakUse is what a process has.
type soakUse struct{ memory, files, threads int64 }

// use notes what the recorder has; Linux alone tells.
func (s *soak) use() {
	if time.Since(s.begun) < time.Minute { // what it takes at its start
		return
	}
	proc := filepath.Join("/proc", strconv.Itoa(s.p.Process.Pid))
	var u soakUse
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return
	}
	u.memory, u.threads = field(status, "VmRSS:")<<10, field(status, "Threads:")
	if names, err := os.ReadDir(filepath.Join(proc, "fd")); err == nil {
		u.files = int64(len(names))
	}
	s.life = append(s.life, u)
}

// settle judges a recorder that has ended by what it had: it must not grow from its first quarter to its last.
func (s *soak) settle() {
	if len(s.life) < 8 {
		return
	}
	first, last := s.life[len(s.life)/4], s.life[len(s.life)-1]
	g := soakUse{last.memory - first.memory, last.files - first.files, last.threads - first.threads}
	if g.memory > first.memory/4+8<<20 || g.files > 16 || g.threads > 8 {
		s.t.Errorf("a recorder grew by %+v from %+v on, within %v", g, first, time.Since(s.begun))
	}
	s.grown = soakUse{max(s.grown.memory, g.memory), max(s.grown.files, g.files), max(s.grown.threads, g.threads)}
	s.most = soakUse{max(s.most.memory, last.memory), max(s.most.files, last.files), max(s.most.threads, last.threads)}
	s.life = nil
}

// gaps are what the ledger tells of each camera, from the beginning on.
func (s *soak) gaps() map[camera.ID][]web.Gap {
	gaps := make(map[camera.ID][]web.Gap)
	for id, c := range s.judge.cameras {
		var told web.Coverage
		from, to := c.pictures[0].at.Format(time.RFC3339), time.Now().Format(time.RFC3339)
		code, out, stderr := command(s.t, s.dir, "coverage", string(id), from, to, "--json").run()
		if err := json.Unmarshal([]byte(out), &told); code != exitDone || err != nil {
			s.t.Errorf("coverage of %s: exit code %d, %v, %s%s", id, code, err, out, stderr)
		}
		gaps[id] = told.Gaps
	}
	return gaps
}

func (s *soak) report() {
	j := s.judge
	j.missing(s.gaps())
	sent := 0
	for _, c := range j.cameras {
		sent += len(c.pictures)
	}
	s.t.Logf("%d starts, %d kills, %d reboots, %d cut links, %d full disks, %d changes of the configuration", s.starts, s.kills, s.reboots, s.cuts, s.fulls, s.configs)
	s.t.Logf("%d pictures sent; %d in %d segments byte for byte, once and in order; %d marked as lost, %d in gaps; worst capture time %v, around a cut %v; %d segments deleted unseen",
		sent, j.pictures, j.segments, j.lost, j.inGaps, j.worst, j.worstDrop, j.gone)
	s.t.Logf("a recorder had %.1f MB, %d files and %d threads at most, and grew by %.1f MB, %d and %d", float64(s.most.memory)/1e6, s.most.files, s.most.threads,
		float64(s.grown.memory)/1e6, s.grown.files, s.grown.threads)
	if s.t.Failed() {
		left, _ := filepath.Glob(filepath.Join(s.dir, "recordings", "*", "*", "*"))
		s.t.Logf("what is left: %s", strings.Join(left, "\n"))
		s.t.Logf("what the recorders said at their ends:\n%s", strings.Join(s.log, "\n"))
	}
	if j.pictures == 0 || s.starts < 3 {
		s.t.Errorf("%d pictures were judged over %d starts: that shows nothing", j.pictures, s.starts)
	}
}
