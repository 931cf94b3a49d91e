package live

import (
	"slices"

	"v720dvr/camera"
)

// Sound is a piece of a camera's sound with its number: where one is missing, a piece was dropped.
type Sound struct {
	camera.Audio
	Number uint32
}

// Bounds of the sound that waits for a viewer, of all cameras together. Beyond them the oldest is dropped:
// it is of no use any more to who listens.
const (
	mostSounds     = 128      // pieces
	mostSoundBytes = 32 << 10 // 4 s of one camera
)

// sounds are the pieces that a viewer has not got yet, in order.
type sounds struct {
	list  []Sound
	bytes int
}

// add puts a piece behind the others, and tells how many were dropped for it.
func (q *sounds) add(a Sound) (dropped int) {
	q.list = append(q.list, a)
	q.bytes += len(a.ALaw)
	for len(q.list) > mostSounds || q.bytes > mostSoundBytes && len(q.list) > 1 {
		q.take()
		dropped++
	}
	return dropped
}

func (q *sounds) take() (a Sound, ok bool) {
	if len(q.list) == 0 {
		return Sound{}, false
	}
	a = q.list[0]
	q.bytes -= len(a.ALaw)
	q.list = slices.Delete(q.list, 0, 1)
	return a, true
}

// forget drops what is of a camera.
func (q *sounds) forget(id camera.ID) {
	q.list = slices.DeleteFunc(q.list, func(a Sound) bool {
		if a.Camera == id {
			q.bytes -= len(a.ALaw)
		}
		return a.Camera == id
	})
}
