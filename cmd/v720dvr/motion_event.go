package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

// A whereabouts is a picture to explain: the file that it is in, and which of its pictures.
type whereabouts struct {
	path string
	pick func(*footageFile) (index int, err error)
}

// whereIs finds what a person asks about: a file and a time in it, a camera and a time, or the number of an
// event, of which the moment with the most motion is meant.
func whereIs(ctx context.Context, c config.Config, args []string) (whereabouts, error) {
	if len(args) == 1 {
		return whereEvent(ctx, c, args[0])
	}
	if _, err := os.Stat(args[0]); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return whereabouts{args[0], func(r *footageFile) (int, error) { return r.frameAt(args[1]) }}, nil
	}
	found, err := findCamera(ctx, c, args[0])
	if err != nil {
		return whereabouts{}, fmt.Errorf("%s is no file, and %w", args[0], err)
	}
	at, err := momentArgument(args[1], time.Now())
	if err != nil {
		return whereabouts{}, usageError{err}
	}
	return whereMoment(ctx, c, found.ID, at)
}

func whereEvent(ctx context.Context, c config.Config, number string) (whereabouts, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return whereabouts{}, usageError{fmt.Errorf("%q is no event's number; or give a file and a time, or a camera and a time", number)}
	}
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return whereabouts{}, err
	}
	defer view.Close()
	event, err := view.Event(ctx, id)
	if err != nil {
		return whereabouts{}, err
	}
	at := event.At
	if event.Ending != nil && event.Kind == camera.Motion && !event.Ending.PeakAt.IsZero() {
		at = event.Ending.PeakAt
	}
	return whereMoment(ctx, c, event.Camera, at)
}

// whereMoment finds a camera's picture of a moment.
func whereMoment(ctx context.Context, c config.Config, id camera.ID, at time.Time) (whereabouts, error) {
	paths, err := segmentPaths(ctx, c, id, at, at.Add(time.Second))
	if err != nil {
		return whereabouts{}, err
	}
	if len(paths) == 0 {
		return whereabouts{}, fmt.Errorf("nothing that is finished was recorded of camera %s at %s; v720dvr coverage tells why", id, at.In(time.Local).Format(momentLayout))
	}
	return whereabouts{paths[len(paths)-1], func(r *footageFile) (int, error) { return r.nearest(at) }}, nil
}
