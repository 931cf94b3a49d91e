package cloud

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/cloud/cloudtest"
	"v720dvr/cloud/v720"
)

// other is a third host: it answers probes, as an app does, and counts pictures' packages.
type other struct {
	mu       sync.Mutex
	packages int
}

func (n *town) neighbour(t *testing.T, o *other) (stop func()) {
	t.Helper()
	sock, err := n.network.Host(mustAddr("10.42.0.9")).ListenPacket("udp", ":4000")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		datagram := make([]byte, datagramSize)
		answered := 0 // a camera answers every 50 with a 51: rounds are counted
		for {
			size, from, err := sock.ReadFromUDPAddrPort(datagram)
			if err != nil {
				return
			}
			p, err := v720.ParsePacket(datagram[:size])
			if err != nil {
				continue
			}
			switch p.Cmd {
			case v720.CmdJSON:
				if answered++; answered > maxProbes {
					continue
				}
				sock.WriteToUDPAddrPort(v720.Packet{Cmd: v720.CmdJSON, Payload: v720.Probe()}.Append(nil), from)
			case v720.CmdJPEG:
				o.mu.Lock()
				o.packages++
				o.mu.Unlock()
				// Each is confirmed, else the camera's window fills.
				id := []byte{byte(p.ID), byte(p.ID >> 8), byte(p.ID >> 16), byte(p.ID >> 24)}
				sock.WriteToUDPAddrPort(v720.Packet{Cmd: v720.CmdConfirm, Payload: id}.Append(nil), from)
			}
		}
	}()
	return func() { sock.Close(); <-done }
}

func (o *other) got() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.packages
}

func TestACameraIsLentToAThirdHostAndTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		var o other
		stop := n.neighbour(t, &o)
		c, leave := n.commandable(cloudtest.Old)
		lend, err := Action("lend", "10.42.0.9:4000")
		if a, err := n.Do(t.Context(), doorID, mustCommand(t, lend, err)); err != nil || !a.Shown {
			t.Fatalf("lend: %+v, %v", a, err)
		}
		time.Sleep(time.Second)
		before := n.frames(doorID)
		time.Sleep(10 * time.Second)
		if got := o.got(); got < 100 || n.frames(doorID) != before {
			t.Errorf("the other host got %d packages, we %d pictures", got, n.frames(doorID)-before)
		}
		// It is steered from here all the same.
		ir, err := Setting("ir", "on")
		if a, err := n.Do(t.Context(), doorID, mustCommand(t, ir, err)); err != nil || !a.Shown || a.Channel != ByControl {
			t.Errorf("a command meanwhile: %+v, %v", a, err)
		}
		back, err := Action("take-back")
		if a, err := n.Do(t.Context(), doorID, mustCommand(t, back, err)); err != nil || !a.Shown {
			t.Fatalf("take-back: %+v, %v", a, err)
		}
		time.Sleep(2 * time.Second)
		if n.frames(doorID) < before+10 {
			t.Error("no pictures come back")
		}
		if strings.Contains(n.happened(doorID), "stalled") || c.State().Refused != 0 {
			t.Errorf("events %s, %d refused", n.happened(doorID), c.State().Refused)
		}
		leave()
		stop()
		n.stop()
	})
}

func TestACameraThatIsLentComesBackWithItsNextConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		stop := n.neighbour(t, new(other))
		c, leave := n.commandable(cloudtest.Old)
		lend, err := Action("lend", "10.42.0.9:4000")
		if _, err := n.Do(t.Context(), doorID, mustCommand(t, lend, err)); err != nil {
			t.Fatal(err)
		}
		before := n.frames(doorID)
		c.CutControl()
		time.Sleep(10 * time.Second)
		if n.frames(doorID) < before+10 {
			t.Error("no pictures come back")
		}
		leave()
		stop()
		n.stop()
	})
}

func TestSoundIsSaidAtItsOwnPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c, leave := n.commandable(cloudtest.Old)
		began := time.Now()
		for range 3 {
			if err := n.Say(t.Context(), doorID, "a voice", true, make([]byte, 2*8000+100)); err != nil {
				t.Fatal(err)
			}
		}
		if took, want := time.Since(began), 3*21*saidEvery-saidEvery-saidAhead; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
		time.Sleep(time.Second)
		if got := c.State(); got.Said != 3*(2*8000+100) || got.Refused != 0 {
			t.Errorf("the speaker had %d samples, %d refused", got.Said, got.Refused)
		}
		if err := n.Say(t.Context(), doorID, "", false, make([]byte, MostSaid+1)); err == nil {
			t.Error("more than the most was said")
		}
		if err := n.Say(t.Context(), "0800c0999999", "", false, nil); !errors.Is(err, ErrUnreachable) {
			t.Errorf("to a camera that is not there: %v", err)
		}
		leave()
		n.stop()
	})
}

func TestTwoVoicesAreNotMixedAtOneSpeaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c, leave := n.commandable(cloudtest.Old)
		first := make(chan error, 1)
		go func() {
			for i := range 2 { // pieces, with a moment between them as a slow client has
				if err := n.Say(t.Context(), doorID, "first", i == 0, make([]byte, 2*8000)); err != nil {
					first <- err
					return
				}
				time.Sleep(time.Second)
			}
			first <- nil
		}()
		for range 5 {
			time.Sleep(500 * time.Millisecond)
			for _, voice := range []string{"second", ""} {
				if err := n.Say(t.Context(), doorID, voice, false, make([]byte, 8000)); !errors.Is(err, ErrTalking) {
					t.Errorf("voice %q beside the first: %v, want %v", voice, err, ErrTalking)
				}
			}
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		// It has said its last: the next one need not wait. A voice that is cut off keeps the speaker for a while.
		for _, more := range []bool{false, true} {
			if err := n.Say(t.Context(), doorID, "second", more, make([]byte, 8000)); err != nil {
				t.Errorf("behind the first: %v", err)
			}
		}
		if err := n.Say(t.Context(), doorID, "third", false, make([]byte, 8000)); !errors.Is(err, ErrTalking) {
			t.Errorf("while the second goes on: %v, want %v", err, ErrTalking)
		}
		time.Sleep(saidEvery + saidAhead + talkHold)
		if err := n.Say(t.Context(), doorID, "third", false, make([]byte, 8000)); err != nil {
			t.Errorf("behind the second: %v", err)
		}
		time.Sleep(time.Second)
		if got := c.State().Said; got != 7*8000 {
			t.Errorf("the speaker had %d samples, want %d", got, 7*8000)
		}
		leave()
		n.stop()
	})
}
