package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"v720dvr/cloud/cloudtest"
)

// A drop is a time in which nothing of a camera comes.
type drop struct {
	from, until time.Time
	stall       bool // it comes behind it, all at once: the link held it
}

func (d drop) String() string {
	kind := "nothing passes"
	if d.stall {
		kind = "all comes behind it"
	}
	return fmt.Sprintf("%s to %s %s", d.from.Format("04:05.000"), d.until.Format("04:05.000"), kind)
}

// aired is a film whose link and rates are drawn by lot: rates of 5 to 25 pictures a second that change
// inside a segment, drops of 0.5 to 60 s, bursts behind stalls, loss, and sound clocks that are off.
type aired struct {
	film
	seed    int64
	network *cloudtest.Network
	lots    *rand.Rand
	drops   []drop
	seen    bool // by VLC
}

func drawFilm(seed int64) *aired {
	a := &aired{seed: seed, network: cloudtest.NewNetwork(seed), lots: rand.New(rand.NewPCG(uint64(seed), 4))}
	link := cloudtest.Conditions{
		Latency: time.Duration(1+a.lots.IntN(15)) * time.Millisecond, Jitter: time.Duration(a.lots.IntN(30)) * time.Millisecond,
		Loss: 0.08 * a.lots.Float64() * a.lots.Float64(), Burst: a.lots.IntN(5), Doubled: 0.01, Late: 0.02, LateBy: 40 * time.Millisecond,
	}
	a.network.SetDefault(link)
	a.film = film{
		cameras: 2, length: 150 * time.Second, segment: time.Minute, lossy: true,
		scene: cloudtest.SceneOptions{Width: 160, Height: 120, Bytes: 2048},
		host:  func(addr string) cloudtest.Host { return a.network.Host(netip.MustParseAddr(addr)) },
	}
	a.options = a.draw
	a.trouble = func() { a.plan(link) }
	return a
}

// draw draws a camera: the first is of the old firmware with A-law, the second of the new with PCM.
func (a *aired) draw(i int, o *cloudtest.Options) {
	o.FPS, o.Resend = a.rate(), cloudtest.Resend(a.lots.IntN(2))
	o.SoundDrift = []int{-3000, 3000}[a.lots.IntN(2)]
	for at := a.between(5, 25); at < a.length; at += a.between(5, 25) {
		o.Rates = append(o.Rates, cloudtest.Rate{From: at, FPS: a.rate()})
	}
}

func (a *aired) rate() int { return 5 + a.lots.IntN(21) }

// between draws a time, in seconds.
func (a *aired) between(least, most float64) time.Duration {
	return time.Duration((least + (most-least)*a.lots.Float64()) * float64(time.Second))
}

// plan draws two to four drops, short ones more often, and makes them happen.
func (a *aired) plan(link cloudtest.Conditions) {
	begun := time.Now()
	end := begun.Add(a.length - 12*time.Second)
	for at := begun.Add(a.between(15, 30)); ; {
		length := time.Duration(0.5 * math.Pow(120, a.lots.Float64()) * float64(time.Second))
		d := drop{from: at, until: at.Add(length), stall: length < 5*time.Second && a.lots.IntN(2) == 0}
		if d.until.After(end) {
			return
		}
		a.drops = append(a.drops, d)
		down := link
		switch {
		case d.stall:
			down.HeldUntil = d.until
		case a.lots.IntN(2) == 0:
			down.Down = true
		default:
			down.DatagramsDown = true
		}
		time.AfterFunc(time.Until(d.from), func() { a.network.SetDefault(down) })
		time.AfterFunc(time.Until(d.until), func() { a.network.SetDefault(link) })
		at = d.until.Add(a.between(15, 30))
	}
}
