package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
)

const doorID = camera.ID("0800c00128F8")

func mustCommand(t *testing.T, c Command, err error) Command {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// commandable settles a camera that has all there is, and waits until it streams.
func (n *town) commandable(firmware cloudtest.Firmware) (*cloudtest.Camera, func()) {
	c, leave := n.settle(cloudtest.Options{ID: string(doorID), Firmware: firmware, Motor: true, Card: 32, Speaker: true})
	time.Sleep(4 * time.Second)
	return c, leave
}

func TestEverySettingIsTakenAndShownByTheCamera(t *testing.T) {
	for _, firmware := range []cloudtest.Firmware{cloudtest.Old, cloudtest.New} {
		synctest.Test(t, func(t *testing.T) {
			n := newTown(t, Options{})
			c, leave := n.commandable(firmware)
			commands := 0
			for _, s := range settings {
				for _, value := range []string{"1", "0"} {
					command, err := Setting(s.name, value)
					a, err := n.Do(t.Context(), doorID, mustCommand(t, command, err))
					if err != nil {
						t.Fatalf("firmware %v: %s=%s: %v", firmware, s.name, value, err)
					}
					commands++
					if want := map[bool]Channel{true: ByControl, false: ByMQTT}[s.forward != nil]; a.Channel != want {
						t.Errorf("%s went by %s, want %s", s.name, a.Channel, want)
					}
					told, shown := n.Condition(doorID).Values[s.field]
					if a.Shown != shown || shown && told != map[string]int64{"1": 1, "0": 0}[value] {
						t.Errorf("firmware %v: %s=%s: shown %v, and the camera says %d, %v", firmware, s.name, value, a.Shown, told, shown)
					}
					if len(a.Replies) == 0 {
						t.Errorf("%s: no reply", s.name)
					}
				}
			}
			if s := c.State(); s.Commands != commands || s.Refused != 0 {
				t.Errorf("firmware %v: the camera obeyed %d of %d and refused %d", firmware, s.Commands, commands, s.Refused)
			}
			leave()
			n.stop()
		})
	}
}

func TestEveryActionIsAnsweredByWhatTheCameraDoes(t *testing.T) {
	parameters := map[string][]string{"lend": {"10.42.0.99:4000"}, "wifi-join": {"other", "mifimifi"}, "ap-password": {"mifimifi"}}
	for _, o := range actions {
		if o.name == "lend" || o.name == "take-back" {
			continue // lend_test.go
		}
		synctest.Test(t, func(t *testing.T) {
			n := newTown(t, Options{})
			c, leave := n.commandable(cloudtest.Old)
			command, err := Action(o.name, parameters[o.name]...)
			a, err := n.Do(t.Context(), doorID, mustCommand(t, command, err))
			if err != nil {
				t.Errorf("%s: %v", o.name, err)
			}
			if o.scan && !slices.Contains(a.Networks, "intl-laptop") {
				t.Errorf("%s: got the networks %q", o.name, a.Networks)
			}
			if a.Shown != (o.ends || o.scan) {
				t.Errorf("%s: shown %v", o.name, a.Shown)
			}
			time.Sleep(30 * time.Second)
			s := c.State()
			away := o.name == "power-off" || o.name == "wifi-leave" || o.name == "ap-mode"
			if s.Left != away || s.Refused != 0 || s.Commands != 1 {
				t.Errorf("%s: away %v, %d refused, %d obeyed", o.name, s.Left, s.Refused, s.Commands)
			}
			if condition := n.Condition(doorID); condition.Reachable() == away {
				t.Errorf("%s: reachable is %v", o.name, condition.Reachable())
			}
			if boots := map[bool]int{true: 2, false: 1}[o.name == "reboot" || o.name == "wifi-join"]; s.Boots != boots {
				t.Errorf("%s: %d boots, want %d", o.name, s.Boots, boots)
			}
			leave()
			n.stop()
		})
	}
}

func TestACommandGoesOverMQTTWhereNoSessionTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		_, leave := n.settle(cloudtest.Options{ID: string(doorID), Firmware: cloudtest.New, Sleeps: true})
		time.Sleep(5 * time.Second)
		command, err := Setting("ir", "on")
		a, err := n.Do(t.Context(), doorID, mustCommand(t, command, err))
		if err != nil || a.Channel != ByMQTT || !a.Shown {
			t.Errorf("got %+v, %v", a, err)
		}
		command, err = Setting("flip", "on")
		if _, err := n.Do(t.Context(), doorID, mustCommand(t, command, err)); !errors.Is(err, ErrUnreachable) {
			t.Errorf("a command of the 301 alone: %v", err)
		}
		leave()
		n.stop()
	})
}

