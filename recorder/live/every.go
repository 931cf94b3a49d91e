package live

import (
	"slices"

	"v720dvr/camera"
)

// Bounds of the pictures that wait for a viewer that wants every one, of all cameras together. Beyond them the
// oldest is dropped.
const (
	mostPictures     = 64      // 2 s at the 30 a second that is the most of any camera
	mostPictureBytes = 4 << 20 // of which one is kept whatever its size
)

// line are the pictures that a viewer has not got yet, in order.
type line struct {
	list  []Picture
	bytes int
}

// add puts a picture behind the others, and tells how many were dropped for it.
func (l *line) add(p Picture) (dropped int) {
	l.list = append(l.list, p)
	l.bytes += len(p.JPEG)
	for len(l.list) > mostPictures || l.bytes > mostPictureBytes && len(l.list) > 1 {
		l.take()
		dropped++
	}
	return dropped
}

func (l *line) take() (p Picture, ok bool) {
	if len(l.list) == 0 {
		return Picture{}, false
	}
	p = l.list[0]
	l.bytes -= len(p.JPEG)
	l.list = slices.Delete(l.list, 0, 1)
	return p, true
}

// forget drops what is of a camera.
func (l *line) forget(id camera.ID) {
	l.list = slices.DeleteFunc(l.list, func(p Picture) bool {
		if p.Camera == id {
			l.bytes -= len(p.JPEG)
		}
		return p.Camera == id
	})
}

// queueUp has a picture of a camera sent behind those before it.
func (v *Viewer) queueUp(p Picture) {
	v.stats.Thinned += int64(v.line.add(p))
	v.wake()
}
