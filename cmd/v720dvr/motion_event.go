package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

// explainPicture tells of what a person asks about: a file and a time in it, a camera and a time, or the number of
// an event. What was recorded the v720dvr that runs explains, which has what it is writing now too.
func explainPicture(ctx context.Context, c config.Config, flags *judgeFlags, args []string) (web.Why, error) {
	if len(args) == 1 {
		return explainEvent(ctx, c, flags, args[0])
	}
	if _, err := os.Stat(args[0]); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return whyFile(ctx, c, flags, args[0], func(r *footageFile) (int, error) { return r.frameAt(args[1]) })
	}
	found, err := findCamera(ctx, c, args[0])
	if err != nil {
		return web.Why{}, fmt.Errorf("%s is no file, and %w", args[0], err)
	}
	at, err := momentArgument(args[1], time.Now())
	if err != nil {
		return web.Why{}, usageError{err}
	}
	w, err := askWhy(ctx, c.Storage.Dir, flags, cameraPath(found.ID, "motion/why"), url.Values{"at": {at.Format(time.RFC3339Nano)}})
	if !errors.Is(err, errNotRunning) {
		return w, err
	}
	return explainMoment(ctx, c, flags, found.ID, at)
}

func explainEvent(ctx context.Context, c config.Config, flags *judgeFlags, number string) (web.Why, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 {
		return web.Why{}, usageError{fmt.Errorf("%q is no event's number; or give a file and a time, or a camera and a time", number)}
	}
	w, err := askWhy(ctx, c.Storage.Dir, flags, fmt.Sprintf("/api/v1/events/%d/why", id), url.Values{})
	var refused *apiError
	if errors.As(err, &refused) && refused.status == http.StatusNotFound {
		err = fmt.Errorf("event %d: %w", id, err)
	}
	if !errors.Is(err, errNotRunning) {
		return w, err
	}
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return web.Why{}, err
	}
	defer view.Close()
	event, err := view.Event(ctx, id)
	if err != nil {
		return web.Why{}, err
	}
	return explainMoment(ctx, c, flags, event.Camera, web.MomentOf(event))
}

// askWhy asks the v720dvr that runs, for the reasons and for the picture.
func askWhy(ctx context.Context, dir string, flags *judgeFlags, path string, query url.Values) (w web.Why, err error) {
	tries, err := flags.tried()
	if err != nil {
		return w, err
	}
	for name, value := range map[string]string{"min_size": tries.MinSize, "hold": tries.Hold} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if tries.Sensitivity != 0 {
		query.Set("sensitivity", strconv.Itoa(tries.Sensitivity))
	}
	if flags.pictures {
		query.Set("pictures", "true")
	}
	if tries.Zones != nil {
		zones, err := json.Marshal(tries.Zones)
		if err != nil {
			return w, err
		}
		query.Set("zones", string(zones))
	}
	var picture bytes.Buffer
	if err := ask(ctx, dir, http.MethodGet, path+".json?"+query.Encode(), nil, &w); err != nil {
		return w, err
	}
	if err := ask(ctx, dir, http.MethodGet, path+".png?"+query.Encode(), nil, &picture); err != nil {
		return w, err
	}
	w.At, w.PNG = w.At.In(time.Local), picture.Bytes()
	return w, nil
}

// explainMoment tells of a camera's picture of a moment, from the finished files: of the one with the picture
// that is nearest.
func explainMoment(ctx context.Context, c config.Config, flags *judgeFlags, id camera.ID, at time.Time) (web.Why, error) {
	paths, err := segmentPaths(ctx, c, id, at, at.Add(time.Second))
	if err != nil {
		return web.Why{}, err
	}
	nearest, away := "", time.Duration(-1)
	var gone error
	for _, path := range paths {
		far, err := howFar(path, at)
		switch {
		case err != nil:
			gone = err
		case away < 0 || far < away:
			nearest, away = path, far
		}
	}
	switch {
	case nearest != "":
		return whyFile(ctx, c, flags, nearest, func(r *footageFile) (int, error) { return r.nearest(at) })
	case gone != nil:
		return web.Why{}, gone
	}
	return web.Why{}, fmt.Errorf("nothing that is finished was recorded of camera %s at %s; v720dvr coverage tells why", id, at.In(time.Local).Format(momentLayout))
}

// howFar is how far a file's nearest picture is from a moment.
func howFar(path string, at time.Time) (time.Duration, error) {
	r, err := openFootage(path)
	if err != nil {
		return 0, err
	}
	defer r.close()
	i, err := r.nearest(at)
	if err != nil {
		return 0, err
	}
	return r.at(r.Frames()[i]).Sub(at).Abs(), nil
}
