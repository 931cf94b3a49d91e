package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/storage"
)

// Bounds of what reads recordings at once.
const (
	mostFiles   = 64 // segments' files that are being served: 32 KB each
	mostExports = 4  // spans and frames, which the disk is busy with: 60 MB each at most, of an hour 8
)

// media counts what reads recordings now.
type media struct{ files, exports, encoded places }

// places are taken and given back.
type places struct{ taken atomic.Int32 }

// take takes one of so many; call leave, once or more often, to give it back.
func (p *places) take(most int32) (leave func(), ok bool) {
	if p.taken.Add(1) > most {
		p.taken.Add(-1)
		return nil, false
	}
	return sync.OnceFunc(func() { p.taken.Add(-1) }), true
}

// errReading is told who asks for more than can be read at once.
var errReading = huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("as much is read from the recordings now as may be"), http.Header{"Retry-After": {"5"}})

func (s *Server) mediaAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/segments/{segment}/file", "segment-file", "A segment's file; Range is for players", s.segmentFile,
		answers(http.StatusOK, aviType, "The AVI file"), alsoAnswers(http.StatusPartialContent, aviType, "The part that Range asks for"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/open.avi", "open-segment", "The segment that is being written, as it is now", s.openSegment,
		answers(http.StatusOK, aviType, "The AVI file; Content-Location names it, also when it is finished"), alsoAnswers(http.StatusPartialContent, aviType, "The part that Range asks for"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/footage.avi", "footage", "A span as one AVI, nothing coded anew", s.footage,
		answers(http.StatusOK, aviType, "Pictures and sound of from ≤ t < to. X-Footage-From and X-Footage-To tell what it holds"),
		refuses(http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/cameras/{camera}/index", "footage-index", "Where pictures and sound of a span are, for players", s.footageIndex)
	add(s, api, "GET", "/api/v1/cameras/{camera}/frames", "frames", "Pictures of a span, one behind the other", s.frames,
		answers(http.StatusOK, "application/octet-stream", "Of each picture: u32 its length, i64 its capture time in µs since 1970 UTC, both big endian, and the JPEG. X-Next has the cursor of the next page"),
		refuses(http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/cameras/{camera}/frame.jpg", "frame", "The picture that stood at a moment", s.frame,
		answers(http.StatusOK, "image/jpeg", "As the camera made it. X-Timestamp is its capture time, in seconds since 1970 UTC"))
}

const aviType = "video/x-msvideo"

// alsoAnswers adds an answer to those of an operation.
func alsoAnswers(status int, contentType, description string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: description, Content: map[string]*huma.MediaType{
			contentType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
	}
}

// refuses names refusals of an operation.
func refuses(status ...int) func(*huma.Operation) {
	return func(op *huma.Operation) { op.Errors = append(op.Errors, status...) }
}

// noFootage makes a 404 of an error that says that nothing is there, and says why.
func (s *Server) noFootage(err error) error {
	var gap *storage.GapError
	switch {
	case errors.As(err, &gap):
		g := gap.Gap
		return huma.Error404NotFound(fmt.Sprintf("nothing stands there: %s from %s to %s", g.Reason, s.local(g.From).Format(time.RFC3339), s.local(g.To).Format(time.RFC3339)))
	case errors.Is(err, storage.ErrNoFootage):
		return huma.Error404NotFound("nothing stands there")
	case errors.Is(err, storage.ErrManySegments):
		return huma.Error422UnprocessableEntity(storage.ErrManySegments.Error())
	}
	return err
}

// span checks a span that is asked for.
func span(from, to time.Time) error {
	if !to.After(from) || to.Sub(from) > longestFootage {
		return huma.Error422UnprocessableEntity("a span of footage ends behind its begin, within a week")
	}
	if year := from.UTC().Year(); year < 1970 || year > 9000 {
		return huma.Error422UnprocessableEntity("from is no time of a recording")
	}
	return nil
}

// longestFootage bounds what one request goes through.
const longestFootage = 7 * 24 * time.Hour
