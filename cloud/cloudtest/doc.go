// Package cloudtest is the other side of the cloud: a simulated V720 camera, and a network in
// memory for it to live on. `v720dvr run --simulate` plays the same camera over real sockets.
//
// It is written from docs/protocol.md and from captured bytes, and shares no code with package
// cloud: a protocol misread once must not hide in both.
//
// # A camera
//
// It boots (HTTP), registers (TCP), reports itself (MQTT), opens media when it is asked (UDP),
// and sends pictures and sound until it is told to stop; when something breaks it waits a while
// and boots again. Two generations of firmware differ in what they ask first, in what they
// forgive, and in the sound they send. It is strict where a server has no reason to be sloppy:
// what it cannot use is counted in State.Refused and logged.
//
//	camera, err := cloudtest.NewCamera(cloudtest.Options{
//		ID:   "0800c00128F8",
//		Host: cloudtest.Loopback{},
//		HTTP: "127.0.0.1:8080",
//		MQTT: "127.0.0.1:1883",
//		Log:  log,
//	})
//	…
//	err = camera.Run(ctx) // until ctx ends
//
// It can be a difficult one: Options decide how it sends again (Resend), how its sound clock drifts
// and where in the handshake it hangs, and while it runs it can be rebooted, moved to another
// address, cut off and made to connect twice (Reboot, Move, CutControl, SecondControl).
//
// What it sees is a Source: a drawn Scene, whose pictures carry their number (ReadStamp) and
// whose Tone tells where samples are missing (Ticks), or Footage from a file.
//
// # A network in memory
//
// A Network and all that lives on it fit into a testing/synctest bubble, where hours pass in
// seconds. Servers and cameras take a Host, and cannot tell it from the real one:
//
//	synctest.Test(t, func(t *testing.T) {
//		n := cloudtest.NewNetwork(seed)
//		server := n.Host(netip.MustParseAddr("10.42.0.1"))
//		camera := n.Host(netip.MustParseAddr("10.42.0.22"))
//		n.SetDefault(cloudtest.Conditions{Latency: 3 * time.Millisecond, Loss: 0.05, Burst: 3})
//		…
//	})
//
// Links lose, double and delay datagrams, and go down and up (Conditions); streams live through
// that as TCP does, until CutStreams resets them. RebindUDP plays a router that forgets a mapping.
// All chance follows from the seed and from the two ends of a flow.
//
// # What it does not do
//
// What is on an SD card has an AccessPoint alone, a camera on its own Wi-Fi. What commands are echoed is a guess. A camera's real timing under
// load is unknown; its window, its pacing and its way to send again are as docs/protocol.md,
// section 6, has them from others.
package cloudtest
