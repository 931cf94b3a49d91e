package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

type segmentRequest struct {
	Segment string `path:"segment" maxLength:"64" doc:"Its id, or as the index of footage has it"`
}

// segmentFile serves a segment's file. One of a camera that who asks may not see is one that is not there.
func (s *Server) segmentFile(ctx context.Context, in *segmentRequest) (*huma.StreamResponse, error) {
	ref, err := storage.ParseFootageRef(in.Segment)
	if err != nil {
		return nil, errHidden
	}
	return s.file(ctx, func() (*storage.Footage, error) {
		f, err := s.o.Store.OpenFootage(ctx, ref)
		if err == nil && !Asks(ctx).Cameras.Has(f.Camera) {
			return nil, errors.Join(errHidden, f.Close())
		}
		return f, err
	})
}

// openSegment serves the segment of a camera that is being written.
func (s *Server) openSegment(ctx context.Context, in *CameraPath) (*huma.StreamResponse, error) {
	return s.file(ctx, func() (*storage.Footage, error) {
		f, err := s.o.Store.OpenNewest(ctx, camera.ID(in.Camera))
		if errors.Is(err, storage.ErrNoFootage) {
			err = huma.Error404NotFound("nothing is being written of this camera now")
		}
		return f, err
	})
}

func (s *Server) file(ctx context.Context, open func() (*storage.Footage, error)) (*huma.StreamResponse, error) {
	leave, ok := s.media.files.take(mostFiles)
	if !ok {
		return nil, errReading
	}
	f, err := open()
	if err != nil {
		leave()
		if ctx.Err() == nil && (errors.Is(err, storage.ErrUnknown) || errors.Is(err, storage.ErrNoFootage) || errors.Is(err, errHidden)) {
			err = errHidden // that it is there, and whose it is, is nobody's who may not have it
		}
		return nil, err
	}
	return flowing(func(w http.ResponseWriter, r *http.Request) {
		defer leave()
		defer f.Close()
		h := w.Header()
		h.Set("Content-Type", aviType)
		h.Set("Content-Disposition", saved("attachment", f.Name))
		h.Set("ETag", fmt.Sprintf(`"%v-%d-%d"`, f.FootageRef, f.Start.UnixMicro(), f.Size))
		changed := f.Changed
		if f.Growing {
			changed = time.Time{} // it changes more often than once a second: the ETag alone tells
			h.Set("Content-Location", "/api/v1/segments/"+f.FootageRef.String()+"/file")
		}
		http.ServeContent(w, r, "", changed, io.NewSectionReader(f, 0, f.Size))
	}), nil
}
