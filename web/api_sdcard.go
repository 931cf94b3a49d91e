package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Cards reads cameras' SD cards through the cloud. A *CommandError says what the camera, or the way to it, says
// to that: 404 there is no such file, 409 the card is none to read, 503 the camera cannot be reached or is
// busy with its card, 504 it says nothing, or the connection broke.
type Cards interface {
	// CardDays lists the days that a camera has recorded, "2026-11-22", in order.
	CardDays(ctx context.Context, id camera.ID) ([]string, error)
	// CardMinutes lists the files of a day, a minute each, "2026-11-22T14:05", in order.
	CardMinutes(ctx context.Context, id camera.ID, day string) ([]string, error)
	// SendCardFile calls begin when it knows how large a minute's file is, and writes it to what that gives.
	SendCardFile(ctx context.Context, id camera.ID, minute string, begin func(size int64) io.Writer) error
	// DeleteCardFile deletes one, for good.
	DeleteCardFile(ctx context.Context, id camera.ID, minute string) error
}

type cardDayRequest struct {
	CameraPath
	Day string `path:"day" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"By the camera's clock" example:"2026-11-22"`
}

type cardMinuteRequest struct {
	CameraPath
	Minute string `path:"minute" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$" doc:"By the camera's clock" example:"2026-11-22T14:05"`
}

type cardDaysAnswer struct {
	Body struct {
		Days []string `json:"days" nullable:"false" doc:"That the card has something of"`
	}
}

type cardMinutesAnswer struct {
	Body struct {
		Minutes []string `json:"minutes" nullable:"false" doc:"A file each"`
	}
}

func (s *Server) sdcardAPI(api huma.API) {
	const path = "/api/v1/cameras/{camera}/sdcard"
	busy := refuses(http.StatusConflict, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
	add(s, api, "GET", path, "sdcard-days", "Days on a camera's SD card", func(ctx context.Context, in *CameraPath) (*cardDaysAnswer, error) {
		c, err := s.camera(ctx, in.Camera)
		if err != nil {
			return nil, err
		}
		days, err := s.o.Box.CardDays(ctx, c.ID)
		answer := new(cardDaysAnswer)
		answer.Body.Days = listed(days)
		return answer, err
	}, busy)
	add(s, api, "GET", path+"/{day}", "sdcard-minutes", "Files of a day on a camera's SD card", func(ctx context.Context, in *cardDayRequest) (*cardMinutesAnswer, error) {
		c, err := s.camera(ctx, in.Camera)
		if err != nil {
			return nil, err
		}
		minutes, err := s.o.Box.CardMinutes(ctx, c.ID, in.Day)
		answer := new(cardMinutesAnswer)
		answer.Body.Minutes = listed(minutes)
		return answer, err
	}, busy)
	add(s, api, "GET", path+"/{minute}/file", "sdcard-file", "A file of a camera's SD card, as the camera sends it", s.sdcardFile,
		answers(http.StatusOK, aviType, "The camera's own AVI; when it is cut off, so is the answer, shorter than its Content-Length"), busy)
	add(s, api, "DELETE", path+"/{minute}", "sdcard-delete", "Delete a file of a camera's SD card, for good", func(ctx context.Context, in *cardMinuteRequest) (*struct{}, error) {
		c, err := s.camera(ctx, in.Camera)
		if err != nil {
			return nil, err
		}
		about(ctx, in.Camera, in.Minute)
		err = s.o.Box.DeleteCardFile(ctx, c.ID, in.Minute)
		var failed *CommandError
		if err != nil && !(errors.As(err, &failed) && failed.Status < http.StatusInternalServerError) { // it may have gone all the same
			about(ctx, in.Camera, in.Minute+" (failed)")
			s.audit(ctx, "camera.sdcard.delete")
		}
		return nil, err
	}, busy)
}

// sdcardFile serves a file while the camera sends it.
func (s *Server) sdcardFile(ctx context.Context, in *cardMinuteRequest) (*huma.StreamResponse, error) {
	c, err := s.camera(ctx, in.Camera)
	if err != nil {
		return nil, err
	}
	return itself(func(w http.ResponseWriter, r *http.Request) {
		out := bufio.NewWriterSize(pieces{w}, 64<<10)
		begun := false
		err := s.o.Box.SendCardFile(r.Context(), c.ID, in.Minute, func(size int64) io.Writer {
			begun = true
			h := w.Header()
			h.Set("Content-Type", aviType)
			h.Set("Content-Length", strconv.FormatInt(size, 10))
			h.Set("Content-Disposition", saved("attachment", string(c.ID)+" "+in.Minute+".avi"))
			return out
		})
		if err == nil {
			err = out.Flush()
		}
		var answer huma.StatusError
		switch {
		case err == nil:
		case begun:
			panic(http.ErrAbortHandler) // who asked sees that it is not all
		case errors.As(s.problemOf(ctx, err), &answer):
			problem(w, answer.GetStatus(), answer.Error())
		default:
			problem(w, http.StatusInternalServerError, "the file cannot be read")
		}
	}), nil
}
