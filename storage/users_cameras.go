package storage

import (
	"slices"
	"strings"

	"v720dvr/camera"
)

// CameraSet says which cameras somebody may see. The zero value is none.
type CameraSet struct {
	All bool
	IDs []camera.ID // in order, each once; nil with All
}

// AllCameras are those that there are, and those to come.
var AllCameras = CameraSet{All: true}

// SomeCameras is the set of these, whatever their order.
func SomeCameras(ids ...camera.ID) CameraSet {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return CameraSet{IDs: slices.Compact(ids)}
}

// Has tells whether a camera is in the set.
func (c CameraSet) Has(id camera.ID) bool { return c.All || slices.Contains(c.IDs, id) }

// And is what is in both sets.
func (c CameraSet) And(other CameraSet) CameraSet {
	switch {
	case c.All:
		return other
	case other.All:
		return c
	}
	var both CameraSet
	for _, id := range c.IDs {
		if other.Has(id) {
			both.IDs = append(both.IDs, id)
		}
	}
	return both
}

// String is the form in state.sqlite: "*" for all, else the ids with a space between them.
func (c CameraSet) String() string {
	if c.All {
		return "*"
	}
	var text strings.Builder
	for i, id := range c.IDs {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(string(id))
	}
	return text.String()
}

func parseCameraSet(text string) CameraSet {
	if text == "*" {
		return AllCameras
	}
	var ids []camera.ID
	for _, id := range strings.Fields(text) {
		ids = append(ids, camera.ID(id))
	}
	return SomeCameras(ids...)
}
