package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

type framesRequest struct {
	CameraPath
	From   time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To     time.Time `query:"to" required:"true" doc:"What was captured then is not in it"`
	Step   int       `query:"step" minimum:"1" maximum:"10000" default:"1" doc:"Of so many pictures the first"`
	Limit  int       `query:"limit" minimum:"1" maximum:"5000" default:"600" doc:"Pictures"`
	Cursor string    `query:"cursor" maxLength:"100" doc:"The X-Next of the page before"`
}

// pictureHead is what stands before a picture: its length and its capture time.
const pictureHead = 4 + 8

// frames serves pictures of a span one behind the other.
func (s *Server) frames(ctx context.Context, in *framesRequest) (*huma.StreamResponse, error) {
	if err := span(in.From, in.To); err != nil {
		return nil, err
	}
	after, err := parseRowCursor(in.Cursor)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	leave, ok := s.media.exports.take(mostExports)
	if !ok {
		return nil, errReading
	}
	list, next, err := s.everyNth(ctx, in, after)
	if err != nil {
		leave()
		return nil, s.noFootage(err)
	}
	length := int64(0)
	for _, f := range list {
		length += pictureHead + int64(f.Size)
	}
	return flowing(func(w http.ResponseWriter, r *http.Request) {
		defer leave()
		h := w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Length", strconv.FormatInt(length, 10))
		if next != "" {
			h.Set("X-Next", next)
		}
		if r.Method == http.MethodHead {
			return
		}
		if err := s.writeFrames(r.Context(), w, list); err != nil {
			s.abandon(r, "pictures could not be written to their end", err)
		}
	}), nil
}

// everyNth lists the pictures to serve, and the cursor of what is behind them.
func (s *Server) everyNth(ctx context.Context, in *framesRequest, after *storage.RowPlace) (list []storage.Found, next string, err error) {
	q := storage.RowQuery{Camera: camera.ID(in.Camera), From: in.From, To: in.To, After: after, Pictures: true}
	for skip := 0; ; {
		q.Limit = min(mostRowsAtOnce, skip+(in.Limit-len(list))*in.Step+1)
		page, err := s.o.Store.Rows(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for i := skip; i < len(page.Rows); i += in.Step {
			if len(list) == in.Limit {
				return list, rowCursor(page.Place(i)), nil
			}
			list = append(list, storage.Found{Row: page.Rows[i], Ref: page.Files[page.Rows[i].File]})
			skip = i + in.Step
		}
		skip = max(skip-len(page.Rows), 0)
		if q.After = page.Next; page.Next == nil {
			return list, "", nil
		}
	}
}

// mostRowsAtOnce bounds what is gone through at once: 24 bytes each.
const mostRowsAtOnce = 50_000

func (s *Server) writeFrames(ctx context.Context, w http.ResponseWriter, list []storage.Found) (err error) {
	read := s.o.Store.Projector()
	defer read.Close()
	var jpeg, head []byte
	for _, f := range list {
		if jpeg, err = read.Read(ctx, jpeg, f.Ref, f.Row); err != nil {
			return err
		}
		head = binary.BigEndian.AppendUint32(head[:0], f.Size)
		head = binary.BigEndian.AppendUint64(head, uint64(f.At))
		if _, err = w.Write(head); err != nil {
			return err
		}
		if _, err = w.Write(jpeg); err != nil {
			return err
		}
	}
	return nil
}

type frameRequest struct {
	CameraPath
	At time.Time `query:"at" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
}

// frame serves the picture that stood at a moment: the newest that was captured at it or before.
func (s *Server) frame(ctx context.Context, in *frameRequest) (*huma.StreamResponse, error) {
	if err := span(in.At, in.At.Add(time.Second)); err != nil {
		return nil, err
	}
	found, err := s.o.Store.FrameAt(ctx, camera.ID(in.Camera), in.At)
	if err != nil {
		return nil, s.noFootage(err)
	}
	read := s.o.Store.Projector()
	defer read.Close()
	jpeg, err := read.Read(ctx, nil, found.Ref, found.Row)
	if err != nil {
		return nil, s.noFootage(err)
	}
	name := s.mediaName(s.called(ctx, camera.ID(in.Camera)), found.Time(), ".jpg")
	return itself(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "image/jpeg")
		h.Set("Cache-Control", "private, no-cache") // to be asked about each time, by its ETag
		h.Set("X-Timestamp", timestamp(found.Time()))
		h.Set("Content-Disposition", saved("inline", name))
		h.Set("ETag", fmt.Sprintf(`"%x-%d"`, found.At, found.Size))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(jpeg))
	}), nil
}
