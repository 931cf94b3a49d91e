package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Capturer takes down what cameras and cloud say to each other.
type Capturer interface {
	// Capture begins; write writes it, and ends it. It is to be called.
	Capture(ctx context.Context, q CaptureQuery) (write func(context.Context, io.Writer) error, err error)
	// EndCapture ends the one that goes on.
	EndCapture(ctx context.Context) error
}

// CaptureQuery is what is to be captured.
type CaptureQuery struct {
	Camera camera.ID `json:"camera,omitempty" doc:"Only what is said with the address of this one; missing: with all"`
	// Seconds and Bytes end it.
	Seconds int   `json:"seconds,omitempty" minimum:"1" maximum:"86400" doc:"It ends after so long; missing: 600"`
	Bytes   int64 `json:"bytes,omitempty" minimum:"4096" maximum:"1073741824" doc:"It ends before the file is larger; missing: 64 MB"`
}

type captureRequest struct{ Body CaptureQuery }

const (
	captureTime = 10 * time.Minute
	captureType = "application/x-pcapng"
)

func (s *Server) captureAPI(api huma.API) {
	add(s, api, "POST", "/api/v1/capture", "capture", "Take down what cameras and cloud say to each other, for Wireshark and bug reports", s.capture,
		answers(http.StatusOK, captureType, "A pcapng file, as it grows. It holds pictures, sound, names of Wi-Fi networks and what cameras prove themselves with"),
		refuses(http.StatusConflict))
	add(s, api, "DELETE", "/api/v1/capture", "capture-end", "End the capture that goes on: who has it gets its end", func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, s.o.Box.EndCapture(ctx)
	})
}

// capture serves a capture as it grows, until its time is over, it is full or who has it goes.
func (s *Server) capture(ctx context.Context, in *captureRequest) (*huma.StreamResponse, error) {
	write, err := s.o.Box.Capture(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	limit := captureTime
	if in.Body.Seconds > 0 {
		limit = time.Duration(in.Body.Seconds) * time.Second
	}
	return itself(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", captureType)
		w.Header().Set("Content-Disposition", `attachment; filename="v720dvr.pcapng"`)
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		_ = write(ctx, pieces{w}) // who has it has gone: there is nobody to tell
	}), nil
}

// pieces writes each piece of a stream at once.
type pieces struct{ w http.ResponseWriter }

func (p pieces) Write(b []byte) (int, error) { return len(b), piece(p.w, b) }
