package hooks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"v720dvr/camera"
)

// What a hook can be told.
const (
	EventStart  = "event_start"
	EventUpdate = "event_update"
	EventEnd    = "event_end"
	Segment     = "segment"
	CameraLost  = "camera_lost"
	CameraFound = "camera_found"
	CameraNew   = "camera_new"
	Disk        = "disk"
)

// All lists what a hook can be told.
func All() []string {
	return []string{EventStart, EventUpdate, EventEnd, Segment, CameraLost, CameraFound, CameraNew, Disk}
}

// The forms of what a webhook is sent.
const (
	JSON = "json"
	Ntfy = "ntfy"
)

// Hook is whom to tell what. Exactly one of Command and URL is set.
type Hook struct {
	Name string   // "" is made of what it calls
	On   []string // of All

	Command []string // and its arguments; with Shell one text, for /bin/sh -c
	Shell   bool

	URL    string
	Format string                 // JSON or Ntfy; "" is JSON
	Secret func() (string, error) // signs JSON, is the access token of Ntfy; nil: none. Asked at each call
	CAFile string                 // PEM of who may sign the receiver's certificate; "" is the system's

	Timeout time.Duration // of a call; 0 is 30 s
	Picture bool          // a picture goes with it

	Cameras   []string                    // names or ids; none: all
	Called    func(id camera.ID) []string // names and id of a camera; nil: its id
	Kinds     []camera.EventKind          // of events; none: all
	MinLength time.Duration               // of events
	Open      func(time.Time) bool        // whether it is told what happens at a moment; nil: always
	Cooldown  time.Duration               // after a call nothing of the same camera is told, but the end of what was

	Page     string   // where people reach the page: "https://box:7720"; "" links nowhere
	Title    string   // of Ntfy, with placeholders; "" is a good one
	Message  string   // likewise
	Priority int      // of Ntfy, 1 to 5; 0 says none
	Tags     []string // of Ntfy
}

// timeout of a call that has none of its own.
const timeout = 30 * time.Second

// Called of a hook is its name, or one that stays the same as long as what it calls does.
func (h *Hook) called() string {
	if h.Name != "" {
		return h.Name
	}
	text, _ := json.Marshal([]any{h.On, h.Command, h.URL, h.Format, h.Cameras}) // texts alone
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%s-%s", h.Where(), hex.EncodeToString(sum[:3]))
}

// Where says what it calls without what may be secret of it: the program, or the URL's host.
func (h *Hook) Where() string {
	if h.URL != "" {
		if u, err := url.Parse(h.URL); err == nil && u.Host != "" {
			return u.Host
		}
		return "web"
	}
	if h.Shell {
		return "sh"
	}
	if len(h.Command) == 0 {
		return "nothing"
	}
	return filepath.Base(h.Command[0])
}

// wants tells whether a hook is told an occurrence at all, a cool-down aside.
func (h *Hook) wants(o Occurrence) bool {
	if !slices.Contains(h.On, o.On) || h.Open != nil && !h.Open(o.At) {
		return false
	}
	if len(h.Cameras) > 0 && !slices.ContainsFunc(h.namesOf(o.Camera), func(name string) bool { return slices.Contains(h.Cameras, name) }) {
		return false
	}
	if o.isEvent() {
		return (len(h.Kinds) == 0 || slices.Contains(h.Kinds, o.Kind)) && o.length() >= h.MinLength
	}
	return true
}

func (h *Hook) namesOf(id camera.ID) []string {
	if id == "" {
		return nil
	}
	if h.Called == nil {
		return []string{string(id)}
	}
	return h.Called(id)
}
