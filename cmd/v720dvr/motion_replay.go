package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/web"
)

func newMotionReplayCommand() *cobra.Command {
	var flags judgeFlags
	var asJSON, frames bool
	cmd := &cobra.Command{
		Use:   "replay FILE | CAMERA FROM TO",
		Short: "Judge a file or past footage again, with other settings if you like",
		Long: "Judge a file, any AVI with MJPEG pictures, or a camera's past footage again: by the track that was written\n" +
			"while it was recorded where there is one, which takes seconds for a day, else by the pictures. FROM and TO are\n" +
			"\"2026-11-22\", \"2026-11-22 14:05\", \"14:05\" of today, or as 2026-11-22T14:05:00+01:00. Nothing is changed by it.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 3 {
				return usageError{fmt.Errorf("%s takes a file, or a camera and two times; got %q", cmd.CommandPath(), args)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			var replay *replay
			if len(args) == 1 {
				replay, err = replayFile(cmd.Context(), loaded.Config, &flags, args[0], frames)
			} else {
				replay, err = replayCamera(cmd.Context(), loaded.Config, &flags, args, frames)
			}
			if err != nil {
				return err
			}
			if replay.without != "" {
				fmt.Fprintln(cmd.ErrOrStderr(), "v720dvr: what is being written now is left out:", replay.without)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(replay.answer(frames))
			}
			return replay.print(cmd.OutOrStdout(), frames)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&frames, "frames", false, "tell of every frame, too")
	return cmd
}

// replay is footage that was judged again, to be printed.
type replay struct {
	what     string // was judged
	settings motion.Settings
	wall     bool // times of day are known
	told     web.Replay
	without  string // why what is being written now is not in it; "" when it is
}

func replayFile(ctx context.Context, c config.Config, flags *judgeFlags, path string, frames bool) (*replay, error) {
	r, err := openFootage(path)
	if err != nil {
		return nil, err
	}
	defer r.close()
	settings, err := flags.settings(c.Camera(camera.ID(r.Summary().Camera)).Motion)
	if err != nil {
		return nil, err
	}
	t := newRetrial(settings, nil, time.Time{}, time.Unix(1<<40, 0))
	t.pictures, t.frames = flags.pictures, frames
	if err := t.add(ctx, r); err != nil {
		return nil, fmt.Errorf("judge %s again: %w", path, err)
	}
	return &replay{what: filepath.Base(path), settings: t.settings, wall: r.Ours(), told: t.end()}, nil
}

// replayCamera has the v720dvr that runs judge, which has what it is writing now too. Without one, and where
// that is more than it does beside recording, the finished files are judged here.
func replayCamera(ctx context.Context, c config.Config, flags *judgeFlags, args []string, frames bool) (*replay, error) {
	from, to, err := spanArguments(args[1], args[2], time.Now())
	if err != nil {
		return nil, err
	}
	found, err := findCamera(ctx, c, args[0])
	if err != nil {
		return nil, err
	}
	settings, err := flags.settings(found.Motion)
	if err != nil {
		return nil, err
	}
	p := &replay{
		what:     fmt.Sprintf("camera %s, %s to %s", found.Name, from.Format(momentLayout), to.Format(momentLayout)),
		settings: motionSettings(settings), wall: true,
	}
	err = p.ask(ctx, c.Storage.Dir, flags, found.ID, from, to, frames)
	var refused *apiError
	switch {
	case err == nil:
		return p, nil
	case errors.As(err, &refused) && slices.Contains([]int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}, refused.status):
		p.without = refused.text
	case !errors.Is(err, errNotRunning):
		return nil, err
	}
	t := newRetrial(settings, nil, from, to)
	t.pictures, t.frames = flags.pictures, frames
	paths, err := segmentPaths(ctx, c, found.ID, from, to)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := t.segment(ctx, path); err != nil {
			return nil, fmt.Errorf("judge %s again: %w", path, err)
		}
	}
	p.told = t.end()
	return p, nil
}

// ask asks the v720dvr that runs.
func (p *replay) ask(ctx context.Context, dir string, flags *judgeFlags, id camera.ID, from, to time.Time, frames bool) error {
	tries, err := flags.tried()
	if err != nil {
		return err
	}
	body := map[string]any{"from": from, "to": to, "settings": tries, "pictures": flags.pictures, "frames": frames}
	if err := askWithin(ctx, judgeLimit, dir, http.MethodPost, cameraPath(id, "motion/replay"), body, &p.told); err != nil {
		return err
	}
	// By what the settings in force are there: its environment may say others than this command's.
	by, err := tried(config.Motion{}, p.told.Settings)
	if err != nil {
		return fmt.Errorf("read what the running v720dvr judged by: %w", err)
	}
	p.settings = motionSettings(by)
	return nil
}

// judgeLimit is how long judging may take: a month in which something moves all the time takes minutes.
const judgeLimit = time.Hour

// segment judges the next one. One that has gone meanwhile is counted.
func (t *retrial) segment(ctx context.Context, path string) error {
	r, err := openFootage(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.told.Missing++
		return nil
	}
	if err != nil {
		return err
	}
	defer r.close()
	return t.add(ctx, r)
}

// spanArguments reads the two times of a span.
func spanArguments(first, second string, now time.Time) (from, to time.Time, err error) {
	if from, err = momentArgument(first, now); err != nil {
		return from, to, usageError{err}
	}
	if to, err = momentArgument(second, now); err != nil {
		return from, to, usageError{err}
	}
	if !from.Before(to) {
		return from, to, usageError{fmt.Errorf("from %s to %s is no time", from.Format(momentLayout), to.Format(momentLayout))}
	}
	return from, to, nil
}

// segmentPaths lists the files of a camera's segments in a span, in their order.
func segmentPaths(ctx context.Context, c config.Config, id camera.ID, from, to time.Time) (paths []string, err error) {
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	segments, err := view.Segments(ctx, storage.SegmentQuery{Camera: id, From: from.Add(-learns), To: to})
	if err != nil {
		return nil, err
	}
	folder := c.Storage.Recordings
	if folder == "" {
		folder = filepath.Join(c.Storage.Dir, "recordings")
	}
	slices.SortStableFunc(segments, func(a, b storage.SegmentRecord) int { return a.Start.Compare(b.Start) })
	for _, s := range segments {
		paths = append(paths, filepath.Join(folder, filepath.FromSlash(s.Path)))
	}
	return paths, nil
}

// fileIsThere refuses to write over a file unless forced.
func fileIsThere(path string, force bool) error {
	if _, err := os.Lstat(path); err == nil && !force {
		return fmt.Errorf("%s is there already: --force replaces it, --out names another", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
