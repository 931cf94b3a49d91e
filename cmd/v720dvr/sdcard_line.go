package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/cloud/accesspoint"
	"v720dvr/cloud/card"
	"v720dvr/storage"
	"v720dvr/web"
)

// cardFlags say how a card is reached: on the camera's own Wi-Fi, or with --camera through the running v720dvr.
type cardFlags struct {
	accessPointFlags
	configFlags
	camera string
}

func (f *cardFlags) add(cmd *cobra.Command) {
	f.accessPointFlags.add(cmd)
	f.configFlags.add(cmd)
	cmd.Flags().StringVar(&f.camera, "camera", "", "`name` or id of a camera that the running v720dvr records; without it: the one on whose own Wi-Fi this machine is")
}

// cardLine is a way to a card.
type cardLine interface {
	// read has do look and delete.
	read(ctx context.Context, do func(cardReader) error) error
	// fetch has a file at path, byte for byte, or none.
	fetch(ctx context.Context, m card.Minute, path string, progress func(done, size int64)) (card.File, error)
}

type cardReader interface {
	Dates(ctx context.Context) ([]card.Date, error)
	Day(ctx context.Context, date card.Date) ([]card.Minute, error)
	Delete(ctx context.Context, m card.Minute) error
}

// line is the way that the flags name.
func (f *cardFlags) line(ctx context.Context, notes io.Writer) (cardLine, error) {
	if f.camera == "" {
		return ownWiFi{f.accessPointFlags}, nil
	}
	if f.address != accesspoint.Address {
		return nil, usageError{errors.New("--camera asks the running v720dvr, --address the camera itself: take one of them")}
	}
	loaded, err := f.load()
	if err != nil {
		return nil, err
	}
	found, err := findCamera(ctx, loaded.Config, f.camera)
	if err != nil {
		return nil, err
	}
	return throughCloud{loaded.Config.Storage.Dir, found.ID, notes}, nil
}

type ownWiFi struct{ accessPointFlags }

func (w ownWiFi) read(ctx context.Context, do func(cardReader) error) error {
	return w.inCamera(ctx, func(c *accesspoint.Camera) error { return do(c) })
}

func (w ownWiFi) fetch(ctx context.Context, m card.Minute, path string, progress func(done, size int64)) (card.File, error) {
	return accesspoint.Fetch(ctx, w.options(), m, path, progress)
}

// throughCloud asks the running v720dvr for what is on a card.
type throughCloud struct {
	dir   string
	id    camera.ID
	notes io.Writer
}

// fetchPause is what a camera that was cut off is given to come again, before each further try.
const fetchPause = 3 * time.Second

func (c throughCloud) path(what string) string { return cameraPath(c.id, "sdcard"+what) }

func (c throughCloud) ask(ctx context.Context, method, what string, answer any) error {
	err := ask(ctx, c.dir, method, c.path(what), nil, answer)
	if errors.Is(err, errNotRunning) {
		err = fmt.Errorf("%w: nobody can reach the cameras", err)
	}
	return err
}

func (c throughCloud) read(_ context.Context, do func(cardReader) error) error { return do(c) }

// Dates lists the days of the card.
func (c throughCloud) Dates(ctx context.Context) (dates []card.Date, err error) {
	var told struct{ Days []string }
	if err := c.ask(ctx, http.MethodGet, "", &told); err != nil {
		return nil, err
	}
	return cardDates(told.Days)
}

// Day lists the files of a day.
func (c throughCloud) Day(ctx context.Context, date card.Date) (minutes []card.Minute, err error) {
	var told struct{ Minutes []string }
	if err := c.ask(ctx, http.MethodGet, "/"+date.String(), &told); err != nil {
		return nil, err
	}
	for _, text := range told.Minutes {
		m, err := card.ParseMinute(text)
		if err != nil {
			return nil, err
		}
		minutes = append(minutes, m)
	}
	return minutes, nil
}

// Delete deletes a file.
func (c throughCloud) Delete(ctx context.Context, m card.Minute) error {
	return c.ask(ctx, http.MethodDelete, "/"+m.String(), nil)
}

func (c throughCloud) fetch(ctx context.Context, m card.Minute, path string, progress func(done, size int64)) (card.File, error) {
	before, began := c.pictures(ctx), time.Now()
	file, err := card.Fetch(ctx, path, fetchPause, func(ctx context.Context, w io.Writer) (card.File, error) {
		var file card.File
		n, err := download(ctx, http.MethodGet, c.dir, c.path("/"+m.String()+"/file"), nil, func(size int64) io.Writer {
			file.Size = size
			return shownWriter{w, size, new(int64), progress}
		})
		if refused := (*apiError)(nil); errors.As(err, &refused) && (refused.status == http.StatusServiceUnavailable || refused.status == http.StatusGatewayTimeout) {
			err = fmt.Errorf("%w (%w)", card.ErrBroken, err)
		}
		if err == nil && n != file.Size { // ctx has ended
			err = errors.Join(card.ErrCut, ctx.Err())
		}
		return file, err
	})
	// A camera sends five pictures a second at the least, or none.
	if took := time.Since(began); took >= 3*time.Second && c.pictures(ctx)-before < int64(took.Seconds()) {
		fmt.Fprintf(c.notes, "The camera stopped its stream while it played its card: some %.0f s are not recorded.\n", took.Seconds())
	}
	return file, err
}

// pictures is how many have come of the camera; 0 when nobody tells.
func (c throughCloud) pictures(ctx context.Context) int64 {
	var state web.CameraState
	if ask(ctx, c.dir, http.MethodGet, cameraPath(c.id, "state"), nil, &state) != nil {
		return 0
	}
	return state.Pictures
}

// shownWriter tells how far something is.
type shownWriter struct {
	w        io.Writer
	size     int64
	done     *int64
	progress func(done, size int64)
}

func (s shownWriter) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	*s.done += int64(n)
	s.progress(*s.done, s.size)
	return n, err
}

// keeper takes files that were fetched over as footage of a camera; with "" it does nothing.
func (f *cardFlags) keeper(cmd *cobra.Command, name string, cut bool) (func(path string, m card.Minute) error, error) {
	if name == "" {
		return func(string, card.Minute) error { return nil }, nil
	}
	loaded, err := f.load()
	if err != nil {
		return nil, err
	}
	found, err := findCamera(cmd.Context(), loaded.Config, name)
	if err != nil {
		return nil, err
	}
	return func(path string, m card.Minute) error {
		r, err := importFile(cmd.Context(), loaded.Config, found, path, m.Start(time.Local), cut, cmd.ErrOrStderr())
		if refused := (*apiError)(nil); errors.As(err, &refused) && refused.status == http.StatusConflict || errors.As(err, new(*storage.OverlapError)) {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is not footage: %v\n", filepath.Base(path), err)
			return err
		}
		if err != nil {
			return err
		}
		return printImported(cmd.OutOrStdout(), path, r)
	}, nil
}
