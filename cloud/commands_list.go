package cloud

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"v720dvr/cloud/v720"
)

// A setting is a value of a camera by the name that people use, with its commands in both tables.
type setting struct {
	name, field string
	most        int      // from 0
	words       []string // for 0, 1, …; nil: numbers alone
	means       string
	forward     func(int) v720.ForwardCommand
	mqtt        func(int) v720.MQTTCommand
}

var offOn = []string{"off", "on"}

func bits[C any](f func(bool) C) func(int) C { return func(n int) C { return f(n == 1) } }

// settings are all of them, in the order in which people are shown them.
var settings = []setting{
	{"ir", "IrLed", 1, offOn, "infrared lamp; the picture is grey with it", bits(v720.ForwardIRLed), bits(v720.MQTTIRLed)},
	{"flip", "mirrorFlip", 4, []string{"off", "1", "2", "3", "on"}, "picture upside down", v720.ForwardFlip, nil},
	{"led", "instLed", 1, offOn, "power lamp", bits(v720.ForwardPowerLed), bits(v720.MQTTPowerLed)},
	{"motion-alert", "moveAlert", 7, []string{"off"}, "the camera's own motion alarm: off, 1 most to 7 least sensitive", v720.ForwardMoveAlert, v720.MQTTMoveAlert},
	{"motion-pause", "moveGrade", 100, nil, "pause between two of its alarms, an index", v720.ForwardMoveGrade, v720.MQTTMoveGrade},
	{"sd-record", "sdCardReco", 1, offOn, "record to its SD card", nil, bits(v720.MQTTCardRecord)},
	{"sd-motion", "sdMoveMode", 1, offOn, "record to its SD card while something moves alone", bits(v720.ForwardCardOnMotion), bits(v720.MQTTCardOnMotion)},
	{"lamp", "lightGrade", 100, offOn, "white lamp", nil, v720.MQTTLamp},
	{"pir-mode", "pirSysMode", 100, nil, "mode of the PIR", nil, v720.MQTTPIRMode},
	{"pir-alert", "pirAlert", 1, offOn, "alarm of the PIR", nil, bits(v720.MQTTPIRAlert)},
	{"pir-grade", "pirGrade", 2, nil, "sensitivity of the PIR, 0 to 2", nil, v720.MQTTPIRGrade},
	{"power-run", "sysPowerRun", 1, offOn, "sysPowerRun; what it does is not known", nil, bits(v720.MQTTPowerRun)},
	{"speed", "speedGrade", 100, nil, "speedGrade; what it does is not known", v720.ForwardSpeed, nil},
	{"pacing", "sfq", 100, nil, "how packages are paced", v720.ForwardPacing, nil},
	{"lens", "camId", 3, nil, "which lens, of models with several", v720.ForwardLens, nil},
	{"rf433", "RF433", 100, nil, "433 MHz radio", v720.ForwardRF433, nil},
}

// SettingName is a setting that a camera may have.
type SettingName struct {
	Name, Field string // what people say, and what the camera calls it
	Means       string
}

// Settings lists them.
func Settings() (all []SettingName) {
	for _, s := range settings {
		all = append(all, SettingName{s.name, s.field, s.means})
	}
	return all
}

// Setting is the command that sets something: Setting("ir", "on"). The error says what would be right.
func Setting(name, value string) (Command, error) {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
	if i < 0 {
		var names []string
		for _, s := range settings {
			names = append(names, s.name)
		}
		return Command{}, fmt.Errorf("cameras have no setting %.40q; they have %s", name, strings.Join(names, ", "))
	}
	s := settings[i]
	n := slices.Index(s.words, strings.ToLower(value))
	if n < 0 {
		var err error
		if n, err = strconv.Atoi(value); err != nil || n < 0 || n > s.most {
			want := fmt.Sprintf("0 to %d", s.most)
			if s.words != nil {
				want = strings.Join(s.words, " or ") + ", or " + want
			}
			return Command{}, fmt.Errorf("%s=%.40s: want %s", name, value, want)
		}
	}
	c := Command{Name: name + "=" + value, field: s.field, want: int64(n)}
	if s.forward != nil {
		f := s.forward(n)
		c.forward = &f
	}
	if s.mqtt != nil {
		m := s.mqtt(n)
		c.mqtt = &m
	}
	return c, nil
}

// Values gives a camera's settings by the names that people use, of those that it told.
func Values(told map[string]int64) map[string]string {
	values := make(map[string]string)
	for _, s := range settings {
		if n, ok := told[s.field]; ok {
			values[s.name] = strconv.FormatInt(n, 10)
			if 0 <= n && n < int64(len(s.words)) {
				values[s.name] = s.words[n]
			}
		}
	}
	return values
}

// An order is a command without a value, or with texts.
type order struct {
	name, means string
	parameters  []string
	danger      string
	forward     func([]string) v720.ForwardCommand
	mqtt        func([]string) v720.MQTTCommand
	ends, scan  bool
}

func plain[C any](f func() C) func([]string) C { return func([]string) C { return f() } }

func turn(way v720.Turn) func([]string) v720.ForwardCommand {
	return func([]string) v720.ForwardCommand { return v720.ForwardMotor(way) }
}

