package cloud

import (
	"flag"
	"fmt"
	"hash/maphash"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
)

var (
	seed = flag.Int64("seed", 1, "of the simulations")
)

// badLink is what a camera at the end of the garden has: 5 % of the datagrams lost each way, 2 %
// late by 30 ms, 1 % doubled.
var badLink = cloudtest.Conditions{Latency: 2 * time.Millisecond, Loss: 0.05, Late: 0.02, LateBy: 30 * time.Millisecond, Doubled: 0.01}

// ledger holds what a camera sent against what left the server: a Sink, told of each Sent too. It
// keeps hashes, so that an hour fits into memory.
type ledger struct {
	hash maphash.Seed

	mu    sync.Mutex
	since time.Time // what was taken before it is not kept
	sent  map[camera.ID][]noted
	came  map[camera.ID][]noted
	lost  map[camera.ID]lost
}

type noted struct {
	at    time.Time
	hash  uint64
	sound bool
}

type lost struct{ pictures, packages int }

func newLedger() *ledger {
	return &ledger{hash: maphash.MakeSeed(), sent: map[camera.ID][]noted{}, came: map[camera.ID][]noted{}, lost: map[camera.ID]lost{}}
}

// clear forgets everything, and what is still under way.
func (l *ledger) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = time.Now().Add(time.Second)
	l.sent, l.came, l.lost = map[camera.ID][]noted{}, map[camera.ID][]noted{}, map[camera.ID]lost{}
}

func (l *ledger) Frame(f camera.Frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.JPEG == nil {
		count := l.lost[f.Camera]
		l.lost[f.Camera] = lost{count.pictures + 1, count.packages + f.Missing}
		return
	}
	l.keep(f.Camera, noted{at: f.At, hash: maphash.Bytes(l.hash, f.JPEG)})
}

func (l *ledger) Audio(a camera.Audio) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(a.Camera, noted{at: a.At, hash: maphash.Bytes(l.hash, a.ALaw), sound: true})
}

func (l *ledger) keep(id camera.ID, n noted) {
	if n.at.After(l.since) {
		l.came[id] = append(l.came[id], n)
	}
}

func (l *ledger) Event(camera.Event) {}

func (l *ledger) note(id camera.ID) func(cloudtest.Sent) {
	return func(s cloudtest.Sent) {
		n := noted{at: s.At, sound: s.JPEG == nil}
		if n.sound {
			n.hash = maphash.Bytes(l.hash, s.ALaw)
		} else {
			n.hash = maphash.Bytes(l.hash, s.JPEG)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sent[id] = append(l.sent[id], n)
	}
}

// verdict on one camera's stream.
type verdict struct {
	sent, whole, missing   int // pictures
	sounds, lostSounds     int
	foreign                int // pictures or sounds that were never sent, came twice, or in the wrong order
	worst, worstSound      time.Duration
	wrong                  int // pictures whose capture time is off by more than 100 ms
	far                    int // of those, by more than 250 ms
	reportedLost, packages int
}

func (v verdict) String() string {
	return fmt.Sprintf("%d of %d pictures whole, %d reported lost for want of %d packages; %d sounds, %d lost; %d foreign; capture time wrong by %v at the most, sound's by %v",
		v.whole, v.sent, v.reportedLost, v.packages, v.sounds, v.lostSounds, v.foreign, v.worst.Round(time.Microsecond), v.worstSound.Round(time.Microsecond))
}

// judge holds what came against what was sent until the end.
func (l *ledger) judge(id camera.ID, end time.Time) (v verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v.reportedLost, v.packages = l.lost[id].pictures, l.lost[id].packages
	for _, sound := range []bool{false, true} {
		sent, came := kind(l.sent[id], sound), kind(l.came[id], sound)
		next := 0
		for _, c := range came {
			at := find(sent[next:], c)
			if at < 0 {
				v.foreign++
				continue
			}
			v.missed(sent[next:next+at], end)
			s := sent[next+at]
			next += at + 1
			if sound {
				v.sounds++
				v.worstSound = max(v.worstSound, c.at.Sub(s.at).Abs())
				continue
			}
			v.sent, v.whole = v.sent+1, v.whole+1
			off := c.at.Sub(s.at).Abs()
			v.worst = max(v.worst, off)
			if off > 100*time.Millisecond {
				v.wrong++
			}
			if off > 250*time.Millisecond {
				v.far++
			}
		}
		v.missed(sent[next:], end)
	}
	return v
}

// find looks for what came among what was sent.
func find(sent []noted, came noted) int {
	return slices.IndexFunc(sent, func(s noted) bool { return s.hash == came.hash })
}

// missed counts what never came of what was sent until the end.
func (v *verdict) missed(sent []noted, end time.Time) {
	for _, s := range sent {
		switch {
		case s.at.After(end):
		case s.sound:
			v.lostSounds++
		default:
			v.sent, v.missing = v.sent+1, v.missing+1
		}
	}
}

func kind(all []noted, sound bool) (some []noted) {
	for _, n := range all {
		if n.sound == sound {
			some = append(some, n)
		}
	}
	return some
}

// garden is a town whose cameras are on bad links.
type garden struct {
	seed       int64
	conditions cloudtest.Conditions
	cameras    []cloudtest.Options
	length     time.Duration
	trouble    func(n *town, cameras []*cloudtest.Camera) // while they stream; nil is none
}

// grow runs it in a bubble and returns the verdict on each camera, and what each says of itself.
func (g garden) grow(t *testing.T) (verdicts []verdict, states []cloudtest.State) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		book := newLedger()
		network := cloudtest.NewNetwork(g.seed)
		network.SetDefault(g.conditions)
		n := newTownOn(t, network, Options{Sink: book})
		var cameras []*cloudtest.Camera
		for i, o := range g.cameras {
			o.ID = fmt.Sprintf("0800c00000%02d", i)
			o.Seed, o.Sent = g.seed+int64(i), book.note(camera.ID(o.ID))
			o.Host = network.Host(netip.AddrFrom4([4]byte{10, 42, 1, byte(i + 1)}))
			c, leave := n.settle(o)
			defer leave()
			cameras = append(cameras, c)
		}
		end := time.Now().Add(g.length)
		if g.trouble != nil {
			g.trouble(n, cameras)
		}
		time.Sleep(time.Until(end))
		for _, c := range cameras {
			states = append(states, c.State())
		}
		before := maps.Clone(book.lost)
		n.stop()
		book.lost = before // what is cut off by stopping is not the link's fault
		for i := range cameras {
			// What was sent in the last seconds may have been on its way a second time.
			verdicts = append(verdicts, book.judge(camera.ID(states[i].ID), end.Add(-2*time.Second)))
		}
	})
	return verdicts, states
}

