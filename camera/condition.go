package camera

import "time"

// Condition is what a camera said of itself last, and how it could be reached: all that is known of its
// state, in one place. The cloud is its only writer; who gets one gets a copy that nobody changes. docs/protocol.md,
// section 7, has the names in Values and Texts.
type Condition struct {
	// Values are numbers by the vendor's names ("IrLed", "devPower"), Texts wifiName, version and devModel. What a
	// camera did not tell is not there.
	Values   map[string]int64  `json:"values,omitempty"`
	Texts    map[string]string `json:"texts,omitempty"`
	Networks []string          `json:"networks,omitempty"` // SSIDs of its last Wi-Fi scan
	Reported time.Time         `json:"reported,omitzero"`  // when it told any of this last

	Registered bool      `json:"registered,omitempty"` // it had a control connection once
	Control    bool      `json:"control"`              // it has one now
	Broker     bool      `json:"broker"`               // it takes commands over MQTT now
	Since      time.Time `json:"since,omitzero"`       // when it came, or went: when Reachable changed last
	Absent     bool      `json:"absent"`               // it has been gone for long enough to be told; see AbsentAfter
	Low        bool      `json:"low"`                  // its battery was told to be low

	Connections int64   `json:"connections"` // control connections it has made, restarts of ours counted in
	Pictures    int64   `json:"pictures"`    // that came whole, likewise
	Lost        int64   `json:"lost"`        // that did not, likewise
	FPS         float64 `json:"fps"`         // pictures a second, over the last 10 s
}

// Reachable tells whether there is a way to the camera now.
func (c Condition) Reachable() bool { return c.Control || c.Broker }

// Battery is how full it is in percent; ok is false when the camera did not tell.
func (c Condition) Battery() (percent int64, ok bool) {
	percent, ok = c.Values["devPower"]
	return percent, ok
}

// Hold-off: what flaps is told once.
const (
	// AbsentAfter is how long a camera is gone before that is told: four heartbeats. docs/protocol.md, section 3.
	AbsentAfter = 20 * time.Second
	// PresentAfter is how long one that was told to be gone is there before that is told.
	PresentAfter = 10 * time.Second
	// BatteryLowAt and BatteryFineAt are in percent.
	BatteryLowAt  = 15
	BatteryFineAt = 25
)
