package live

import (
	"slices"
	"testing"

	"v720dvr/camera"
)

func TestWhoWantsEveryPictureGetsThemInOrderWithoutAck(t *testing.T) {
	h := NewHub()
	h.Frame(frame(door, 0))
	v := watching(t, h, map[camera.ID]Want{door: {Pictures: true, Every: true}, yard: {Pictures: true}}, false)
	for i := 1; i < 4; i++ {
		h.Frame(frame(door, i))
		h.Frame(frame(yard, i))
	}
	want(t, drain(v, false), "0800c0000001 #1", "0800c0000001 #2", "0800c0000001 #3", "0800c0000001 #4", "0800c0000002 #3")
	if got := v.Stats(); got.Pictures != 5 || got.Thinned != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestLineOfPicturesIsBoundedByNumberAndBytes(t *testing.T) {
	for _, c := range []struct{ size, come, wait int }{{20, 80, mostPictures}, {1 << 20, 6, 4}, {5 << 20, 2, 1}} {
		h := NewHub()
		v := watching(t, h, map[camera.ID]Want{door: {Pictures: true, Every: true}}, false)
		for i := range c.come {
			f := frame(door, i)
			f.JPEG = make([]byte, c.size)
			h.Frame(f)
		}
		var got []uint32
		for i, ok := v.Next(); ok; i, ok = v.Next() {
			got = append(got, i.Picture.Number)
		}
		if len(got) != c.wait || !slices.IsSorted(got) || int(got[len(got)-1]) != c.come || v.Stats().Thinned != int64(c.come-c.wait) || v.line.bytes != 0 {
			t.Errorf("%d pictures of %d bytes: got %v, %+v, %d bytes are left", c.come, c.size, got, v.Stats(), v.line.bytes)
		}
	}
}

func TestLineOfPicturesIsGoneWithThePauseTheWishAndTheViewer(t *testing.T) {
	for name, end := range map[string]func(*Hub, *Viewer) error{
		"a pause":      func(h *Hub, _ *Viewer) error { h.Forget(door); return nil },
		"another wish": func(_ *Hub, v *Viewer) error { return v.Watch(map[camera.ID]Want{door: {Sound: true}}, false) },
		"no wish":      func(_ *Hub, v *Viewer) error { return v.Watch(nil, false) },
		"nobody":       func(_ *Hub, v *Viewer) error { v.Close(); return nil },
	} {
		h := NewHub()
		v := watching(t, h, map[camera.ID]Want{door: {Pictures: true, Every: true}}, false)
		h.Frame(frame(door, 1))
		if err := end(h, v); err != nil {
			t.Fatal(err)
		}
		if got := drain(v, false); len(got) != 0 || v.line.bytes != 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
