package web

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

type indexRequest struct {
	CameraPath
	From   time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To     time.Time `query:"to" required:"true" doc:"What was captured then is not in it"`
	Limit  int       `query:"limit" minimum:"1" maximum:"20000" default:"5000" doc:"Rows"`
	Cursor string    `query:"cursor" maxLength:"100" doc:"The next of the page before"`
}

// Index tells where pictures and sound of a span are. In the files they can be read with Range.
type Index struct {
	Base  int64      `json:"base_us" doc:"µs since 1970 UTC, to which the times of rows are added"`
	Files []string   `json:"files" nullable:"false" doc:"Segments, for /api/v1/segments/{segment}/file. One that is still being written is found by its name here also when it is finished"`
	Rows  [][5]int64 `json:"rows" nullable:"false" doc:"Each: number of the file in files, offset in it, size, time in µs, kind (0 a JPEG, 1 sound: A-law, 8000 samples a second). In the order of capture: times go back where the clock was set back"`
	Next  string     `json:"next,omitempty" doc:"The cursor of the next page; missing: that is all"`
}

type indexAnswer struct{ Body Index }

func (s *Server) footageIndex(ctx context.Context, in *indexRequest) (*indexAnswer, error) {
	if err := span(in.From, in.To); err != nil {
		return nil, err
	}
	q := storage.RowQuery{Camera: camera.ID(in.Camera), From: in.From, To: in.To, Limit: in.Limit}
	var err error
	if q.After, err = parseRowCursor(in.Cursor); err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	page, err := s.o.Store.Rows(ctx, q)
	if err != nil {
		return nil, s.noFootage(err)
	}
	answer := &indexAnswer{Body: Index{Files: make([]string, len(page.Files)), Rows: make([][5]int64, len(page.Rows))}}
	for i, ref := range page.Files {
		answer.Body.Files[i] = ref.String()
	}
	if len(page.Rows) > 0 {
		answer.Body.Base = page.Rows[0].At
	}
	for i, r := range page.Rows {
		answer.Body.Rows[i] = [5]int64{int64(r.File), int64(r.Offset), int64(r.Size), r.At - answer.Body.Base, int64(r.Kind)}
	}
	if page.Next != nil {
		answer.Body.Next = rowCursor(*page.Next)
	}
	return answer, nil
}

// rowCursor puts a place into words that only this server reads.
func rowCursor(p storage.RowPlace) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%d", p.Start, p.Number, p.At))
}

func parseRowCursor(text string) (*storage.RowPlace, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	parts := strings.Split(string(raw), ".")
	if err != nil || len(parts) != 3 {
		return nil, errCursor
	}
	var n [3]int64
	for i, part := range parts {
		if n[i], err = strconv.ParseInt(part, 10, 64); err != nil {
			return nil, errCursor
		}
	}
	if n[1] < 0 || n[1] > math.MaxUint32 {
		return nil, errCursor
	}
	p := storage.RowPlace{Start: n[0], Number: uint32(n[1]), At: n[2]}
	if rowCursor(p) != text {
		return nil, errCursor
	}
	return &p, nil
}
