package main

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/recorder"
	"v720dvr/web"
)

// arrivals remembers how far each camera has come on its way in, for who sets one up and for who wants to
// know why one is silent: when each step was seen last, since the start. It stands between the cloud and
// the recorder (before), and holds nothing up.
type arrivals struct {
	mu      sync.Mutex
	list    map[comer]*arrival
	number  uint64        // of the newest step
	changed chan struct{} // closed when there is a newer one
}

// mostArrivals bounds the arrivals: cameras, and addresses from which somebody came who said no id.
// Anybody on the network can make ids up; the oldest is forgotten that is not registered, if there is one.
const mostArrivals = 160

// sameStep is how soon behind another the same step of who says no id is the same.
const sameStep = time.Second

// comer is who arrives: a camera, or an address that no camera has been seen at.
type comer struct {
	camera camera.ID
	addr   netip.Addr
}

type arrival struct {
	addr    netip.Addr // where it was last
	steps   map[web.Step]web.ArrivalStep
	number  uint64 // of its newest step
	newest  time.Time
	awaited [2]bool // the first picture and sound of this stream
	away    string  // why it went; "" while it is there
}

func newArrivals() *arrivals {
	return &arrivals{list: make(map[comer]*arrival), changed: make(chan struct{})}
}

// doorSteps are the steps that the cloud sees at its doors.
var doorSteps = map[cloud.Door]web.Step{cloud.DoorDNS: web.StepDNS, cloud.DoorHTTP: web.StepHTTP, cloud.DoorControl: web.StepConnect, cloud.DoorMQTT: web.StepMQTT, cloud.DoorMedia: web.StepUDP}

// contact takes what the cloud saw.
func (a *arrivals) contact(c cloud.Contact) {
	a.note(c.Camera, c.Addr, web.ArrivalStep{Step: doorSteps[c.Door], At: c.At, Line: c.Said})
}

// note takes a step that somebody was seen to do: id is "" when it did not say who it is, addr is invalid
// when it is where it was.
func (a *arrivals) note(id camera.ID, addr netip.Addr, step web.ArrivalStep) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if id == "" {
		if id = a.at(addr); id == "" && !addr.IsValid() {
			return
		}
	}
	who := comer{camera: id}
	if id == "" {
		who.addr = addr
	}
	one := a.of(who)
	if id == "" || step.Step == web.StepDNS || step.Step == web.StepUDP {
		if was := one.steps[step.Step].At; step.At.Sub(was).Abs() < sameStep { // a resolver's questions, and 51s, come in bursts
			return
		}
	}
	if addr.IsValid() {
		one.addr = addr
		if id != "" {
			a.adopt(one, comer{addr: addr})
		}
	}
	a.step(one, step)
}

// at is the camera that was seen at an address last; "" when none was. Call it with mu held.
func (a *arrivals) at(addr netip.Addr) (id camera.ID) {
	var newest time.Time
	for who, one := range a.list {
		if who.camera != "" && one.addr == addr && one.newest.After(newest) {
			id, newest = who.camera, one.newest
		}
	}
	return id
}

// of finds an arrival or begins it. Call it with mu held.
func (a *arrivals) of(who comer) *arrival {
	if one := a.list[who]; one != nil {
		return one
	}
	if len(a.list) >= mostArrivals {
		delete(a.list, slices.MinFunc(slices.Collect(maps.Keys(a.list)), func(x, y comer) int {
			return cmp.Or(compareBools(a.list[x].registered(), a.list[y].registered()), a.list[x].newest.Compare(a.list[y].newest))
		}))
	}
	one := &arrival{steps: make(map[web.Step]web.ArrivalStep)}
	a.list[who] = one
	return one
}

func (one *arrival) registered() bool { _, is := one.steps[web.StepConnect]; return is }

