package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"v720dvr/cloud/cloudtest"
)

// race is one stretch in which all of them record the same cameras over the same kind of link.
type race struct {
	t       *testing.T
	cameras int
	loss    float64

	relay *exec.Cmd
	base  string                    // of the relay
	http  map[string]string         // of ours, by its folder
	reap  map[*exec.Cmd]func()      // waits for the end of a process
	sent  map[string][]*cameraOfOne // by the folder of ours, "" of the relay
}

func (r *race) live(i int) string { return r.base + "/live/" + raceID(i) }

const raceSettles = 6 * time.Second

// run lets all of them record for a time. With kill they all end by kill -9 at its end, else as their documentation says.
func (r *race) run(lasts time.Duration, kill bool) (results map[string]result, relay time.Duration) {
	t := r.t
	t.Helper()
	r.http, r.reap, r.sent = map[string]string{}, map[*exec.Cmd]func(){}, map[string][]*cameraOfOne{}
	r.startRelay()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	list := recorders()
	for _, v := range list {
		v.dir = t.TempDir()
		if v.ours {
			v.commands = v.start(r, v.dir)
			r.shoot(ctx, &running, v.dir, r.http[v.dir])
		}
	}
	r.shoot(ctx, &running, "", strings.TrimPrefix(r.base, "http://"))
	r.awaitPictures()
	for _, v := range list {
		if !v.ours {
			v.commands = v.start(r, v.dir)
		}
	}
	wait(ctx, raceSettles)

	results = map[string]result{}
	before := map[string]time.Duration{}
	for _, v := range list {
		before[v.name], _ = cost(t, v.commands)
	}
	relayBefore, _ := cost(t, []*exec.Cmd{r.relay})
	from := time.Now()
	wait(ctx, lasts)
	to := time.Now()
	relayAfter, _ := cost(t, []*exec.Cmd{r.relay})
	for _, v := range list {
		cpu, resident := cost(t, v.commands)
		results[v.name] = result{cpu: cpu - before[v.name], resident: resident}
	}
	if kill {
		to = time.Now()
		r.end(list, syscall.SIGKILL)
	} else {
		wait(ctx, 2*time.Second) // what is on its way arrives
		r.end(list, 0)
	}
	ended := time.Now()
	stop()
	running.Wait()
	r.relay.Process.Kill()
	r.reap[r.relay]()
	for _, v := range list {
		results[v.name] = r.judge(v, results[v.name], from, to, ended)
	}
	return results, relayAfter - relayBefore
}

// end ends all at once, and waits until they have gone. Signal 0 is each one's own.
func (r *race) end(list []*peer, signal syscall.Signal) {
	for _, v := range list {
		s := signal
		if s == 0 {
			s = v.stop
		}
		for _, cmd := range v.commands {
			cmd.Process.Signal(s)
		}
	}
	for _, v := range list {
		for _, cmd := range v.commands {
			r.reap[cmd]()
		}
	}
}

func (r *race) startRelay() {
	cmd := exec.CommandContext(r.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asRelay+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(r.t, err)
	must(r.t, cmd.Start())
	r.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var at string
	if _, err := fmt.Fscanf(out, "relay %s\n", &at); err != nil {
		r.t.Fatalf("the relay did not say where it is: %v", err)
	}
	r.relay, r.base = cmd, "http://"+at
	r.reap[cmd] = func() { cmd.Wait() }
}

// shoot plays the cameras for one server: scenes and losses are the same for each of them.
func (r *race) shoot(ctx context.Context, running *sync.WaitGroup, whose, http string) {
	for i := range r.cameras {
		scene, err := cloudtest.NewScene(cloudtest.SceneOptions{Seed: int64(i)})
		must(r.t, err)
		c := &cameraOfOne{}
		c.Camera, err = cloudtest.NewCamera(cloudtest.Options{
			ID: raceID(i), Host: cloudtest.NewLossy(cloudtest.Loopback{}, r.loss, uint64(i)), HTTP: http, Source: scene, Seed: int64(i),
			Sent: func(s cloudtest.Sent) {
				if s.JPEG == nil {
					return
				}
				c.mu.Lock()
				defer c.mu.Unlock()
				c.at, c.number = append(c.at, s.At), append(c.number, s.Index)
			},
		})
		must(r.t, err)
		r.sent[whose] = append(r.sent[whose], c)
		running.Go(func() { c.Run(ctx) })
	}
}

// awaitPictures waits until every camera has sent pictures to its server. The relay asks for nothing twice, as what it
// stands for: over a link that loses much its cameras may send next to nothing, and that is what is measured.
func (r *race) awaitPictures() {
	limit := time.Now().Add(time.Minute)
	for whose, cameras := range r.sent {
		for _, c := range cameras {
			for c.State().Pictures < 10 {
				if late := time.Now().After(limit); late && whose == "" {
					break
				} else if late {
					r.t.Fatalf("camera %s of %q sends no pictures: %+v", c.State().ID, whose, c.State())
				}
				wait(r.t.Context(), 50*time.Millisecond)
			}
		}
	}
}
