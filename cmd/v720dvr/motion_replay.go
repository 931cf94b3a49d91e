package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
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
				replay, err = replayFile(cmd.Context(), loaded.Config, &flags, args[0])
			} else {
				replay, err = replayCamera(cmd.Context(), loaded.Config, &flags, args)
			}
			if err != nil {
				return err
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

// replay is footage that was judged again.
type replay struct {
	what     string // was judged
	settings motion.Settings
	wall     bool // times of day are known
	first    time.Time
	last     time.Time
	events   []replayedEvent
	frames   []replayedFrame
	tally    rejudge
	missing  int // files that are not there
}

func replayFile(ctx context.Context, c config.Config, flags *judgeFlags, path string) (*replay, error) {
	r, err := openFootage(path)
	if err != nil {
		return nil, err
	}
	defer r.close()
	settings, err := flags.settings(c.Camera(camera.ID(r.Summary().Camera)).Motion)
	if err != nil {
		return nil, err
	}
	p := newReplay(filepath.Base(path), settings, flags.pictures, time.Time{}, time.Unix(1<<40, 0))
	p.wall = r.Ours()
	if err := p.tally.file(ctx, r); err != nil {
		return nil, fmt.Errorf("judge %s again: %w", path, err)
	}
	p.tally.stop()
	return p, nil
}

func replayCamera(ctx context.Context, c config.Config, flags *judgeFlags, args []string) (*replay, error) {
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
	paths, err := segmentPaths(ctx, c, found.ID, from, to)
	if err != nil {
		return nil, err
	}
	p := newReplay(fmt.Sprintf("camera %s, %s to %s", found.Name, from.Format(momentLayout), to.Format(momentLayout)), settings, flags.pictures, from, to)
	p.wall = true
	for _, path := range paths {
		if err := p.segment(ctx, path); err != nil {
			return nil, fmt.Errorf("judge %s again: %w", path, err)
		}
	}
	p.tally.stop()
	return p, nil
}

// segment judges the next one. One that has gone meanwhile is counted.
func (p *replay) segment(ctx context.Context, path string) error {
	r, err := openFootage(path)
	if errors.Is(err, fs.ErrNotExist) {
		p.missing++
		return nil
	}
	if err != nil {
		return err
	}
	defer r.close()
	return p.tally.file(ctx, r)
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

func newReplay(what string, s motion.Settings, pictures bool, from, to time.Time) *replay {
	p := &replay{what: what, settings: s, events: []replayedEvent{}, frames: []replayedFrame{}}
	p.tally = rejudge{settings: s, pictures: pictures, from: from, to: to, frame: p.frame, news: p.news}
	return p
}

func (p *replay) frame(f rejudged) {
	if len(p.frames) == 0 {
		p.first = f.at
	}
	p.last = f.at
	r := f.result
	p.frames = append(p.frames, replayedFrame{
		T: p.seconds(f.at), Score: rounded(float64(r.Score)/65535, 5), Motion: r.Motion, Active: r.Active, Light: r.Light,
		Lost: f.lost, Unread: f.err != nil || r.Unseen,
	})
}

// news takes the events that have ended. What ended before the first frame that counts is left out.
func (p *replay) news(news []motion.News) {
	for _, n := range news {
		e := n.Event
		if n.Phase != motion.Ends || len(p.frames) == 0 || e.End.Before(p.first) {
			continue
		}
		told := replayedEvent{
			Kind: e.Kind, Start: p.seconds(e.Start), End: p.seconds(e.End), Peak: rounded(float64(e.Peak)/65535, 5), PeakAt: p.seconds(e.PeakAt),
			Best: p.seconds(e.Best), Box: boxOf(e.Box, e), Largest: boxOf(e.BestBox, e), Frames: e.Frames,
		}
		if p.wall {
			told.At = e.Start.In(time.Local)
		}
		for _, i := range e.ZoneNumbers() {
			told.Zones = append(told.Zones, zoneLabel(p.settings, i))
		}
		p.events = append(p.events, told)
	}
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
