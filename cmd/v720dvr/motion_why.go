package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
)

func newMotionWhyCommand() *cobra.Command {
	var flags judgeFlags
	var out string
	var force, asJSON bool
	cmd := &cobra.Command{
		Use:   "why EVENT | FILE TIME | CAMERA TIME",
		Short: "Show in a picture why something is motion, or is not",
		Long: "Judge footage up to a moment, and draw that picture with all that decided: the grid, how much each cell\n" +
			"changed, what counts of it, and the zones. EVENT is the number of an event, as page and API tell it; FILE is any\n" +
			"AVI with MJPEG pictures. TIME is a time of day as in motion replay, or, in a file, seconds from the first picture\n" +
			"(83.5 or 1m23.5s).",
		Args: argsBetween(1, 2, "an event's number, or a file or a camera and a time"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			if err := fileIsThere(out, force); err != nil {
				return err
			}
			where, err := whereIs(cmd.Context(), loaded.Config, args)
			if err != nil {
				return err
			}
			w, picture, err := whyFile(cmd.Context(), loaded.Config, &flags, where)
			if err != nil {
				return err
			}
			if err := savePicture(out, picture); err != nil {
				return err
			}
			w.Picture = out
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(w)
			}
			return w.print(cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "why.png", "write the picture to `file`")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// whyFile judges a file up to a picture.
func whyFile(ctx context.Context, c config.Config, flags *judgeFlags, where whereabouts) (why, *image.NRGBA, error) {
	r, err := openFootage(where.path)
	if err != nil {
		return why{}, nil, err
	}
	defer r.close()
	settings, err := flags.settings(c.Camera(camera.ID(r.Summary().Camera)).Motion)
	if err != nil {
		return why{}, nil, err
	}
	i, err := where.pick(r)
	if err != nil {
		return why{}, nil, err
	}
	return whyFrame(ctx, r, i, settings, flags.pictures)
}

// frameAt finds the picture that is nearest to a time, as a person writes it.
func (r *footageFile) frameAt(when string) (nearest int, err error) {
	if len(r.Frames()) == 0 {
		return 0, fmt.Errorf("there is no picture in %s", r.path)
	}
	at, err := r.moment(when, r.at(r.Frames()[0]))
	if err != nil {
		return 0, usageError{err}
	}
	return r.nearest(at)
}

// nearest finds the picture that is nearest to a moment.
func (r *footageFile) nearest(at time.Time) (nearest int, err error) {
	nearest = -1
	away := func(i int) time.Duration { return r.at(r.Frames()[i]).Sub(at).Abs() }
	for i, frame := range r.Frames() {
		if !frame.Lost && (nearest < 0 || away(i) < away(nearest)) {
			nearest = i
		}
	}
	switch {
	case nearest < 0:
		return 0, fmt.Errorf("there is no picture in %s", r.path)
	case away(nearest) > time.Minute:
		return 0, fmt.Errorf("%s has no picture of that moment: the nearest is %v away", r.path, away(nearest).Round(time.Second))
	}
	return nearest, nil
}

// moment reads seconds from the begin, or a time of day.
func (r *footageFile) moment(when string, begin time.Time) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(when, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return begin.Add(time.Duration(seconds * float64(time.Second))), nil
	}
	if after, err := time.ParseDuration(when); err == nil && after >= 0 {
		return begin.Add(after), nil
	}
	if !r.Ours() {
		return begin, fmt.Errorf("%q is no time of a file that knows no time of day; write for example 83.5 or 1m23.5s, from the first picture on", when)
	}
	return momentArgument(when, begin.In(time.Local))
}

// whyFrame judges a file up to a frame, and tells what decided about that.
func whyFrame(ctx context.Context, r *footageFile, index int, settings motion.Settings, pictures bool) (w why, picture *image.NRGBA, err error) {
	at := r.at(r.Frames()[index])
	var d drawn
	j := rejudge{settings: settings, pictures: pictures, to: at.Add(1), news: func([]motion.News) {}, frame: func(f rejudged) {
		if f.index != index || f.err != nil || f.change == nil {
			err = errors.Join(err, f.errAt(index))
			return
		}
		w = decided(f, settings)
		w.T = rounded(at.Sub(r.at(r.Frames()[0])).Seconds(), 3)
		if r.Ours() {
			w.At = at.In(time.Local)
		}
		f.result.Regions = slices.Clone(f.result.Regions)
		d = drawn{change: f.change, result: f.result, settings: settings}
	}}
	if err := errors.Join(j.file(ctx, r), err); err != nil {
		return w, nil, fmt.Errorf("judge %s again: %w", r.path, err)
	}
	bytes, err := r.picture(index)
	if err != nil {
		return w, nil, err
	}
	if d.picture, err = viewable(bytes); err != nil {
		return w, nil, fmt.Errorf("read picture %d of %s: %w", index, r.path, err)
	}
	d.text = append([]string{w.heading(filepath.Base(r.path)), "Judged with " + inWords(settings) + "."}, w.Because...)
	return w, d.draw(), nil
}

// errAt is why the frame that is asked for could not be looked at.
func (f rejudged) errAt(index int) error {
	if f.index == index {
		return f.err
	}
	return nil
}

// viewable decodes a picture for people.
func viewable(picture []byte) (image.Image, error) {
	return jpeg.Decode(bytes.NewReader(motion.WithTables(picture)))
}

func savePicture(path string, picture image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
