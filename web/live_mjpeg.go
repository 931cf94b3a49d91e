package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/recorder/motion"
)

type mjpegRequest struct {
	CameraPath
	FPS float64 `query:"fps" minimum:"0.1" maximum:"60" doc:"Pictures a second at most; missing: all that come"`
}

const (
	mjpegBoundary = "v720dvr-picture"
	mjpegType     = "multipart/x-mixed-replace; boundary=" + mjpegBoundary
)

// livePictures serves a camera's pictures as parts of an answer without end (RFC 2046, section 5.1; what
// x-mixed-replace means to browsers, Netscape once wrote down). A slow reader gets fewer of them.
func (s *Server) livePictures(ctx context.Context, in *mjpegRequest) (*huma.StreamResponse, error) {
	return s.stream(ctx, in.Camera, live.Want{Pictures: true, FPS: in.FPS}, mjpegType, func(w http.ResponseWriter, next func() (live.Item, bool)) error {
		if err := piece(w, []byte("--"+mjpegBoundary+"\r\n")); err != nil {
			return err
		}
		for item, ok := next(); ok; item, ok = next() {
			picture := motion.WithTables(item.Picture.JPEG)
			head := fmt.Appendf(nil, "Content-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: %s\r\n\r\n", len(picture), timestamp(item.Picture.At))
			// The boundary goes with the picture that it ends: a browser shows that when it sees it.
			if err := piece(w, head, picture, []byte("\r\n--"+mjpegBoundary+"\r\n")); err != nil {
				return err
			}
		}
		return nil
	})
}

// stream serves what comes of a camera that is known, as write writes it: what next gives, until it gives
// no more.
func (s *Server) stream(ctx context.Context, id string, want live.Want, contentType string, write func(w http.ResponseWriter, next func() (live.Item, bool)) error) (*huma.StreamResponse, error) {
	c, err := s.camera(ctx, id)
	if err != nil {
		return nil, err
	}
	return itself(s.placed(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if r.Method == http.MethodHead {
			return
		}
		v := s.o.Live.Subscribe(nil) // admit has asked whether this camera may be seen
		defer v.Close()
		if err := v.Watch(map[camera.ID]live.Want{c.ID: want}, false); err != nil {
			panic(err) // one camera can be watched
		}
		err := write(w, func() (live.Item, bool) { return await(r.Context(), v) })
		s.o.Log.Debug("a viewer left", "who", Asks(r.Context()).Who, "addr", r.RemoteAddr, "camera", c.ID, "stats", v.Stats(), "err", err)
	})), nil
}

// await waits for the next thing to send; false when ctx has ended. What was sent before is acknowledged:
// who writes to it waits until it has gone.
func await(ctx context.Context, v *live.Viewer) (live.Item, bool) {
	for {
		if ctx.Err() != nil {
			return live.Item{}, false
		}
		if item, ok := v.Next(); ok {
			if p := item.Picture; p.JPEG != nil {
				v.Ack(p.Camera, p.Number)
			}
			return item, true
		}
		select {
		case <-ctx.Done():
		case <-v.Ready():
		}
	}
}
