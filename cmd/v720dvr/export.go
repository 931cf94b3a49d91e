package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/export"
	"v720dvr/internal/config"
)

func newExportCommand() *cobra.Command {
	var flags configFlags
	var x exporting
	var format, timelapse string
	cmd := &cobra.Command{
		Use:   "export CAMERA[,CAMERA …] FROM [TO]",
		Short: "Make files of footage: v720dvr export \"front door\" 14:05 14:10",
		Long: "Make a file of the footage between FROM and TO, to the frame, with the camera's own pictures and sound:\n" +
			"  avi  as it was recorded; beyond 1 GiB or 4 h in numbered parts\n" +
			"  mkv  the same with the true time of each picture, in one file\n" +
			"  wav  the sound alone, silent where there was none\n" +
			"  zip  every picture as a JPEG under its time, the sound, and a list of times, gaps and events\n" +
			"  jpg  one picture: the newest at FROM or before\n" +
			"  mp4  H.264 and AAC for phones and messengers, made by ffmpeg where that is installed\n" +
			"--timelapse 60x and --every 10s make a film of some of the pictures. Several cameras go into a folder, a\n" +
			"file each. It works beside a running v720dvr, with what that is writing, and without one. An export that\n" +
			"is interrupted leaves nothing but the parts that are whole, and the same command goes on behind them. Times\n" +
			"are \"2026-11-22\", \"2026-11-22 14:05\", \"14:05\" of today, or as 2026-11-22T14:05:00+01:00.",
		Args: argsBetween(2, 3, "a camera's name or id, and one or two times"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.read(format, timelapse, args[1:], time.Now()); err != nil {
				return usageError{err}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			x.config, x.notes, x.stdout = loaded.Config, cmd.ErrOrStderr(), cmd.OutOrStdout()
			for _, name := range strings.Split(args[0], ",") {
				found, err := findCamera(cmd.Context(), loaded.Config, strings.TrimSpace(name))
				if err != nil {
					return err
				}
				x.cameras = append(x.cameras, found)
			}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			err = x.run(ctx)
			if ctx.Err() != nil {
				err = errors.New("interrupted: what was not whole is gone; the same command makes the rest")
			}
			if err == nil && x.json {
				out := cmd.OutOrStdout()
				if x.output == "-" {
					out = cmd.ErrOrStderr()
				}
				err = json.NewEncoder(out).Encode(struct {
					Files []exported `json:"files"`
				}{x.done})
			}
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&format, "format", "", "`what` to make: avi, mkv, wav, zip, jpg or mp4; without it what --output ends in, or avi (a timelapse: mkv)")
	cmd.Flags().StringVar(&timelapse, "timelapse", "", "how much faster, such as `60x`")
	cmd.Flags().DurationVar(&x.every, "every", 0, "a timelapse of a picture each so `long`, such as 10s")
	cmd.Flags().IntVar(&x.fps, "fps", 20, "pictures a second of a timelapse, 10 to 25")
	cmd.Flags().StringVar(&x.output, "output", "", "`file` to write, of several cameras the folder; - is standard output")
	cmd.Flags().BoolVar(&x.force, "force", false, "replace files that are there")
	cmd.Flags().BoolVar(&x.json, "json", false, "print JSON at the end")
	return cmd
}

// exporting is what was asked for, and what came of it.
type exporting struct {
	config     config.Config
	cameras    []config.CameraSettings
	from, to   time.Time
	format     export.Format
	every      time.Duration
	fps        int
	output     string
	force      bool
	json       bool
	notes      io.Writer
	stdout     io.Writer
	done       []exported
	footageSet footageSource
}

// exported is a file that was made.
type exported struct {
	File     string    `json:"file"`
	Camera   string    `json:"camera"`
	Bytes    int64     `json:"bytes"`
	Pictures int       `json:"pictures"`
	Sound    float64   `json:"sound_seconds"`
	Gaps     int       `json:"gaps"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	SHA256   string    `json:"sha256"`
	There    bool      `json:"was_there,omitempty"` // an earlier run had made it
}

// read checks what was asked for.
func (x *exporting) read(format, timelapse string, times []string, now time.Time) (err error) {
	if x.from, err = momentArgument(times[0], now); err != nil {
		return err
	}
	if timelapse != "" {
		faster, err := strconv.ParseFloat(strings.TrimSuffix(timelapse, "x"), 64)
		if err != nil || faster <= 1 || faster > 100_000 || x.every != 0 {
			return fmt.Errorf("--timelapse %q: write how much faster, such as 60x, or --every 10s", timelapse)
		}
		x.every = time.Duration(faster * float64(time.Second) / float64(x.fps))
	}
	if x.every != 0 && (x.fps < 10 || x.fps > 25 || x.every < 0) {
		return errors.New("a timelapse shows 10 to 25 pictures a second (--fps)")
	}
	if x.format = export.Format(format); format == "" {
		x.format = export.AVI
		if x.every > 0 {
			x.format = export.MKV
		}
		if suffix := export.Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(x.output)), ".")); suffix.Type() != "" {
			x.format = suffix
		}
	}
	if format == "mjpeg.mkv" {
		x.format = export.MKV
	}
	if x.format.Type() == "" {
		return fmt.Errorf("--format %q: there are avi, mkv, wav, zip, jpg and mp4", format)
	}
	if x.every > 0 && x.format != export.MKV && x.format != export.ZIP && x.format != export.MP4 {
		return errors.New("a timelapse is made as mkv, mp4 or zip: its times are not those of the footage")
	}
	switch {
	case len(times) == 2:
		if x.to, err = momentArgument(times[1], now); err != nil {
			return err
		}
	case x.format == export.JPG:
		x.to = x.from.Add(time.Second)
	default:
		return errors.New("until when? v720dvr export CAMERA FROM TO")
	}
	switch {
	case !x.from.Before(x.to):
		return fmt.Errorf("from %s to %s is no time", x.from.Format(momentLayout), x.to.Format(momentLayout))
	case x.from.After(now):
		return fmt.Errorf("%s has not happened yet", x.from.Format(momentLayout))
	case x.to.Sub(x.from) > 7*24*time.Hour:
		return errors.New("a week at most at once")
	}
	if x.format == export.MP4 {
		if _, err := export.FindFFmpeg(); err != nil {
			return err
		}
	}
	return nil
}

// path is where a camera's file goes; part is counted from 1, and 0 when there is but one.
func (x *exporting) path(of config.CameraSettings, first time.Time, part int) string {
	const day, clock = "2006-01-02", "15-04-05"
	from, to := x.from, x.to
	span := from.Format(day+" "+clock) + " to "
	if y1, m1, d1 := from.Date(); true {
		if y2, m2, d2 := to.Date(); y1 != y2 || m1 != m2 || d1 != d2 {
			span += to.Format(day + " ")
		}
	}
	span += to.Format(clock)
	if x.format == export.JPG {
		span = first.Format(day + " " + clock + ".000")
	}
	name := fileNamed(of.Name) + " " + span
	path := x.output
	switch {
	case len(x.cameras) > 1 && x.output == "":
		path = filepath.Join(span, name+"."+string(x.format))
	case len(x.cameras) > 1:
		path = filepath.Join(x.output, name+"."+string(x.format))
	case x.output == "":
		path = name + "." + string(x.format)
	default:
		if info, err := os.Stat(x.output); err == nil && info.IsDir() {
			path = filepath.Join(x.output, name+"."+string(x.format))
		}
	}
	if part > 0 {
		suffix := filepath.Ext(path)
		path = fmt.Sprintf("%s part %d%s", strings.TrimSuffix(path, suffix), part, suffix)
	}
	return path
}

// fileNamed leaves of a camera's name what every file system takes.
func fileNamed(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.TrimSpace(name))
	if len(name) > 100 {
		name = strings.ToValidUTF8(name[:100], "")
	}
	if name = strings.TrimLeft(name, ".-"); name == "" {
		return "camera"
	}
	return name
}
