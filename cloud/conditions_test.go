package cloud

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
)

// told lists a camera's events of some kinds with their details.
func (n *town) told(id camera.ID, kinds ...camera.EventKind) string {
	n.sink.mu.Lock()
	defer n.sink.mu.Unlock()
	var list []string
	for _, e := range n.sink.events {
		for _, kind := range kinds {
			if e.Camera == id && e.Kind == kind {
				list = append(list, strings.TrimSpace(string(e.Kind)+" "+e.Detail))
			}
		}
	}
	return strings.Join(list, "; ")
}

func TestWhatACameraSaysIsInOnePlaceAndCountedOverItsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		_, leave := n.commandable(cloudtest.Old)
		time.Sleep(20 * time.Second)
		got := n.Condition(doorID)
		if !got.Control || !got.Broker || got.Texts["wifiName"] != "intl-laptop" || got.Texts["version"] != "202212011602" || got.Values["sdCapacity"] != 32 || got.Connections != 1 {
			t.Errorf("got %+v", got)
		}
		if percent, ok := got.Battery(); !ok || percent != 100 {
			t.Errorf("battery: %d, %v", percent, ok)
		}
		if got.FPS < 9 || got.FPS > 11 || got.Pictures < 180 || got.Lost != 0 {
			t.Errorf("%.1f pictures a second, %d in all, %d lost", got.FPS, got.Pictures, got.Lost)
		}
		if changed := n.ChangedConditions(); changed[doorID].Connections != 1 {
			t.Errorf("changed: %v", changed)
		}
		n.stop()
		before := n.ChangedConditions()[doorID]
		leave()

		// A restart of ours: what was known is known, and counting goes on.
		again := newTownOn(t, cloudtest.NewNetwork(2), Options{Kept: map[camera.ID]camera.Condition{doorID: before}})
		if kept := again.Condition(doorID); kept.Reachable() || kept.Texts["wifiName"] != "intl-laptop" || kept.Pictures != before.Pictures {
			t.Errorf("kept %+v", kept)
		}
		c, leave := again.commandable(cloudtest.Old)
		time.Sleep(12 * time.Second)
		if kept := again.Condition(doorID); kept.Connections != 2 || kept.Pictures <= before.Pictures {
			t.Errorf("%d connections and %d pictures, want 2 and more than %d", kept.Connections, kept.Pictures, before.Pictures)
		}
		if c.State().Refused != 0 {
			t.Error("the camera refused something")
		}
		leave()
		again.stop()
	})
}

func TestACameraIsAbsentAfterTwentySecondsAndNotForABlink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c, leave := n.commandable(cloudtest.Old)
		for range 5 { // it flaps
			c.Reboot()
			time.Sleep(8 * time.Second)
		}
		if got := n.told(doorID, camera.Absent, camera.Present); got != "" {
			t.Errorf("flapping: %s", got)
		}
		leave()
		time.Sleep(2*time.Second + silenceDeadline + camera.AbsentAfter + 2*time.Second)
		if got := n.told(doorID, camera.Absent, camera.Present); !strings.HasPrefix(got, "absent since ") || strings.Contains(got, ";") {
			t.Errorf("gone: %s", got)
		}
		if got := n.Condition(doorID); got.Reachable() || !got.Absent || got.FPS != 0 {
			t.Errorf("gone: %+v", got)
		}
		_, leave = n.commandable(cloudtest.Old)
		time.Sleep(camera.PresentAfter + time.Second)
		if got := n.told(doorID, camera.Present); !strings.HasPrefix(got, "present since ") {
			t.Errorf("there again: %s", got)
		}
		leave()
		n.stop()
	})
}

func TestALowBatteryIsToldOnceAndAgainWhenItWasFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c, leave := n.commandable(cloudtest.Old)
		for _, percent := range []int{50, 16, 15, 14, 17, 15, 24, 25, 80, 10} {
			c.SetBattery(percent)
			time.Sleep(time.Second)
		}
		if got, want := n.told(doorID, camera.BatteryLow, camera.BatteryFine), "battery_low 15; battery_fine 25; battery_low 10"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		leave()
		n.stop()
	})
}

func TestASettingThatChangesIsAnEventAndFlappingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		_, leave := n.commandable(cloudtest.Old)
		time.Sleep(2 * time.Second)
		say := func(value int) { n.heardMQTT(doorID, topicInfo, fmt.Appendf(nil, `{"IrLed":%d}`, value)) }
		say(1)
		say(1)
		if got := n.told(doorID, camera.Changed); got != "changed IrLed 0 → 1" {
			t.Errorf("got %s", got)
		}
		for i := range 100 {
			say(i % 2)
		}
		if got := strings.Count(n.told(doorID, camera.Changed), ";") + 1; got != changesAMinute {
			t.Errorf("%d events, want %d", got, changesAMinute)
		}
		leave()
		n.stop()
	})
}

