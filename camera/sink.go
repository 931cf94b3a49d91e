package camera

import "time"

// Frame is one picture, or the place of one that was lost.
type Frame struct {
	Camera ID
	// At is the capture time as well as it can be known, not the moment the last package came.
	// docs/time.md tells how it is found.
	At time.Time
	// JPEG is the camera's own bytes from SOI to EOI, never re-encoded. Nil when the picture was
	// lost: then Missing tells by how many packages.
	JPEG []byte
	// Repaired is set when at least one package came only by being sent again.
	Repaired bool
	// Missing counts the packages that never came; 0 with JPEG nil when all came and made no picture.
	Missing int
}

// Audio is a piece of sound without holes.
type Audio struct {
	Camera ID
	// At is the capture time of the first sample.
	At time.Time
	// ALaw is G.711 A-law at SampleRate, mono: one byte a sample, whatever the camera sent.
	ALaw []byte
}

// SampleRate of all sound, in samples a second.
const SampleRate = 8000

// EventKind names what happened to a camera.
type EventKind string

// The kinds of Event. The texts are written to disk and to logs: they never change.
const (
	Online    EventKind = "online"    // the control connection is up and registered; Detail is Booted or Reconnected
	Offline   EventKind = "offline"   // the control connection is gone; Detail says why
	Streaming EventKind = "streaming" // the first media of a media session has come
	Stalled   EventKind = "stalled"   // media has stopped; the session is being opened again
	Device    EventKind = "device"    // the camera reported something itself; Detail is what it sent
	Motion    EventKind = "motion"    // something moves in its pictures
	Light     EventKind = "light"     // the light of all of them changes
	Sound     EventKind = "sound"     // it is louder than it was
	Asked     EventKind = "asked"     // a person or a program asked to record; Detail says who
	Ended     EventKind = "ended"     // another one is over; Detail says which (docs/storage.md, "Events")
	// What a Condition tells, each once until it changes.
	Absent      EventKind = "absent"       // nothing of it for AbsentAfter; Detail says since when
	Present     EventKind = "present"      // one that was Absent is there again, for PresentAfter; Detail says how long it was gone
	BatteryLow  EventKind = "battery_low"  // BatteryLowAt or less; Detail is the percentage
	BatteryFine EventKind = "battery_fine" // BatteryFineAt or more again; Detail is the percentage
	Changed     EventKind = "changed"      // a setting of the camera's own, by whom ever; Detail says what: "IrLed 0 → 1"
	// What is wrong with what it gives, each with an Ended of its own; Detail says since when. docs/motion.md, "Health".
	Frozen  EventKind = "frozen"  // pictures come, and each is the one before
	Black   EventKind = "black"   // there is nothing to see
	Covered EventKind = "covered" // the picture is dark and even all over
	Grey    EventKind = "grey"    // it has no colour, and is not dark
	Blurred EventKind = "blurred" // it has far less detail than usual
	Deaf    EventKind = "deaf"    // sound comes, and is digital silence

	Clock EventKind = "clock" // the box's wall clock was set; Detail says by how much
)

// How a camera that is Online came back.
const (
	Booted      = "booted"      // it asked for its server first, as it does whenever it boots
	Reconnected = "reconnected" // it did not: it had power all the time
)

// Event is something that happened to a camera, or that it reported.
type Event struct {
	Camera ID
	At     time.Time
	Kind   EventKind
	Detail string
}

// Sink takes what cameras give. Calls come from several goroutines, in capture order for each
// camera; none of them may block: a sink that cannot keep up drops and counts.
type Sink interface {
	Frame(Frame)
	Audio(Audio)
	Event(Event)
}
