package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

type tileRequest struct {
	CameraPath
	Level  string `path:"level" enum:"1s,10s,1m,10m,1h" doc:"Length of a bucket"`
	Number int64  `path:"number" minimum:"0" maximum:"8388607" doc:"The first bucket begins this many times 1024 buckets after 1970-01-01T00:00:00Z"`
}

var tileLevels = map[string]time.Duration{"1s": time.Second, "10s": 10 * time.Second, "1m": time.Minute, "10m": 10 * time.Minute, "1h": time.Hour}

type spansRequest struct {
	CameraPath
	From time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To   time.Time `query:"to" required:"true"`
	Res  int64     `query:"res" minimum:"0" maximum:"86400000" doc:"Milliseconds of a pixel: what is nearer to one another is told as one"`
}

// Spans are a stretch of a camera's time as a timeline draws it.
type Spans struct {
	From     time.Time    `json:"from"`
	To       time.Time    `json:"to" doc:"Now, where the future was asked for"`
	Res      int64        `json:"res" doc:"Milliseconds: as asked for, or more where the lists would have more than 2000 entries together"`
	Recorded []RecordedIn `json:"recorded" nullable:"false" doc:"In order"`
	Thinned  []RecordedIn `json:"thinned" nullable:"false" doc:"Of these, what has fewer pictures than were recorded: retention.thin took some out. In order"`
	Gaps     []GapIn      `json:"gaps" nullable:"false" doc:"What was not recorded, in order"`
	Events   []EventsIn   `json:"events" nullable:"false" doc:"What was seen, heard and asked for, in order, of committed segments"`
}

// RecordedIn is a time that was recorded.
type RecordedIn struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// GapIn is a gap, or several near to one another.
type GapIn struct {
	Gap
	Count int `json:"count" doc:"Of gaps; the reason is that of the longest"`
}

// EventsIn is an event, or several near to one another.
type EventsIn struct {
	From  time.Time          `json:"from"`
	To    time.Time          `json:"to" doc:"The same as from: it has no length, or is not over"`
	ID    int64              `json:"id" doc:"Of the first"`
	Kinds []camera.EventKind `json:"kinds" nullable:"false" example:"[\"motion\"]"`
	Count int                `json:"count"`
}

type spansAnswer struct{ Body Spans }

func (s *Server) tilesAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/cameras/{camera}/tiles/{level}/{number}", "camera-tile", "1024 buckets of a camera's time, for a timeline", s.cameraTile,
		answers(http.StatusOK, "application/octet-stream", "4096 bytes, four a bucket: motion, sound, coverage, flags; docs/api.md has them. To be asked about each time, by its ETag"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/spans", "camera-spans", "Recorded times, gaps and events of a span, merged below a pixel", s.cameraSpans)
}

// cameraTile serves a tile. A browser may keep it and asks each time whether it is the same still: retention
// may have deleted what it shows, and a segment of before may come late.
func (s *Server) cameraTile(ctx context.Context, in *tileRequest) (*huma.StreamResponse, error) {
	tile, err := s.o.Store.Tile(ctx, camera.ID(in.Camera), tileLevels[in.Level], in.Number)
	if err != nil {
		return nil, err
	}
	body := tile.Append(make([]byte, 0, 4*storage.TileBuckets))
	return kept("application/octet-stream", etagOf(body), body, nil), nil
}

// kept is an answer that a browser may keep, and asks about each time by its ETag.
func kept(contentType, etag string, body []byte, more http.Header) *huma.StreamResponse {
	return itself(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for key, values := range more {
			h[key] = values
		}
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

func etagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// longestSpans bounds what one request has merged: a quarter of a year of a camera is 25,000 segments.
const longestSpans = 93 * 24 * time.Hour

func (s *Server) cameraSpans(ctx context.Context, in *spansRequest) (*spansAnswer, error) {
	if !in.To.After(in.From) || in.To.Sub(in.From) > longestSpans {
		return nil, huma.Error422UnprocessableEntity("a span ends behind its begin, within 93 days")
	}
	if s.o.Now().Before(in.From) { // nothing is known of it
		answer := &spansAnswer{Body: Spans{From: s.local(in.From), To: s.local(in.From), Res: in.Res}}
		answer.Body.fill(s, storage.Spans{})
		return answer, nil
	}
	found, err := s.o.Store.Spans(ctx, camera.ID(in.Camera), in.From, in.To, time.Duration(in.Res)*time.Millisecond)
	if err != nil {
		return nil, err
	}
	answer := &spansAnswer{Body: Spans{From: s.local(found.From), To: s.local(found.To), Res: found.Res.Milliseconds()}}
	answer.Body.fill(s, found)
	return answer, nil
}

func (b *Spans) fill(s *Server, found storage.Spans) {
	b.Recorded, b.Gaps, b.Events = make([]RecordedIn, 0, len(found.Recorded)), make([]GapIn, 0, len(found.Gaps)), make([]EventsIn, 0, len(found.Events))
	for _, r := range found.Recorded {
		b.Recorded = append(b.Recorded, RecordedIn{s.local(r.From), s.local(r.To)})
	}
	b.Thinned = make([]RecordedIn, 0, len(found.Thinned))
	for _, r := range found.Thinned {
		b.Thinned = append(b.Thinned, RecordedIn{s.local(r.From), s.local(r.To)})
	}
	for _, g := range found.Gaps {
		b.Gaps = append(b.Gaps, GapIn{Gap{s.local(g.From), s.local(g.To), g.Reason}, g.Count})
	}
	for _, e := range found.Events {
		b.Events = append(b.Events, EventsIn{s.local(e.From), s.local(e.To), e.ID, e.Kinds, e.Count})
	}
}
