package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

// pauseRequest asks for a camera's pause, or, with resume, for its end.
type pauseRequest struct {
	camera camera.ID
	until  time.Time // zero: until it is ended
	resume bool
}

func newCamerasPauseCommand() *cobra.Command {
	var flags configFlags
	var until string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pause NAME [DURATION]",
		Short: "Record nothing of a camera for a while: v720dvr cameras pause kitchen 2h",
		Long: "Record nothing of a camera for a while (30m, 2h, 1d), until a time, or without either until\n" +
			"v720dvr cameras resume. Not even the seconds before something happens are kept, and a\nrestart changes nothing. The time counts as a gap with the reason \"paused\".",
		Args: argsBetween(1, 2, "a camera's name or id, and for how long"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			end, err := pauseEnd(args[1:], until, now)
			if err != nil {
				return usageError{err}
			}
			return changePause(cmd, flags, args[0], pauseRequest{until: end}, asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&until, "until", "", "pause until this `time`: \"18:00\", \"2026-11-22 18:00\"")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newCamerasResumeCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "resume NAME",
		Short: "End a camera's pause",
		Args:  argsBetween(1, 1, "a camera's name or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return changePause(cmd, flags, args[0], pauseRequest{resume: true}, asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// pauseEnd reads when a pause ends; zero: not by itself.
func pauseEnd(length []string, until string, now time.Time) (time.Time, error) {
	switch {
	case len(length) > 0 && until != "":
		return time.Time{}, errors.New("give a duration or --until, not both")
	case len(length) > 0:
		var d config.Duration
		if err := d.UnmarshalText([]byte(length[0])); err != nil {
			return time.Time{}, fmt.Errorf("pause for %q: %w", length[0], err)
		}
		if d <= 0 {
			return time.Time{}, fmt.Errorf("pause for %q: want more than nothing; v720dvr cameras resume ends a pause", length[0])
		}
		return now.Add(time.Duration(d)), nil
	case until != "":
		end, err := momentFlag(until, now)
		if err == nil && !end.After(now) {
			err = fmt.Errorf("--until %q is over", until)
		}
		return end, err
	}
	return time.Time{}, nil
}

func changePause(cmd *cobra.Command, flags configFlags, name string, asked pauseRequest, asJSON bool) error {
	loaded, err := flags.load()
	if err != nil {
		return err
	}
	c := loaded.Config
	found, err := findCamera(cmd.Context(), c, name)
	if err != nil {
		return err
	}
	asked.camera = found.ID
	running, err := pauseIn(cmd.Context(), c, asked)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
			ID      camera.ID `json:"id"`
			Name    string    `json:"name"`
			Paused  bool      `json:"paused"`
			Until   time.Time `json:"until,omitzero"`
			Running bool      `json:"running"`
		}{found.ID, found.Name, !asked.resume, asked.until, running})
	}
	text := "is recorded again"
	switch {
	case asked.resume:
	case asked.until.IsZero():
		text = "is paused until: v720dvr cameras resume " + name
	default:
		text = "is paused until " + asked.until.Local().Format(momentLayout)
	}
	if !running {
		text += "; v720dvr is not running now"
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Camera %s %s.\n", found.Name, text)
	return err
}

// pauseIn asks the v720dvr that runs; without one it writes for the next.
func pauseIn(ctx context.Context, c config.Config, asked pauseRequest) (running bool, err error) {
	what, body := "pause", any(struct {
		Until time.Time `json:"until,omitzero"`
	}{asked.until})
	if asked.resume {
		what, body = "resume", nil
	}
	err = ask(ctx, c.Storage.Dir, http.MethodPost, cameraPath(asked.camera, what), body, nil)
	if !errors.Is(err, errNotRunning) {
		return true, err
	}
	if asked.resume {
		err = storage.UnpauseOffline(ctx, c.Storage.Dir, asked.camera)
	} else {
		err = storage.PauseOffline(ctx, c.Storage.Dir, asked.camera, time.Now(), asked.until)
	}
	if err != nil {
		return false, fmt.Errorf("nothing was changed (a v720dvr that is just starting can be asked in a moment): %w", err)
	}
	return false, nil
}
