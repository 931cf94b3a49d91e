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
	"v720dvr/export"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// mostEncoded bounds the exports that ffmpeg makes at once: each takes a processor.
const mostEncoded = 1

type exportRequest struct {
	CameraPath
	From   time.Time     `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To     time.Time     `query:"to" required:"true" doc:"What was captured then is not in it"`
	Format export.Format `query:"format" enum:"avi,mkv,wav,zip,jpg,mp4" default:"avi" doc:"jpg: the picture at from. GET /api/v1/exports tells what can be made here"`
	Every  float64       `query:"every" minimum:"0" maximum:"86400" doc:"A timelapse: of each so many seconds the first picture, without sound and gaps; mkv, mp4 and zip"`
	FPS    int           `query:"fps" minimum:"0" maximum:"60" doc:"Pictures a second of a timelapse; 0: 20"`
}

// ExportFormat is something that a span can be made into.
type ExportFormat struct {
	Format string `json:"format" enum:"avi,mkv,wav,zip,jpg,mp4"`
	Why    string `json:"why,omitempty" doc:"Why it cannot be made here, for people; missing: it can"`
}

type exportsAnswer struct {
	Body struct {
		Formats []ExportFormat `json:"formats" nullable:"false"`
	}
}

func (s *Server) exportAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/exports", "exports", "What a span can be made into here", func(context.Context, *struct{}) (*exportsAnswer, error) {
		answer := new(exportsAnswer)
		for _, f := range export.Formats() {
			told := ExportFormat{Format: string(f)}
			if _, err := export.FindFFmpeg(); f == export.MP4 && err != nil {
				told.Why = err.Error()
			}
			answer.Body.Formats = append(answer.Body.Formats, told)
		}
		return answer, nil
	})
	add(s, api, "GET", "/api/v1/cameras/{camera}/footage", "footage-as", "A span as a file of some format", s.footageAs,
		answers(http.StatusOK, "application/octet-stream", "The file. Content-Length is right from its first byte, but mp4 has none. X-Footage-From, -To, -Pictures, -Sound (seconds) and -Gaps tell what it holds"),
		refuses(http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable, http.StatusNotImplemented))
}

// footageAs serves an export. HEAD tells how large it would be.
func (s *Server) footageAs(ctx context.Context, in *exportRequest) (*huma.StreamResponse, error) {
	r := export.Request{
		Camera: camera.ID(in.Camera), Name: s.called(ctx, camera.ID(in.Camera)), From: in.From, To: in.To, Format: in.Format,
		Every: time.Duration(in.Every * float64(time.Second)), FPS: in.FPS,
	}
	if r.Format == export.JPG {
		r.To = r.From.Add(time.Second)
	}
	if err := span(r.From, r.To); err != nil {
		return nil, err
	}
	if now := s.o.Now(); r.From.After(now) {
		return nil, huma.Error404NotFound("this has not happened yet: it is " + s.local(now).Format(time.RFC3339))
	}
	if r.Every > 0 && r.Format != export.MKV && r.Format != export.ZIP && r.Format != export.MP4 {
		return nil, huma.Error422UnprocessableEntity("a timelapse is made as mkv, mp4 or zip: its times are not those of the footage")
	}
	most := int32(mostExports)
	taking := &s.media.exports
	if r.Format == export.MP4 {
		if _, err := export.FindFFmpeg(); err != nil {
			return nil, huma.Error501NotImplemented(err.Error())
		}
		r.Format, taking, most = export.MKV, &s.media.encoded, mostEncoded
	}
	leave, ok := taking.take(most)
	if !ok {
		return nil, errReading
	}
	e, err := export.Open(ctx, s.o.Store, r)
	if err != nil {
		leave()
		return nil, s.noExport(ctx, r, err)
	}
	name := s.mediaName(r.Name, e.First, "."+string(in.Format))
	return flowing(func(w http.ResponseWriter, req *http.Request) {
		defer leave()
		defer e.Close()
		s.writeExport(w, req, e, in.Format, name)
	}), nil
}

func (s *Server) writeExport(w http.ResponseWriter, r *http.Request, e *export.Export, format export.Format, name string) {
	h := w.Header()
	h.Set("Content-Type", format.Type())
	h.Set("Content-Disposition", saved("attachment", name))
	h.Set("Accept-Ranges", "none")
	h.Set("X-Footage-From", s.local(e.First).Format(time.RFC3339Nano))
	h.Set("X-Footage-To", s.local(e.Last).Format(time.RFC3339Nano))
	h.Set("X-Footage-Pictures", strconv.Itoa(e.Pictures))
	h.Set("X-Footage-Sound", strconv.FormatFloat(e.Sound.Seconds(), 'f', -1, 64))
	h.Set("X-Footage-Gaps", strconv.Itoa(e.Gaps))
	if format != export.MP4 {
		h.Set("Content-Length", strconv.FormatInt(e.Bytes, 10))
	}
	if r.Method == http.MethodHead {
		return
	}
	var err error
	if format == export.MP4 {
		err = export.Encode(r.Context(), e.WriteTo, "", w, 1)
	} else {
		err = e.WriteTo(r.Context(), w)
	}
	if err != nil {
		s.abandon(r, "an export could not be written to its end", err)
	}
}

// noExport says why there is none, and what to ask for.
func (s *Server) noExport(ctx context.Context, r export.Request, err error) error {
	var long *storage.SpanError
	switch {
	case errors.Is(err, export.ErrNoSound):
		return huma.Error404NotFound(export.ErrNoSound.Error())
	case errors.As(err, &long) && r.Format != export.AVI && !errors.Is(err, avi.ErrSizeChanged):
		fits := s.local(long.Fits).Format(time.RFC3339Nano)
		return huma.ErrorWithHeaders(huma.NewError(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("a %s does not take all of it: ask for the span up to %s, and for the rest from then on", r.Format, fits)), http.Header{"X-Footage-Fits": {fits}})
	case !errors.Is(err, storage.ErrNoFootage):
		return s.doesNotFit(err)
	}
	text := s.noFootage(err).Error()
	before, after, failed := s.o.Store.Nearest(ctx, r.Camera, r.From, r.To)
	if failed != nil {
		return failed
	}
	if !before.IsZero() {
		text += "; footage before it ends at " + s.local(before).Format(time.RFC3339)
	}
	if !after.IsZero() {
		text += "; the next begins at " + s.local(after).Format(time.RFC3339)
	}
	return huma.Error404NotFound(text)
}