// everyKind is a camera of each firmware and of each way to send again.
var everyKind = []cloudtest.Options{
	{Firmware: cloudtest.Old, Resend: cloudtest.ByTimer}, {Firmware: cloudtest.New, Resend: cloudtest.ByTimer},
	{Firmware: cloudtest.Old, Resend: cloudtest.AtConfirm}, {Firmware: cloudtest.New, Resend: cloudtest.AtConfirm},
}

func TestEveryPictureComesOverABadLink(t *testing.T) {
	g := garden{seed: *seed, conditions: badLink, cameras: everyKind, length: long(2 * time.Minute)}
	verdicts, states := g.grow(t)
	for i, v := range verdicts {
		t.Logf("%v firmware, %v: %v; %+v", everyKind[i].Firmware, everyKind[i].Resend, v, states[i])
		if v.whole != v.sent || v.foreign > 0 || v.reportedLost > 0 || v.sent < int(g.length/time.Second-5)*10 {
			t.Errorf("want every picture of ten a second")
		}
		if states[i].SkippedPictures > 0 {
			t.Errorf("the camera skipped %d pictures for want of a confirm", states[i].SkippedPictures)
		}
		if v.worst > 100*time.Millisecond {
			t.Errorf("capture time wrong by %v, want at most 100ms", v.worst)
		}
	}
}

// Of pictures as large as a real camera's, four fill the window: confirms must not be late.
func TestEveryLargePictureComesOverABadLink(t *testing.T) {
	cameras := slices.Clone(everyKind)
	for i := range cameras {
		cameras[i].Source = scene(t, cloudtest.SceneOptions{Bytes: 26 << 10})
	}
	g := garden{seed: *seed, conditions: badLink, cameras: cameras, length: long(time.Minute)}
	verdicts, states := g.grow(t)
	for i, v := range verdicts {
		t.Logf("%v firmware, %v: %v; %+v", everyKind[i].Firmware, everyKind[i].Resend, v, states[i])
		if v.whole != v.sent || v.foreign > 0 || v.reportedLost > 0 || v.sent < int(g.length/time.Second-3)*10 {
			t.Errorf("want every picture of ten a second")
		}
		if states[i].SkippedPictures > 0 {
			t.Errorf("the camera skipped %d pictures for want of a confirm", states[i].SkippedPictures)
		}
	}
}

func TestNearlyEveryPictureComesOverATerribleLink(t *testing.T) {
	terrible := badLink
	terrible.Loss = 0.2
	g := garden{seed: *seed, conditions: terrible, cameras: everyKind, length: long(5 * time.Minute)}
	verdicts, states := g.grow(t)
	for i, v := range verdicts {
		t.Logf("%v firmware, %v: %v; %+v", everyKind[i].Firmware, everyKind[i].Resend, v, states[i])
		taken := v.sent + states[i].SkippedPictures
		if share := float64(v.whole) / float64(taken); share < 0.999 || v.foreign > 0 {
			t.Errorf("%.4f of the pictures are whole, want 0.999 at least and none that is not", share)
		}
		if v.worst > 100*time.Millisecond {
			t.Errorf("capture time wrong by %v, want at most 100ms", v.worst)
		}
	}
}

func TestACameraThatNeverSendsAgainGivesWholePicturesAndACount(t *testing.T) {
	g := garden{seed: *seed, conditions: badLink, length: long(5 * time.Minute), cameras: []cloudtest.Options{
		{Firmware: cloudtest.Old, Resend: cloudtest.Never}, {Firmware: cloudtest.New, Resend: cloudtest.Never}, {Plain: true},
	}}
	verdicts, states := g.grow(t)
	for i, v := range verdicts {
		t.Logf("%v; %+v", v, states[i])
		if v.foreign > 0 || v.whole == 0 || v.missing == 0 {
			t.Errorf("want whole pictures, and some missing")
		}
		if off := v.reportedLost - v.missing; off < -v.missing/50-4 || off > v.missing/50+4 {
			t.Errorf("%d pictures are missing and %d are reported lost", v.missing, v.reportedLost)
		}
		if states[i].SkippedPictures > 0 {
			t.Errorf("the camera skipped %d pictures", states[i].SkippedPictures)
		}
	}
}
