package cloud

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"v720dvr/cloud/v720"
)

var (
	began = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	port1 = netip.MustParseAddrPort("10.42.0.22:43258")
	port2 = netip.MustParseAddrPort("10.42.0.22:43259")
)

// machine drives a session and tells what it wanted done, in short.
type machine struct {
	session
	now time.Time
}

func newMachine() *machine {
	opening := 0
	return &machine{now: began, session: session{
		camera: "0800c00128F8",
		server: netip.MustParseAddrPort("10.42.0.1:6123"),
		zone:   func(time.Time) int { return 3600 },
		keys: func() (string, string) {
			opening++
			return fmt.Sprintf("target%d", opening), fmt.Sprintf("token%d", opening)
		},
	}}
}

// taken describes and clears what the session wants done.
func (m *machine) taken() string {
	var did []string
	for _, a := range m.out {
		switch {
		case a.control != nil:
			message, _ := v720.ParseControl(a.control)
			text := fmt.Sprint("tcp ", int(message.Code))
			if code, ok := message.ForwardCode(); ok {
				text += fmt.Sprint("/", int(code))
			}
			did = append(did, text)
		case a.datagram != nil:
			message, _ := v720.ParseControl(a.datagram)
			did = append(did, fmt.Sprint("udp ", int(message.Code)))
		case a.event != "":
			did = append(did, string(a.event))
		case a.route.IsValid():
			did = append(did, fmt.Sprint("route ", a.route.Port()))
		case a.hangUp != "":
			did = append(did, "hang up")
		}
	}
	m.out = nil
	return strings.Join(did, ", ")
}

// Each step is what happens, how long after the one before, and what the session wants done.
func TestSessionOpensKeepsAndReopensTheStream(t *testing.T) {
	type step struct {
		after time.Duration
		what  string
		want  string
	}
	const open = "tcp 53, tcp 301/298, tcp 301/4, tcp 301/3"
	opening := []step{
		{0, "register", "online, tcp 11"},
		{5 * time.Millisecond, "12", ""},
		{5 * time.Millisecond, "51", "route 43258, udp 50"},
		{5 * time.Millisecond, "51", open},
	}
	streams := append(opening[:4:4], step{200 * time.Millisecond, "media", "streaming"})
	for name, steps := range map[string][]step{
		"as captured": append(streams[:5:5],
			step{time.Second, "media", ""},
			step{time.Second, "tick", ""},
			step{0, "51", ""}, // a camera that answers once more is not probed for ever
			step{0, "stop", "tcp 301/0"},
			step{time.Hour, "tick", ""},
			step{0, "51", ""},
		),
		"51 comes before 12": {
			{0, "register", "online, tcp 11"},
			{5 * time.Millisecond, "51", "route 43258, udp 50"},
			{5 * time.Millisecond, "12", ""},
			{5 * time.Millisecond, "51", open},
		},
		"11 is never answered": {
			{0, "register", "online, tcp 11"},
			{1900 * time.Millisecond, "tick", ""},
			{100 * time.Millisecond, "tick", "tcp 11"},
			{2 * time.Second, "tick", "tcp 11"},
		},
		"a 12 that says no is asked again": {
			{0, "register", "online, tcp 11"},
			{0, "12 refused", "stalled"},
			{2 * time.Second, "tick", "tcp 11"},
		},
		"a 12 of an opening given up means nothing": {
			{0, "register", "online, tcp 11"},
			{2 * time.Second, "tick", "tcp 11"},
			{0, "12 refused", ""},
		},
		"the answer to 50 is lost": {
			{0, "register", "online, tcp 11"},
			{0, "51", "route 43258, udp 50"},
			{500 * time.Millisecond, "tick", "udp 50"},
			{500 * time.Millisecond, "tick", "udp 50"},
			{0, "51", open},
		},
		"the answer to 50 never comes": {
			{0, "register", "online, tcp 11"},
			{0, "51", "route 43258, udp 50"},
			{500 * time.Millisecond, "tick", "udp 50"},
			{500 * time.Millisecond, "tick", "udp 50"},
			{500 * time.Millisecond, "tick", "tcp 11"},
			{0, "51", "route 43258, udp 50"}, // from the same port: a new sequence all the same
		},
		"the camera begins again from a fresh port": {
			{0, "register", "online, tcp 11"},
			{0, "51", "route 43258, udp 50"},
			{0, "51 from the other port", "route 43259, udp 50"},
			{0, "51 from the other port", open},
		},
		"the camera begins again from a fresh port when it is to stream": append(opening[:4:4],
			step{0, "51 from the other port", "route 43259, udp 50"},
			step{0, "51 from the other port", open},
		),
		"the live command is lost": append(opening[:4:4],
			step{1500 * time.Millisecond, "tick", "tcp 301/3"},
			step{1500 * time.Millisecond, "tick", "tcp 301/0, tcp 11"},
		),
		"media stops": append(streams[:5:5],
			step{4 * time.Second, "tick", ""},
			step{time.Millisecond, "tick", "stalled, tcp 301/0, tcp 11"},
			step{0, "media", ""}, // late packages of the old stream do not stand for a new one
			step{0, "51", "route 43258, udp 50"},
			step{0, "media", ""},
			step{0, "51", open},
			step{0, "media", "streaming"},
		),
		"heartbeats stop": append(streams[:5:5],
			step{19 * time.Second, "media", ""},
			step{2 * time.Second, "tick", "hang up"},
		),
		"heartbeats go on": append(streams[:5:5],
			step{19 * time.Second, "heartbeat", ""},
			step{0, "media", ""},
			step{2 * time.Second, "tick", ""},
		),
	} {
		m := newMachine()
		for i, s := range steps {
			m.now = m.now.Add(s.after)
			switch s.what {
			case "register":
				m.register(m.now)
			case "12":
				m.control(m.now, v720.Control{Code: v720.CodeNATResponse, Status: 200, CliToken: m.token})
			case "12 refused":
				m.control(m.now, v720.Control{Code: v720.CodeNATResponse, Status: 500, CliToken: "token1"})
			case "51":
				m.probed(m.now, port1)
			case "51 from the other port":
				m.probed(m.now, port2)
			case "media":
				m.received(m.now)
			case "heartbeat":
				m.alive(m.now)
			case "tick":
				m.tick(m.now)
			case "stop":
				m.stop()
			}
			if got := m.taken(); got != s.want {
				t.Errorf("%s, step %d (%s): got %q, want %q", name, i, s.what, got, s.want)
			}
		}
	}
}