// compareBools puts false before true.
func compareBools(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// adopt takes the steps over that somebody did at the same address before it said who it is. Call it
// with mu held.
func (a *arrivals) adopt(one *arrival, who comer) {
	stranger := a.list[who]
	if stranger == nil {
		return
	}
	delete(a.list, who)
	for _, step := range stranger.steps {
		if step.At.After(one.steps[step.Step].At) {
			a.step(one, step)
		}
	}
}

// step notes a step, and has who waits told. Call it with mu held.
func (a *arrivals) step(one *arrival, step web.ArrivalStep) {
	a.number++
	one.steps[step.Step], one.number = step, a.number
	if step.At.After(one.newest) {
		one.newest = step.At
	}
	close(a.changed)
	a.changed = make(chan struct{})
}

// since lists the arrivals of which something is newer than a number: cameras by id, then addresses.
func (a *arrivals) since(number uint64) ([]web.Arrival, uint64, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := []web.Arrival{}
	for who, one := range a.list {
		if one.number <= number {
			continue
		}
		told := web.Arrival{Camera: who.camera, Steps: []web.ArrivalStep{}}
		if one.addr.IsValid() {
			told.Address = one.addr.String()
		}
		for _, step := range web.Steps() {
			if seen, is := one.steps[step]; is {
				told.Steps = append(told.Steps, seen)
			}
		}
		list = append(list, told)
	}
	slices.SortFunc(list, func(x, y web.Arrival) int {
		return cmp.Or(compareBools(x.Camera == "", y.Camera == ""), cmp.Compare(x.Camera, y.Camera), cmp.Compare(x.Address, y.Address))
	})
	return list, a.number, a.changed
}

// closed notes when files of cameras were closed last, as far as that is new.
func (a *arrivals) closed(stats []recorder.DeckStats) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range stats {
		if one := a.list[comer{camera: d.Camera}]; one != nil && d.Closed.After(one.steps[web.StepFile].At) {
			a.step(one, web.ArrivalStep{Step: web.StepFile, At: d.Closed})
		}
	}
}

// before is a sink that notes what it hands on to the recorder.
func (a *arrivals) before(sink camera.Sink) camera.Sink { return &witness{sink, a} }

// witness sees the first picture and the first sound of each stream.
type witness struct {
	camera.Sink
	arrivals *arrivals
}

// Places of arrival.awaited.
const (
	awaitedFrame = iota
	awaitedSound
)

// Event hands an event on.
func (w *witness) Event(e camera.Event) {
	w.Sink.Event(e)
	switch e.Kind {
	case camera.Streaming:
		w.arrivals.streams(e.Camera, e.At)
	case camera.Online:
		w.arrivals.went(e.Camera, "")
	case camera.Offline:
		w.arrivals.went(e.Camera, e.Detail)
	}
}

// Frame hands a picture on.
func (w *witness) Frame(f camera.Frame) {
	w.Sink.Frame(f)
	if f.JPEG != nil {
		w.arrivals.first(f.Camera, awaitedFrame, web.StepFrame, f.At)
	}
}

// Audio hands sound on.
func (w *witness) Audio(s camera.Audio) {
	w.Sink.Audio(s)
	w.arrivals.first(s.Camera, awaitedSound, web.StepSound, s.At)
}

// streams notes that a stream begins: its first picture and sound are waited for.
func (a *arrivals) streams(id camera.ID, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.of(comer{camera: id})
	one.awaited = [2]bool{true, true}
	a.step(one, web.ArrivalStep{Step: web.StepStream, At: at})
}

// went notes why a camera went; "" that it is there.
func (a *arrivals) went(id camera.ID, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(comer{camera: id}).away = whyAway(why)
}

// whyAway is the reason of an ended connection for people: what the system calls it tells them nothing.
func whyAway(detail string) string {
	switch {
	case strings.HasPrefix(detail, "no heartbeat"):
		return detail + ": Wi-Fi or power lost"
	case strings.Contains(detail, "read tcp"), strings.Contains(detail, "i/o timeout"):
		return "the connection broke"
	}
	return detail
}

// away tells why a camera went; "" while it is there, and when nobody saw it go.
func (a *arrivals) away(id camera.ID) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.list[comer{camera: id}]; one != nil {
		return one.away
	}
	return ""
}

// first notes the first of what a stream brings.
func (a *arrivals) first(id camera.ID, what int, step web.Step, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.list[comer{camera: id}]; one != nil && one.awaited[what] {
		one.awaited[what] = false
		a.step(one, web.ArrivalStep{Step: step, At: at})
	}
}

// Arrivals tells how cameras come in, with the MAC of who is in the same network.
func (b *box) Arrivals(since uint64) ([]web.Arrival, uint64, <-chan struct{}) {
	b.arrivals.closed(b.recorder.Stats())
	list, number, changed := b.arrivals.since(since)
	macs := neighbours()
	for i, a := range list {
		list[i].MAC = macs[a.Address]
	}
	return list, number, changed
}
