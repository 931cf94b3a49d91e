package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// Segment is a committed file.
type Segment struct {
	ID       int64     `json:"id"`
	Camera   camera.ID `json:"camera"`
	Name     string    `json:"name" doc:"What the camera was called then"`
	Path     string    `json:"path" doc:"Below the recordings, with slashes"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Frames   int       `json:"frames" doc:"Pictures in the file, repaired ones among them"`
	Repaired int       `json:"repaired"`
	Lost     int       `json:"lost" doc:"Pictures that are not in the file"`
	Audio    bool      `json:"audio"`
	Bytes    int64     `json:"bytes"`
	Gaps     []Gap     `json:"gaps" nullable:"false" doc:"What is missing right before it, in order"`
	Inside   []Gap     `json:"inside" nullable:"false" doc:"What is missing in it"`
	Kept     bool      `json:"kept,omitempty" doc:"A keep in force holds it: retention leaves it alone"`
}

// Gap is time that was not recorded.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason" doc:"silent, offline, restarted, disk, off, schedule, paused, clock, idle, deleted, erased, unknown"`
}

// PageRequest asks for a page of a list.
type PageRequest struct {
	Camera []string  `query:"camera" maxItems:"1024" doc:"Of these cameras alone: ids, with commas; those that may be seen without"`
	From   time.Time `query:"from" doc:"RFC 3339; write %2B for the + of the offset"`
	To     time.Time `query:"to" doc:"RFC 3339; what begins there is not in it"`
	Order  string    `query:"order" enum:"oldest,newest" default:"oldest"`
	Limit  int       `query:"limit" minimum:"1" maximum:"5000" default:"500"`
	Cursor string    `query:"cursor" maxLength:"100" doc:"The next of the page before"`
}

type segmentsAnswer struct {
	Body struct {
		Segments []Segment `json:"segments" nullable:"false"`
		Next     string    `json:"next,omitempty" doc:"The cursor of the next page; missing: that is all"`
	}
}

type coverageRequest struct {
	CameraPath
	From time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To   time.Time `query:"to" required:"true"`
}

// Coverage is how much of a span was recorded. Every moment of it is recorded, or in exactly one gap.
type Coverage struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to" doc:"Now, where the future was asked for"`
	Recorded float64   `json:"recorded_seconds"`
	Share    float64   `json:"share" doc:"From 0 to 1"`
	Frames   int64     `json:"frames"`
	Repaired int64     `json:"repaired"`
	Lost     int64     `json:"lost"`
	Missing  int64     `json:"missing" doc:"Packages that never came"`
	Gaps     []Gap     `json:"gaps" nullable:"false"`
}

type coverageAnswer struct{ Body Coverage }

func (s *Server) recordingsAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/segments", "list-segments", "List segments that overlap a span, by their start", s.listSegments)
	add(s, api, "GET", "/api/v1/cameras/{camera}/coverage", "camera-coverage", "What was recorded of a span, and why the rest was not", s.cameraCoverage)
}

func (s *Server) listSegments(ctx context.Context, in *PageRequest) (*segmentsAnswer, error) {
	q, err := pageOf(ctx, in)
	if err != nil {
		return nil, err
	}
	list, err := s.o.Store.SegmentPage(ctx, q)
	if err != nil {
		return nil, err
	}
	kept, err := s.o.Store.Kept(ctx, s.o.Now())
	if err != nil {
		return nil, err
	}
	answer := new(segmentsAnswer)
	answer.Body.Segments = make([]Segment, 0, len(list))
	for _, r := range list {
		answer.Body.Segments = append(answer.Body.Segments, Segment{
			ID: r.ID, Camera: r.Camera, Name: r.Name, Path: r.Path, Start: s.local(r.Start), End: s.local(r.End),
			Width: r.Width, Height: r.Height, Frames: r.Frames, Repaired: r.Repaired, Lost: r.Lost, Audio: r.HasAudio, Bytes: r.Bytes,
			Gaps: s.gaps(r.Gaps), Inside: s.gaps(r.Inside), Kept: kept.Has(r.Camera, r.Start, r.End),
		})
	}
	if len(list) == q.Limit {
		last := list[len(list)-1]
		answer.Body.Next = cursor(storage.Place{At: last.Start, ID: last.ID})
	}
	return answer, nil
}

func (s *Server) cameraCoverage(ctx context.Context, in *coverageRequest) (*coverageAnswer, error) {
	if !in.To.After(in.From) || in.To.Sub(in.From) > longestSpan && !atHand(ctx) {
		return nil, huma.Error422UnprocessableEntity("a span ends behind its begin, within two years")
	}
	c, err := s.o.Store.Coverage(ctx, camera.ID(in.Camera), in.From, in.To)
	if err != nil {
		return nil, err
	}
	return &coverageAnswer{Body: Coverage{
		From: s.local(c.From), To: s.local(c.To), Recorded: c.Recorded.Seconds(), Share: c.Share,
		Frames: c.Frames, Repaired: c.Repaired, Lost: c.Lost, Missing: c.Missing, Gaps: s.gaps(c.Gaps),
	}}, nil
}

// longestSpan bounds what one request has summed, but for who asks at this machine.
const longestSpan = 2 * 366 * 24 * time.Hour

func (s *Server) gaps(list []avi.Gap) []Gap {
	shown := make([]Gap, 0, len(list))
	for _, g := range list {
		shown = append(shown, Gap{From: s.local(g.From), To: s.local(g.To), Reason: g.Reason})
	}
	return shown
}

// pageOf reads a request for a page, of no camera but those that who asks may see.
func pageOf(ctx context.Context, in *PageRequest) (storage.PageQuery, error) {
	wanted, err := cameraSet(len(in.Camera) == 0, in.Camera)
	if err != nil {
		return storage.PageQuery{}, err
	}
	q := storage.PageQuery{From: in.From, To: in.To, Newest: in.Order == "newest", Limit: in.Limit}
	var ok bool
	if q.Cameras, ok = visible(ctx, wanted); !ok {
		return storage.PageQuery{}, errHidden
	}
	if in.Cursor != "" {
		place, err := parseCursor(in.Cursor)
		if err != nil {
			return storage.PageQuery{}, huma.Error422UnprocessableEntity(err.Error())
		}
		q.After = &place
	}
	return q, nil
}

// cursor puts a place into words that only this server reads.
func cursor(p storage.Place) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.At.UnixMicro(), p.ID))
}

var errCursor = errors.New("the cursor is none that was given")

func parseCursor(text string) (storage.Place, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return storage.Place{}, errCursor
	}
	at, id, _ := strings.Cut(string(raw), ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return storage.Place{}, errCursor
	}
	number, err := strconv.ParseInt(id, 10, 64)
	p := storage.Place{At: time.UnixMicro(micros), ID: number}
	if err != nil || cursor(p) != text {
		return storage.Place{}, errCursor
	}
	return p, nil
}
