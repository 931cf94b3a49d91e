package cloudtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// life is what a camera does from power-on to power-off.
type life struct {
	c       *Camera
	ctx     context.Context
	off     context.CancelFunc // the power
	media   media
	restart func(error) // ends the boot that is under way; set by boot, guarded by c.mu
	// beside takes what SecondControl asks for while a control connection is up.
	beside chan second
}

// second is a control connection that is asked for.
type second struct {
	ctx        context.Context
	registered chan error // one place: nobody waits for who asked
}

// Run lives a camera's life until ctx ends, and returns nil then. It may be called once.
func (c *Camera) Run(ctx context.Context) error {
	c.epoch = time.Now()
	backOff, dark := c.lots("back-off"), c.lots("dark")
	for ctx.Err() == nil && c.powered(ctx) {
		l := &life{c: c, beside: make(chan second)}
		l.ctx, l.off = context.WithCancel(ctx)
		c.mu.Lock()
		c.life = l
		c.mu.Unlock()
		l.run(backOff)
		l.off()
		l.media.running.Wait()
		c.mu.Lock()
		c.life = nil
		c.mu.Unlock()
		c.step(Off)
		// Without power, and until the firmware runs.
		_ = rest(ctx, time.Second+time.Duration(dark.Int64N(int64(time.Second))))
	}
	return nil
}

// reboot ends the boot under way once what was said has had a moment to go out.
func (l *life) reboot() {
	l.c.mu.Lock()
	restart := l.restart
	l.c.mu.Unlock()
	time.AfterFunc(20*time.Millisecond, func() { restart(errReboot) })
}

// powered waits for the button of a camera that was switched off; false when ctx ends.
func (c *Camera) powered(ctx context.Context) bool {
	for {
		c.mu.Lock()
		gone := c.settings.gone
		c.mu.Unlock()
		if !gone {
			return true
		}
		select {
		case <-c.button:
		case <-ctx.Done():
			return false
		}
	}
}

// run boots again and again until the power goes.
func (l *life) run(lots *rand.Rand) {
	c := l.c
	const longest = 30 * time.Second
	pause := shortestPause
	for {
		registered := c.State().Registered
		err := l.boot()
		if l.ctx.Err() != nil {
			return
		}
		if c.State().Registered > registered {
			pause = shortestPause // it worked for a while: no reason to hesitate
		}
		wait := pause + time.Duration(lots.Int64N(int64(pause)/4))
		c.log.Warn("camera starts again", "camera", c.id(), "after", wait, "cause", err)
		if rest(l.ctx, wait) != nil {
			return
		}
		pause = min(2*pause, longest)
	}
}

// shortestPause is the time from a loss to the first attempt to come back.
const shortestPause = time.Second

// boot goes from the first request to the loss of the control channel. It returns the reason why
// it ended.
func (l *life) boot() error {
	c := l.c
	c.step(Booting)
	c.note(func(s *State) { s.Boots++ })
	var running sync.WaitGroup
	defer running.Wait()
	ctx, off := context.WithCancelCause(l.ctx)
	defer off(nil)
	c.mu.Lock()
	l.restart = off
	c.mu.Unlock()

	if c.hang(Booting) {
		return c.halfRequest(ctx)
	}
	if c.id() == "" {
		if err := c.firstBoot(ctx); err != nil {
			return err
		}
	}
	mqtt := func() <-chan struct{} {
		connected := make(chan struct{})
		if c.o.MQTT != "" {
			running.Go(func() { c.statusLoop(ctx, connected, off) })
		}
		return connected
	}
	if c.o.Firmware == New {
		if err := c.deviceInfo(ctx); err != nil {
			return err
		}
		c.step(Informed)
		if c.hang(Informed) {
			<-ctx.Done()
			return ctx.Err()
		}
		if c.o.MQTT != "" {
			// Video works without MQTT: a broker that is not there costs a few seconds only.
			const patience = 5 * time.Second
			select {
			case <-mqtt():
			case <-time.After(patience):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	var asleep <-chan struct{}
	if c.o.Sleeps {
		if c.o.Firmware == Old {
			asleep = mqtt()
		}
		if err := c.sleep(ctx, asleep); err != nil {
			return err
		}
		if c.o.AwakeFor > 0 {
			tired := time.AfterFunc(c.o.AwakeFor, func() { off(errTired) })
			defer tired.Stop()
		}
	}
	conf, err := c.configuration(ctx)
	if err != nil {
		return err
	}
	channel, err := l.register(ctx, conf, false)
	if err != nil {
		return err
	}
	if c.o.Firmware == Old && asleep == nil {
		mqtt()
	}
	lots := c.lots("keeps server")
	for {
		err = l.serve(ctx, channel, conf)
		if cause := context.Cause(ctx); cause != nil {
			return cause // the connection broke since it was to break
		}
		if !c.o.KeepsServer {
			return err
		}
		wait := shortestPause + time.Duration(lots.Int64N(int64(shortestPause)/4))
		c.log.Warn("camera dials its server again", "camera", c.id(), "after", wait, "cause", err)
		if err := rest(ctx, wait); err != nil {
			return err
		}
		if channel, err = l.register(ctx, conf, false); err != nil {
			return err
		}
		c.note(func(s *State) { s.Redials++ })
	}
}

// errTired is a battery camera's that goes back to sleep.
var errTired = errors.New("sleeps again")

// sleep waits for 242.
func (c *Camera) sleep(ctx context.Context, connected <-chan struct{}) error {
	if connected != nil {
		select {
		case <-connected:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	select {
	case <-c.woken:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// serve keeps control connections up, the first one and those beside it, until none is left. It
// tells why the last one ended.
func (l *life) serve(ctx context.Context, first *control, conf configuration) error {
	ended := make(chan error)
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { ended <- first.serve(ctx) })
	for open := 1; ; {
		select {
		case s := <-l.beside:
			open++ // from now on: the first one may be closed before the second has its code 101
			running.Go(func() { ended <- l.serveBeside(ctx, s, conf) })
		case err := <-ended:
			if open--; open == 0 {
				return err
			}
			l.c.log.Warn("camera lost one of its control connections", "camera", l.c.id(), "cause", err)
		}
	}
}

func (l *life) serveBeside(ctx context.Context, s second, conf configuration) error {
	dialCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	channel, err := l.register(dialCtx, conf, true)
	if err == nil {
		l.c.note(func(st *State) { st.Seconds++ })
	}
	s.registered <- err
	if err != nil {
		return err
	}
	return channel.serve(ctx)
}

var errNoControl = errors.New("no control connection is up")
