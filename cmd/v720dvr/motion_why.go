package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/web"
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
			w, err := explainPicture(cmd.Context(), loaded.Config, &flags, args)
			if err != nil {
				return err
			}
			if err := os.WriteFile(out, w.PNG, 0o644); err != nil {
				return err
			}
			shown := why{w, out}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shown)
			}
			return shown.print(cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "why.png", "write the picture to `file`")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// whyFile judges a file up to a picture.
func whyFile(ctx context.Context, c config.Config, flags *judgeFlags, path string, pick func(*footageFile) (index int, err error)) (web.Why, error) {
	r, err := openFootage(path)
	if err != nil {
		return web.Why{}, err
	}
	defer r.close()
	settings, err := flags.settings(c.Camera(camera.ID(r.Summary().Camera)).Motion)
	if err != nil {
		return web.Why{}, err
	}
	i, err := pick(r)
	if err != nil {
		return web.Why{}, err
	}
	return whyFrame(ctx, r, i, motionSettings(settings), trial{pictures: flags.pictures, draw: true})
}

// frameAt finds the picture that is nearest to a time, as a person writes it.
func (r *footageFile) frameAt(when string) (nearest int, err error) {
	if len(r.Frames()) == 0 {
		return 0, fmt.Errorf("there is no picture in %s", r.name)
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
		return 0, fmt.Errorf("there is no picture in %s", r.name)
	case away(nearest) > time.Minute:
		return 0, fmt.Errorf("%s has no picture of that moment: the nearest is %v away", r.name, away(nearest).Round(time.Second))
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

// trial says how a picture is judged.
type trial struct {
	pictures bool // never by the track
	draw     bool
	turn     *turn
}

// whyFar is how far back a file is judged for a picture: longer than anything is learned for.
const whyFar = 5 * time.Minute

// whyFrame judges a file up to a frame, and tells what decided about that. A *web.JudgeError when its picture
// cannot be read.
func whyFrame(ctx context.Context, r *footageFile, index int, settings motion.Settings, how trial) (w web.Why, err error) {
	at := r.at(r.Frames()[index])
	var d drawn
	j := rejudge{settings: settings, pictures: how.pictures, from: at.Add(-whyFar), to: at.Add(1), turn: how.turn, news: func([]motion.News) {}}
	j.frame = func(f rejudged) error {
		switch {
		case f.index != index:
			return nil
		case f.err != nil || f.change == nil:
			return unreadable(r, index, f.err)
		}
		w = decided(f, settings)
		w.T = since(r.at(r.Frames()[0]), at)
		if r.Ours() {
			w.At = at.In(time.Local)
		}
		d = drawn{change: f.change, result: f.result, settings: settings}
		if !how.draw {
			return nil
		}
		bytes, err := r.picture(index)
		if err != nil {
			return unreadable(r, index, err)
		}
		if d.picture, err = viewable(bytes); err != nil {
			return unreadable(r, index, err)
		}
		d.text = append([]string{heading(w, filepath.Base(r.name)), "Judged with " + inWords(settings) + "."}, w.Because...)
		w.PNG, err = d.png()
		return err
	}
	if err := j.file(ctx, r); err != nil {
		return w, fmt.Errorf("judge %s again: %w", r.name, err)
	}
	return w, nil
}

// unreadable says that the picture that is asked for is damaged.
func unreadable(r *footageFile, index int, err error) error {
	return &web.JudgeError{Text: fmt.Sprintf("picture %d of %s cannot be read: %v", index, filepath.Base(r.name), err)}
}

// viewable decodes a picture for people.
func viewable(picture []byte) (image.Image, error) {
	return jpeg.Decode(bytes.NewReader(motion.WithTables(picture)))
}

// png draws it as a file.
func (d *drawn) png() ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, d.draw()); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return b.Bytes(), nil
}
