package cloudtest

import "net/netip"

// Step is what a camera is about.
type Step string

// The steps of a camera, in their order.
const (
	Off       Step = "off"       // Run was not called, or has returned; or the camera has no power
	Booting   Step = "booting"   // asks the bootstrap server
	Informed  Step = "informed"  // new firmware alone: has its answer to getDevInfo
	Connected Step = "connected" // sent code 100 on the control channel
	Waiting   Step = "waiting"   // registered: heartbeats, and nothing to do
	Reaching  Step = "reaching"  // had code 11: sends code 20 by UDP and waits for 21
	Probing   Step = "probing"   // sent 12 and 51: waits for code 50
	Probed    Step = "probed"    // answered a 50: waits for 53
	Commanded Step = "commanded" // in command mode: waits for 301
	Streaming Step = "streaming" // media flows
)

// State is a snapshot of a camera. The counters only grow.
type State struct {
	ID   string // given by registerDevices when Options.ID was ""
	Step Step
	// Media is the camera's end of the media session, the zero value when there is none.
	Media netip.AddrPort

	Boots        int  // bootstrap begun
	Requests     int  // HTTP requests sent
	SplitAnswers int  // HTTP answers that took more than one read: a server should write them at once
	Registered   int  // code 101 received
	Heartbeats   int  // sent
	Sessions     int  // code 11 received
	Replaced     int  // of them while another session was there
	TimedOut     int  // sessions given up since a step was not answered
	Probes       int  // code 50 received
	Answers      int  // code 51 sent
	Starts       int  // 301 with content 1, 2 or 3 obeyed
	Stops        int  // 301/0 received
	Commands     int  // commands obeyed, of MQTT and in a 301 beyond the stream
	Reboots      int  // by Reboot
	Left         bool // it was switched off, or left the network by a command
	Pan, Tilt    int  // steps of a motor, to the right and up
	Said         int  // samples that its speaker was given
	Moves        int  // by Move
	Cuts         int  // by CutControl
	Seconds      int  // control connections opened by SecondControl
	Redials      int  // control connections of Options.KeepsServer, registered without asking HTTP
	Hung         int  // of Options.Hangs, those that have come
	Refused      int  // what the server sent and the camera did not understand or want

	Confirms    int // cmd 605 received
	Confirmed   int // packages that they freed
	Unconfirmed int // packages in the window now
	GivenUp     int // packages that left it unconfirmed, with Resend Never
	Packages    int // sent, without those sent again
	Resent      int
	Pictures    int // sent whole
	Sounds      int // sound packages sent
	// SkippedPictures and SkippedSounds were not sent since the window was full.
	SkippedPictures int
	SkippedSounds   int
	Late            int // pictures not taken since this process had no time for them
}

// State tells where the camera stands now.
func (c *Camera) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// note changes the state; f does nothing else.
func (c *Camera) note(f func(*State)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.state)
}

func (c *Camera) step(s Step) {
	c.note(func(st *State) { st.Step = s })
	c.log.Debug("camera step", "step", s)
}

// refuse counts what a camera cannot use; it never ends a session.
func (c *Camera) refuse(what string, args ...any) {
	c.note(func(st *State) { st.Refused++ })
	c.log.Warn("camera refused a message", append([]any{"reason", what}, args...)...)
}
