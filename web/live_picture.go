package web

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
	"v720dvr/web/thumb"
)

type latestRequest struct {
	CameraPath
	Width  int `query:"w" minimum:"1" maximum:"4096" doc:"Pixels that are wide enough: where a quarter of its width and height is, that comes; missing: as it is"`
	MaxAge int `query:"max_age" minimum:"1" maximum:"31536000" default:"10" doc:"Seconds: an older picture is none"`
}

// latestPicture serves a camera's latest picture.
func (s *Server) latestPicture(ctx context.Context, in *latestRequest) (*huma.StreamResponse, error) {
	f, ok := s.o.Live.Latest(camera.ID(in.Camera))
	if now := s.o.Now(); !ok || now.Sub(f.At) > time.Duration(in.MaxAge)*time.Second {
		return nil, s.noPicture(ctx, in, f.At)
	}
	picture, small, err := s.scaled(ctx, motion.WithTables(f.JPEG), in.Width)
	if err != nil {
		return nil, err
	}
	return itself(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Cache-Control", "private, no-cache") // to be asked about each time, by its ETag
		w.Header().Set("X-Timestamp", timestamp(f.At))
		w.Header().Set("ETag", fmt.Sprintf(`"%s-%x-%t"`, s.run, f.At.UnixMicro(), small))
		// No Last-Modified: its seconds would make a picture of the one before.
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture))
	}), nil
}

// mostScaling bounds the pictures that are scaled at once: each takes a millisecond of a core.
const mostScaling = 2

// scaled is a picture at a quarter of its width and height where that is wide enough, else as it is; so is
// one that cannot be read.
func (s *Server) scaled(ctx context.Context, picture []byte, width int) (_ []byte, small bool, err error) {
	if width == 0 {
		return picture, false, nil
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(picture))
	if err != nil || (config.Width+3)/4 < width {
		return picture, false, nil
	}
	select {
	case <-ctx.Done():
		return nil, false, ctx.Err()
	case d := <-s.scalers:
		defer func() { s.scalers <- d }()
		quarter, err := d.Quarter(picture)
		if err != nil {
			return picture, false, nil
		}
		picture, err = thumb.JPEG(quarter)
		return picture, true, err
	}
}

func newScalers() chan *thumb.Decoder {
	scalers := make(chan *thumb.Decoder, mostScaling)
	for range mostScaling {
		scalers <- new(thumb.Decoder)
	}
	return scalers
}

// noPicture says why there is none that is new enough.
func (s *Server) noPicture(ctx context.Context, in *latestRequest, last time.Time) error {
	c, err := s.camera(ctx, in.Camera)
	if err != nil {
		return err
	}
	why := "no picture has come yet"
	switch {
	case c.Recording == RecordingPaused:
		why = "it is paused, for privacy"
	case !last.IsZero():
		why = "the last picture is of " + s.local(last).Format(time.RFC3339)
	case !c.Online:
		why = "it is not connected"
	}
	return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("there is no picture of the last "+strconv.Itoa(in.MaxAge)+" s: "+why),
		http.Header{"Retry-After": {"5"}})
}

// timestamp is a capture time as programs that read MJPEG take it: seconds since 1970 with six decimals.
func timestamp(at time.Time) string {
	micros := at.UnixMicro()
	return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6)
}