func TestOfACameraThatNeverRegisteredNothingIsToldOrKept(t *testing.T) {
	s := &Server{o: Options{Registry: &registry{}, Sink: newCollector()}.withDefaults()}
	s.conditions = newConditions(s, nil)
	for i := range maxKnown + 10 {
		id := camera.ID(fmt.Sprintf("0800c0%06d", i))
		s.came(id)
		s.heardMQTT(id, topicInfo, []byte(`{"devPower":3}`))
	}
	if got := len(s.Conditions()); got != maxKnown {
		t.Errorf("%d are known, want %d", got, maxKnown)
	}
	if got := s.ChangedConditions(); len(got) != 0 {
		t.Errorf("%d are kept", len(got))
	}
	if got := s.o.Sink.(*collector).events; len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

func TestASleepingCameraIsWokenAFewTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		_, leave := n.settle(cloudtest.Options{ID: string(doorID), Firmware: cloudtest.New, Sleeps: true, AwakeFor: 20 * time.Second})
		time.Sleep(wakeAfter - time.Second)
		if n.frames(doorID) != 0 {
			t.Fatal("it is awake already")
		}
		time.Sleep(10 * time.Second)
		if n.frames(doorID) == 0 {
			t.Error("it was not woken")
		}
		leave()
		n.stop()
	})
}

// What was kept of a camera may have numbers and no texts: it told none until then.
func TestTheFirstTextOfACameraThatHadOnlyToldNumbersIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{Kept: map[camera.ID]camera.Condition{doorID: {Values: map[string]int64{"IrLed": 1}}}})
		_, leave := n.commandable(cloudtest.Old)
		time.Sleep(5 * time.Second)
		if got := n.Condition(doorID); got.Texts["wifiName"] != "intl-laptop" {
			t.Errorf("got %+v, want the name of the Wi-Fi", got)
		}
		n.stop()
		leave()
	})
}

// The clock is asked on the way out of the old connection: there the next one joins.
func TestACameraThatRegistersWhileItsOldConnectionEndsIsThere(t *testing.T) {
	media, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer media.Close()
	var meanwhile func()
	s, err := New(Options{Registry: &registry{}, Sink: newCollector(), Now: func() time.Time {
		if meanwhile != nil {
			meanwhile()
		}
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.media = media
	fresh := func() *link {
		here, there := net.Pipe()
		there.Close()
		return newLink(s, doorID, here, time.Now())
	}
	old, next := fresh(), fresh()
	if err := s.join(old, time.Now()); err != nil {
		t.Fatal(err)
	}
	joined := false
	meanwhile = func() {
		if !s.mu.TryLock() { // the old one is in the midst of it
			return
		}
		_, there := s.links[doorID]
		s.mu.Unlock()
		if meanwhile = nil; there {
			t.Fatal("the old connection has not gone yet")
		}
		if err := s.join(next, time.Now()); err != nil {
			t.Fatal(err)
		}
		joined = true
	}
	s.part(old, io.EOF)
	if !joined || !s.Condition(doorID).Control {
		t.Errorf("joined %v: a camera that is there is told to be away", joined)
	}
	s.part(next, io.EOF)
	if s.Condition(doorID).Control {
		t.Error("a camera that has gone is told to be there")
	}
}

func TestOfACameraThatWaitsForApprovalNothingIsToldOrKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var approved atomic.Bool
		n := newTown(t, Options{Approved: func(camera.ID) bool { return approved.Load() }})
		_, leave := n.settle(cloudtest.Options{ID: string(doorID), Firmware: cloudtest.Old})
		time.Sleep(10 * time.Second)
		leave()
		time.Sleep(2 * camera.AbsentAfter)
		if got := n.ChangedConditions(); len(got) != 0 || n.happened(doorID) != "" {
			t.Errorf("kept %v, told %q", got, n.happened(doorID))
		}
		_, leave = n.settle(cloudtest.Options{ID: string(doorID), Firmware: cloudtest.Old})
		time.Sleep(10 * time.Second)
		approved.Store(true)
		n.Reconsider()
		time.Sleep(5 * time.Second)
		if got := n.ChangedConditions(); len(got) != 1 || !got[doorID].Control || got[doorID].Texts["wifiName"] == "" {
			t.Errorf("of the approved one is kept %+v", got)
		}
		leave()
		n.stop()
	})
}
