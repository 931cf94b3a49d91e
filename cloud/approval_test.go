package cloud

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/cloud/v720"
)

// people are those who say yes to cameras.
type people struct {
	mu  sync.Mutex
	yes []camera.ID
}

func (p *people) approve(id camera.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.yes = append(p.yes, id)
}

func (p *people) approved(id camera.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.yes, id)
}

func TestACameraWaitsUntilItIsApprovedAndThenStreamsAtOnce(t *testing.T) {
	for _, firmware := range []cloudtest.Firmware{cloudtest.Old, cloudtest.New} {
		synctest.Test(t, func(t *testing.T) {
			const id = camera.ID("0800c00128F8")
			var log diary
			var owner people
			n := newTown(t, Options{Approved: owner.approved, Log: log.log()})
			c, leave := n.settle(cloudtest.Options{ID: string(id), Firmware: firmware})
			time.Sleep(5 * time.Minute)
			n.Reconsider() // nothing has changed
			if s := c.State(); s.Sessions != 0 || s.Registered != 1 || s.Heartbeats < 50 {
				t.Errorf("firmware %v: the camera was asked to stream %d times and registered %d times in five minutes with %d heartbeats", firmware, s.Sessions, s.Registered, s.Heartbeats)
			}
			if n.frames(id) != 0 || n.happened(id) != "" {
				t.Errorf("firmware %v: %d frames and events %q of a camera that waits", firmware, n.frames(id), n.happened(id))
			}
			if got := n.Waiting(); !slices.Equal(got, []camera.ID{id}) {
				t.Errorf("firmware %v: waiting are %v", firmware, got)
			}
			if got := log.lines("cameras approve 0800c00128F8"); got != 1 {
				t.Errorf("firmware %v: %d lines say what to do, want 1", firmware, got)
			}
			owner.approve(id)
			n.Reconsider()
			time.Sleep(2 * time.Second)
			if n.frames(id) < 10 || c.State().Registered != 1 || len(n.Waiting()) != 0 {
				t.Errorf("firmware %v: two seconds after it was approved: %d frames, registered %d times", firmware, n.frames(id), c.State().Registered)
			}
			n.stop()
			leave()
			if got := n.happened(id); got != "online streaming offline" {
				t.Errorf("firmware %v: events are %q", firmware, got)
			}
		})
	}
}

func TestACameraThatWaitsAndFallsSilentIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{Approved: new(people).approved})
		n.enrol("10.42.0.22", "0800c00128F8", "91edf41f")
		time.Sleep(silenceDeadline - time.Second)
		if len(n.Waiting()) != 1 {
			t.Error("it was given up too early")
		}
		time.Sleep(2 * time.Second)
		if len(n.Waiting()) != 0 || len(n.Cameras()) != 0 || n.happened("0800c00128F8") != "" {
			t.Errorf("waiting are %v, events %q; want neither", n.Waiting(), n.happened("0800c00128F8"))
		}
		n.stop()
	})
}

func TestAnEventOfACameraThatWaitsIsNotPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{Approved: new(people).approved})
		n.enrol("10.42.0.22", "0800c00128F8", "91edf41f")
		c := n.visit("10.42.0.22", 80)
		write(t, c, []byte(post("/app/api/ApiAlarm/alarm?devicesCode=0800c00128F8")))
		if got := string(read(t, c, 12)); got != "HTTP/1.1 200" {
			t.Errorf("answered with %q", got)
		}
		if got := n.happened("0800c00128F8"); got != "" {
			t.Errorf("events are %q, want none", got)
		}
		n.stop()
	})
}

// Made-up cameras that wait leave no place empty, and take none from one that is approved.
func TestAnApprovedCameraTakesThePlaceOfOneThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var owner people
		n := newTown(t, Options{MaxCameras: 4, Approved: owner.approved})
		for i := range 6 {
			n.enrol(fmt.Sprint("10.42.1.", i), fmt.Sprint("0800c000000", i), "91edf41f")
		}
		if len(n.Waiting()) != 4 || n.Refused() != 2 {
			t.Errorf("%d wait and %d were refused, want 4 and 2", len(n.Waiting()), n.Refused())
		}
		owner.approve("0800c00128F8")
		_, leave := n.settle(cloudtest.Options{ID: "0800c00128F8"})
		defer leave()
		time.Sleep(2 * time.Second)
		if len(n.Waiting()) != 3 || n.frames("0800c00128F8") == 0 {
			t.Errorf("%d wait, %d frames of the one that is approved", len(n.Waiting()), n.frames("0800c00128F8"))
		}
		n.stop()
	})
}

// enrol registers a camera from an address by hand. It is true when the server took it.
func (n *town) enrol(from, id, token string) (conn net.Conn, taken bool) {
	n.t.Helper()
	c := n.visit(from, 6123)
	write(n.t, c, v720.Packet{Payload: []byte(`{"code":100,"uid":"` + id + `","token":"` + token + `"}`)}.Append(nil))
	p, err := v720.NewDecoder(c).Next()
	synctest.Wait()
	return c, err == nil && string(p.Payload) == string(v720.RegisterDone())
}

// The secret of the town's registry is 91edf41f. Each case is a camera that is there, and one that
// comes in its name.
func TestANewcomerTakesACamerasPlaceOnlyIfItMay(t *testing.T) {
	const ours, other = "91edf41f", "00000000"
	cases := map[string]struct {
		token  string // of the one that is there
		silent time.Duration
		from   string
		with   string
		taken  bool
	}{
		"another token, from elsewhere":                  {ours, 0, "10.42.0.66", other, false},
		"another token, two heartbeats later":            {ours, 11 * time.Second, "10.42.0.66", other, false},
		"another token, when the camera is silent":       {ours, 12 * time.Second, "10.42.0.66", other, true},
		"another token, from the same address":           {ours, 0, "10.42.0.22", other, true},
		"the camera's token, from elsewhere":             {ours, 0, "10.42.0.66", ours, true},
		"after our restart nobody has the right token":   {other, 0, "10.42.0.66", other, true},
		"the camera's token against one that is wrong":   {other, 0, "10.42.0.66", ours, true},
		"no token at all, as of a camera of another box": {ours, 0, "10.42.0.66", "", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const id = camera.ID("0800c00128F8")
				var log diary
				var sighted []string
				n := newTown(t, Options{Log: log.log(), Sighted: func(s Sighting) { sighted = append(sighted, s.Addr.String()) }})
				first, taken := n.enrol("10.42.0.22", string(id), c.token)
				if !taken {
					t.Fatal("the first one was not taken")
				}
				time.Sleep(c.silent)
				for range 3 { // the others in the same minute
					if _, taken = n.enrol(c.from, string(id), c.with); taken != c.taken {
						t.Errorf("taken: got %v, want %v", taken, c.taken)
					}
				}
				if got := !hungUp(first); got == c.taken {
					t.Errorf("the first connection stands: got %v, want %v", got, !c.taken)
				}
				refused, lines := n.Refused(), log.lines("registration in a camera's name refused")
				if c.taken && refused+int64(lines) != 0 || !c.taken && (refused != 3 || lines != 1) {
					t.Errorf("%d refused, %d lines about it", refused, lines)
				}
				if at := n.Cameras()[0].Addr.Addr().String(); at != map[bool]string{true: c.from, false: "10.42.0.22"}[c.taken] {
					t.Errorf("the camera is at %s", at)
				}
				if !c.taken && len(sighted) != 1 {
					t.Errorf("seen at %s: an impostor is none of the camera's places", strings.Join(sighted, ", "))
				}
				n.stop()
			})
		})
	}
}