func TestACommandThatCannotGoOrIsNotAnsweredSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c, leave := n.commandable(cloudtest.Old)
		ir, err := Setting("ir", "on")
		ir = mustCommand(t, ir, err)
		if _, err := n.Do(t.Context(), "0800c0999999", ir); !errors.Is(err, ErrUnreachable) {
			t.Errorf("a camera that is not there: %v", err)
		}
		wake, err := Action("wifi-leave")
		if _, err := n.Do(t.Context(), "0800c0999999", mustCommand(t, wake, err)); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "MQTT") {
			t.Errorf("a command of MQTT alone to a camera that is not there: %v", err)
		}
		// The camera does not know this one: it has no motor.
		n.settle(cloudtest.Options{ID: "0800c0000077", Host: n.network.Host(mustAddr("10.42.0.77"))})
		time.Sleep(4 * time.Second)
		turn, err := Action("turn-left")
		began := time.Now()
		_, err = n.Do(t.Context(), "0800c0000077", mustCommand(t, turn, err))
		if late := (*TimeoutError)(nil); !errors.As(err, &late) || late.Channel != ByControl || time.Since(began) != patience {
			t.Errorf("a command that is not known: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if _, err = n.Do(ctx, "0800c0000077", turn); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("whose asker has gone: %v", err)
		}
		cancel()
		if got := c.State().Commands; got != 0 {
			t.Errorf("the other camera obeyed %d commands", got)
		}
		n.hearing.mu.Lock()
		if len(n.hearing.waits) != 0 {
			t.Error("somebody still listens")
		}
		n.hearing.mu.Unlock()
		leave()
		n.stop()
	})
}

// deaf answers with its old state whatever it is told.
func TestACameraThatStaysAsItIsIsToldFromOneThatObeys(t *testing.T) {
	command, err := Setting("ir", "on")
	command = mustCommand(t, command, err)
	synctest.Test(t, func(t *testing.T) {
		s := &Server{o: Options{Registry: &registry{}, Sink: newCollector()}.withDefaults()}
		s.conditions = newConditions(s, nil)
		heard, stop := s.hearing.listen(doorID)
		defer stop()
		s.heardMQTT(doorID, topicInfo, []byte(`{"IrLed":0}`))
		_, err := command.await(t.Context(), ByMQTT, heard)
		if unmoved := (*UnmovedError)(nil); !errors.As(err, &unmoved) || unmoved.Got != 0 || unmoved.Want != 1 {
			t.Errorf("got %v", err)
		}
		s.heardMQTT(doorID, topicInfo, []byte(`{"IrLed":0}`)) // it was on its way
		s.heardMQTT(doorID, topicInfo, []byte(`{"IrLed":1}`))
		if a, err := command.await(t.Context(), ByMQTT, heard); err != nil || !a.Shown {
			t.Errorf("got %+v, %v", a, err)
		}
	})
}

func TestSettingsAndActionsThatCannotBeSayWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct{ name, value, says string }{
		{"infrared", "on", "they have ir, flip"}, {"ir", "2", "off or on, or 0 to 1"}, {"ir", "", "off or on"}, {"motion-alert", "8", "0 to 7"}, {"pir-grade", "-1", "0 to 2"},
	} {
		if _, err := Setting(c.name, c.value); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s=%s: %v", c.name, c.value, err)
		}
	}
	for _, c := range []struct {
		name string
		p    []string
		says string
	}{
		{"explode", nil, "they have reboot"}, {"reboot", []string{"x"}, "wants 0"}, {"wifi-join", []string{"", "mifimifi"}, "1 to 32"},
		{"wifi-join", []string{"home", "short"}, "8 to 36"}, {"lend", []string{"10.42.0.9"}, "192.168.1.5:41234"}, {"lend", []string{"0.0.0.0:5"}, "192.168.1.5:41234"}, {"ap-password", []string{strings.Repeat("x", 37)}, "8 to 36"},
	} {
		_, err := Action(c.name, c.p...)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "short") {
			t.Errorf("%s %q: %v", c.name, c.p, err)
		}
	}
	for _, a := range Actions() {
		dangerous := slices.Contains([]string{"lend", "power-off", "sd-format", "wifi-join", "wifi-leave", "ap-mode", "ap-password"}, a.Name)
		if (a.Danger != "") != dangerous {
			t.Errorf("%s: danger is %q", a.Name, a.Danger)
		}
	}
	if got := Values(map[string]int64{"IrLed": 1, "mirrorFlip": 4, "moveAlert": 3, "other": 1}); !maps.Equal(got, map[string]string{"ir": "on", "flip": "on", "motion-alert": "3"}) {
		t.Errorf("got %v", got)
	}
}

func TestRawCommandsGoByTheChannelThatIsNamedAndAllThatComesIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c, leave := n.commandable(cloudtest.Old)
		for _, by := range []Channel{ByControl, ByMQTT} {
			heard, stop, err := n.SendRaw(t.Context(), doorID, by, []byte(`{"code":210,"instLed":0}`))
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			stop()
			found := false
			for len(heard) > 0 {
				h := <-heard
				found = found || h.Channel == by
				if !json.Valid(h.Payload) {
					t.Errorf("got %q", h.Payload)
				}
			}
			if !found {
				t.Errorf("%s: nothing came by it", by)
			}
		}
		if got := c.State().Commands; got != 2 {
			t.Errorf("the camera obeyed %d commands, want 2", got)
		}
		for _, text := range []string{``, `{}`, `[1]`} {
			if _, _, err := n.SendRaw(t.Context(), doorID, ByControl, []byte(text)); err == nil {
				t.Errorf("%q was sent", text)
			}
		}
		if _, _, err := n.SendRaw(t.Context(), doorID, "pigeon", []byte(`{"code":1}`)); err == nil {
			t.Error("sent by a pigeon")
		}
		if _, _, err := n.SendRaw(t.Context(), "0800c0999999", ByMQTT, []byte(`{"code":1}`)); !errors.Is(err, ErrUnreachable) {
			t.Errorf("got %v", err)
		}
		leave()
		n.stop()
	})
}
