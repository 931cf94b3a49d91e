package compat

import (
	"errors"
	"net/http"
	"time"

	"v720dvr/camera"
)

// Why a stream ends.
var (
	errSilent = errors.New("nothing came for too long")
	errGone   = errors.New("the reader is gone")
	errNoMore = errors.New("who reads may not any more")
)

// next waits for what comes next: a picture, or sound.
func (r *reading) next() (camera.Frame, camera.Audio, error) {
	r.patient.Reset(r.s.patience)
	for {
		if time.Since(r.looked) >= r.s.again {
			if r.looked = time.Now(); !r.still(r.r.Context()) {
				return camera.Frame{}, camera.Audio{}, errNoMore
			}
		}
		if f, a, ok := r.feed.Next(); ok {
			if f.JPEG != nil && time.Since(f.At) > waitPicture && !r.begun {
				continue // the last one of a camera that stalls
			}
			return f, a, nil
		}
		select {
		case <-r.r.Context().Done():
			return camera.Frame{}, camera.Audio{}, errGone
		case <-r.patient.C:
			return camera.Frame{}, camera.Audio{}, errSilent
		case <-r.feed.Ready():
		}
	}
}

// watch begins to take; call the returned function at the end.
func (r *reading) watch(want Want) func() {
	r.feed = r.s.o.Cameras.Watch(r.id, want)
	return r.feed.Close
}

// begin begins the answer: from here there is no other one.
func (r *reading) begin(contentType string) {
	r.begun = true
	h := r.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Pragma", "no-cache")
	h.Set("Age", "0")
}

// write sends pieces at once. A reader that does not take them for writeIn is ended.
func (r *reading) write(pieces ...[]byte) error {
	if err := r.out.SetWriteDeadline(time.Now().Add(writeIn)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	for _, piece := range pieces {
		if _, err := r.w.Write(piece); err != nil {
			return err
		}
	}
	return r.out.Flush()
}
