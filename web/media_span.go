package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

type spanRequest struct {
	CameraPath
	From time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To   time.Time `query:"to" required:"true" doc:"What was captured then is not in it"`
}

// footage serves a span as one AVI. Its length is known before its first byte; HEAD tells it.
func (s *Server) footage(ctx context.Context, in *spanRequest) (*huma.StreamResponse, error) {
	if err := span(in.From, in.To); err != nil {
		return nil, err
	}
	leave, ok := s.media.exports.take(mostExports)
	if !ok {
		return nil, errReading
	}
	footage, err := s.o.Store.Span(ctx, camera.ID(in.Camera), in.From, in.To)
	if err != nil {
		leave()
		return nil, s.doesNotFit(err)
	}
	name := s.mediaName(s.called(ctx, camera.ID(in.Camera)), footage.Summary.Start, ".avi")
	return flowing(func(w http.ResponseWriter, r *http.Request) {
		defer leave()
		defer footage.Close()
		h := w.Header()
		h.Set("Content-Type", aviType)
		h.Set("Content-Length", strconv.FormatInt(footage.Summary.Bytes, 10))
		h.Set("Content-Disposition", saved("attachment", name))
		h.Set("Accept-Ranges", "none")
		h.Set("X-Footage-From", s.local(footage.Summary.Start).Format(time.RFC3339Nano))
		h.Set("X-Footage-To", s.local(footage.Summary.End).Format(time.RFC3339Nano))
		if r.Method == http.MethodHead {
			return
		}
		if err := footage.WriteTo(r.Context(), w); err != nil {
			s.abandon(r, "a span could not be written to its end", err)
		}
	}), nil
}

// doesNotFit says what of a span to ask for when one file does not take it.
func (s *Server) doesNotFit(err error) error {
	var long *storage.SpanError
	if !errors.As(err, &long) {
		return s.noFootage(err)
	}
	fits := s.local(long.Fits).Format(time.RFC3339Nano)
	header := http.Header{"X-Footage-Fits": {fits}}
	if errors.Is(err, avi.ErrSizeChanged) {
		return huma.ErrorWithHeaders(huma.Error409Conflict("the pictures' size changes: ask for the span up to "+fits+", and for the rest from then on"), header)
	}
	return huma.ErrorWithHeaders(huma.NewError(http.StatusRequestEntityTooLarge,
		fmt.Sprintf("a file takes %d MiB and %v: ask for the span up to %s, and for the rest from then on", avi.MaxSize>>20, avi.MaxLength, fits)), header)
}

// abandon breaks an answer off, so that nobody takes it for a whole one.
func (s *Server) abandon(r *http.Request, what string, err error) {
	if r.Context().Err() == nil && !errors.Is(err, storage.ErrNoFootage) && !errors.Is(err, storage.ErrUnknown) {
		s.o.Log.Warn(what, "path", r.URL.Path, "err", err)
	}
	panic(http.ErrAbortHandler)
}
