package cloud

import (
	"net/netip"
	"strings"
	"time"

	"v720dvr/camera"
)

// Door is where somebody came to the cloud.
type Door string

// The doors of a Contact, in about the order in which cameras come to them. docs/protocol.md, sections 2 to 4.
const (
	DoorDNS     Door = "dns"     // a question for a name of ours; there may be many a second
	DoorHTTP    Door = "http"    // a request of the bootstrap
	DoorControl Door = "control" // a registration on the control connection that was taken
	DoorMedia   Door = "media"   // a 51 of a registered camera, by UDP; a few in each opening
	DoorMQTT    Door = "mqtt"    // the broker let it in
)

// Contact is one time that somebody came to a door: what who sets a camera up wants to see.
type Contact struct {
	Camera camera.ID // as it called itself, or as it is called from now on; "" when neither is known
	Door   Door
	At     time.Time
	Addr   netip.Addr
	// Said is how it began, as it came, but printable and cut to mostSaid; without the camera's secret.
	Said string
}

// mostSaid bounds Contact.Said, in bytes.
const mostSaid = 200

// said makes a text of strangers fit for people's eyes: ASCII that prints, one line, not long.
func said(text string) string {
	printable := func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}
	return strings.Map(printable, strings.TrimRight(text[:min(len(text), mostSaid)], "\x00"))
}
