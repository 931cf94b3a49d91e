package web

import (
	"context"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/web/thumb"
)

const (
	sheetCells = thumb.SheetAcross * thumb.SheetDown
	cellTime   = 10 * time.Second
	sheetTime  = sheetCells * cellTime
)

type thumbRequest struct {
	CameraPath
	At time.Time `query:"at" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
}

type sheetRequest struct {
	CameraPath
	Number int64 `path:"number" minimum:"0" maximum:"14316557" doc:"The first picture is of this many times 10 minutes after 1970-01-01T00:00:00Z"`
}

func (s *Server) thumbsAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/cameras/{camera}/thumb.jpg", "camera-thumb", "The picture that stands at a moment, at a quarter of its width and height", s.cameraThumb,
		answers(http.StatusOK, "image/jpeg", "X-Timestamp has its capture time"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/sheets/{number}", "camera-sheet", "A picture every ten seconds of ten minutes, side by side", s.cameraSheet,
		answers(http.StatusOK, "image/jpeg", "10 × 6 pictures of 160×120, row by row; X-Cells has a 0 or 1 for each, whether there is one. 256 KB at most. To be asked about each time, by its ETag"))
}

// cameraThumb serves a small picture.
func (s *Server) cameraThumb(ctx context.Context, in *thumbRequest) (*huma.StreamResponse, error) {
	found, err := s.o.Store.FrameAt(ctx, camera.ID(in.Camera), in.At)
	if err != nil {
		return nil, s.noFootage(err)
	}
	key := sheetKey{}
	key.add(0, found.Ref, found.Row)
	small, err := s.thumbs.get(ctx, key, func(ctx context.Context) ([]byte, error) {
		p := s.o.Store.Projector()
		defer p.Close()
		jpeg, err := p.Read(ctx, nil, found.Ref, found.Row)
		if err != nil {
			return nil, err
		}
		picture, err := thumb.Quarter(jpeg)
		if picture == nil {
			s.o.Log.Debug("a picture cannot be read", "camera", in.Camera, "at", found.Time(), "err", err)
			return nil, huma.Error404NotFound("the picture cannot be read")
		}
		return thumb.JPEG(picture)
	})
	if err != nil {
		return nil, s.noFootage(err)
	}
	return kept("image/jpeg", key.etag(), small, http.Header{"X-Timestamp": {timestamp(found.Time())}}), nil
}

// cameraSheet serves a sheet. It is named by the pictures in it: when one of them is deleted, or one comes, it
// is another sheet, whoever has kept this one.
func (s *Server) cameraSheet(ctx context.Context, in *sheetRequest) (*huma.StreamResponse, error) {
	from := time.Unix(in.Number*int64(sheetTime/time.Second), 0)
	page, err := s.o.Store.Rows(ctx, storage.RowQuery{Camera: camera.ID(in.Camera), From: from, To: from.Add(sheetTime), Pictures: true, Limit: mostSheetRows})
	if err != nil {
		return nil, err
	}
	picks := pick(page, from)
	if len(picks) == 0 {
		return nil, huma.Error404NotFound("no picture of these ten minutes")
	}
	key, cells := sheetKey{}, [sheetCells]byte{}
	for i := range cells {
		cells[i] = '0'
	}
	for _, p := range picks {
		key.add(p.cell, page.Files[p.row.File], p.row)
		cells[p.cell] = '1'
	}
	more := http.Header{"X-Cells": {string(cells[:])}}
	if etag := key.etag(); noneMatch(asked(ctx).request, etag) {
		return kept("image/jpeg", etag, nil, more), nil // not made only to be not sent
	}
	sheet, err := s.thumbs.get(ctx, key, func(ctx context.Context) ([]byte, error) { return s.makeSheet(ctx, page, picks) })
	if err != nil {
		return nil, s.noFootage(err)
	}
	return kept("image/jpeg", key.etag(), sheet, more), nil
}

// mostSheetRows bounds what is looked through for a sheet: 100 pictures a second.
const mostSheetRows = 60_000

// picked is a picture with its place on a sheet.
type picked struct {
	cell int
	row  storage.Row
}

// pick takes the first picture of each ten seconds.
func pick(page storage.RowPage, from time.Time) (list []picked) {
	var taken [sheetCells]bool
	for _, row := range page.Rows {
		cell := int(row.Time().Sub(from) / cellTime)
		if cell >= 0 && cell < sheetCells && !taken[cell] {
			taken[cell] = true
			list = append(list, picked{cell, row})
		}
	}
	return list
}

// makeSheet reads pictures and draws them. One that is damaged is drawn as far as it can be read.
func (s *Server) makeSheet(ctx context.Context, page storage.RowPage, picks []picked) ([]byte, error) {
	projector := s.o.Store.Projector()
	defer projector.Close()
	var decoder thumb.Decoder
	var jpeg []byte
	sheet := thumb.NewSheet()
	for _, p := range picks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if jpeg, err = projector.Read(ctx, jpeg, page.Files[p.row.File], p.row); err != nil {
			return nil, err
		}
		if small, _ := decoder.Quarter(jpeg); small != nil {
			sheet.Put(p.cell, small)
		}
	}
	return sheet.JPEG()
}

// sheetKey names what is made of pictures: by where they stand.
type sheetKey struct{ text string }

func (k *sheetKey) add(cell int, ref storage.FootageRef, r storage.Row) {
	b := append([]byte(k.text), byte(cell))
	b = append(b, ref.String()...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.At))
	b = binary.BigEndian.AppendUint32(b, r.Offset)
	k.text = string(binary.BigEndian.AppendUint32(b, r.Size))
}

// The number changes when sheets or thumbs of the same pictures look otherwise.
func (k *sheetKey) etag() string { return etagOf([]byte("1 " + k.text)) }