// actions are all of them, in the order in which people are shown them.
var actions = []order{
	{name: "reboot", means: "boot it", forward: plain(v720.ForwardReboot), mqtt: plain(v720.MQTTReboot), ends: true},
	{name: "wake", means: "wake a battery camera that sleeps", mqtt: plain(v720.MQTTWake)},
	{name: "wifi-scan", means: "look for Wi-Fi networks", forward: plain(v720.ForwardScanWiFi), mqtt: plain(v720.MQTTScanWiFi), scan: true},
	{name: "battery", means: "ask how full its battery is", forward: plain(v720.ForwardBattery)},
	{name: "sd-status", means: "ask how its SD card is", forward: plain(v720.ForwardCardStatus)},
	{name: "turn-left", means: "turn it, of models with a motor", forward: turn(v720.TurnLeft)},
	{name: "turn-right", means: "likewise", forward: turn(v720.TurnRight)},
	{name: "turn-up", means: "likewise", forward: turn(v720.TurnUp)},
	{name: "turn-down", means: "likewise", forward: turn(v720.TurnDown)},
	{name: "turn-calibrate", means: "let its motor find its ends", forward: turn(v720.TurnCalibrate)},
	{name: "lend", means: "have it send its pictures to another host, until take-back", parameters: []string{"address"},
		danger: "its pictures go to that host, and nothing is recorded here until take-back"},
	{name: "take-back", means: "have it send its pictures here again"},
	{name: "sd-format", means: "delete all on its SD card", forward: plain(v720.ForwardFormatCard), mqtt: plain(v720.MQTTFormatCard),
		danger: "everything on the camera's SD card is deleted"},
	{name: "power-off", means: "switch it off", forward: plain(v720.ForwardPowerOff), ends: true,
		danger: "only the button on the camera itself switches it on again"},
	{name: "wifi-join", means: "have it change to another Wi-Fi", parameters: []string{"ssid", "password"},
		mqtt: func(p []string) v720.MQTTCommand { return v720.MQTTJoinWiFi(p[0], p[1]) }, ends: true,
		danger: "with a wrong name or password the camera is gone until it is set up again by hand"},
	{name: "wifi-leave", means: "have it leave its Wi-Fi", mqtt: plain(v720.MQTTLeaveWiFi), ends: true,
		danger: "the camera is gone until it is set up again by hand"},
	{name: "ap-mode", means: "have it open its own Wi-Fi", forward: plain(v720.ForwardAccessPoint), mqtt: plain(v720.MQTTAccessPoint), ends: true,
		danger: "the camera leaves this network, and is gone until it is set up again from its own Wi-Fi"},
	{name: "ap-password", means: "set the password of its own Wi-Fi", parameters: []string{"password"},
		forward: func(p []string) v720.ForwardCommand { return v720.ForwardAccessPointPassword(p[0]) },
		danger:  "who does not know the password cannot set the camera up any more"},
}

// ActionName is an action that a camera may know.
type ActionName struct {
	Name, Means string
	Parameters  []string
	Danger      string
}

// Actions lists them.
func Actions() (all []ActionName) {
	for _, a := range actions {
		all = append(all, ActionName{a.name, a.means, a.parameters, a.danger})
	}
	return all
}

// Action is a command by its name: Action("reboot"). The error says what would be right.
func Action(name string, parameters ...string) (Command, error) {
	i := slices.IndexFunc(actions, func(a order) bool { return a.name == name })
	if i < 0 {
		var names []string
		for _, a := range actions {
			names = append(names, a.name)
		}
		return Command{}, fmt.Errorf("cameras have no command %.40q; they have %s", name, strings.Join(names, ", "))
	}
	a := actions[i]
	if len(parameters) != len(a.parameters) {
		return Command{}, fmt.Errorf("%s wants %d parameters (%s), not %d", name, len(a.parameters), strings.Join(a.parameters, ", "), len(parameters))
	}
	for j, p := range parameters {
		if err := checkParameter(a.parameters[j], p); err != nil {
			return Command{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	c := Command{Name: name, ends: a.ends, scan: a.scan, Danger: a.danger}
	switch name {
	case "lend":
		c.lend = netip.MustParseAddrPort(parameters[0]) // checked above
	case "take-back":
		c.back = true
	}
	if a.forward != nil {
		f := a.forward(parameters)
		c.forward = &f
	}
	if a.mqtt != nil {
		m := a.mqtt(parameters)
		c.mqtt = &m
	}
	return c, nil
}

// checkParameter: docs/protocol.md, section 8, has the lengths. An error never repeats a password.
func checkParameter(name, value string) error {
	switch {
	case name == "ssid" && (value == "" || len(value) > 32):
		return fmt.Errorf("a Wi-Fi's name has 1 to 32 bytes, this one has %d", len(value))
	case name == "address":
		a, err := netip.ParseAddrPort(value)
		if err != nil || !a.Addr().Is4() || a.Addr().IsUnspecified() || a.Addr().IsMulticast() || a.Port() == 0 {
			return fmt.Errorf("%.60q is no address of a host: want 192.168.1.5:41234", value)
		}
	case name == "password" && (len(value) < 8 || len(value) > 36):
		return fmt.Errorf("cameras take passwords of 8 to 36 characters, this one has %d", len(value))
	}
	return nil
}
