package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
)

// planOf makes a camera's schedule of the configuration, which has checked it: Plan.Rules[i] is
// c.Schedules[settings.Schedules[i]].
func planOf(c config.Config, settings config.CameraSettings) (schedule.Plan, error) {
	plan := schedule.Plan{Otherwise: settings.Recording.Mode}
	for _, i := range settings.Schedules {
		window, err := schedule.NewWindow(c.Schedules[i].Start, c.Schedules[i].Stop)
		if err != nil {
			return schedule.Plan{}, fmt.Errorf("read schedule %d of camera %s: %w", i+1, settings.ID, err)
		}
		plan.Rules = append(plan.Rules, schedule.Rule{Window: window, Mode: c.Schedules[i].Mode})
	}
	return plan, nil
}

func newScheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "When each camera records",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newScheduleShowCommand())
	return cmd
}

func newScheduleShowCommand() *cobra.Command {
	var flags configFlags
	var only, at string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show which mode is in force for each camera and why, and the next 10 changes",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			now, err := momentFlag(at, time.Now())
			if err != nil {
				return usageError{err}
			}
			cameras, pauses, err := scheduledCameras(cmd.Context(), loaded.Config)
			if err != nil { // what the file says of its cameras is right without the others
				fmt.Fprintln(cmd.ErrOrStderr(), "v720dvr: pauses, and cameras that are not in the configuration, are left out:", err)
			}
			if only != "" {
				cameras = slices.DeleteFunc(cameras, func(c config.CameraSettings) bool { return !c.Called(only) })
				if len(cameras) == 0 {
					return usageError{fmt.Errorf("there is no camera %q; v720dvr cameras list shows all", only)}
				}
			}
			shown, err := askSchedule(cmd.Context(), loaded, cameras, now)
			if errors.Is(err, errNotRunning) {
				shown, err = showSchedule(loaded, cameras, pauses, now)
			}
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shown)
			}
			return shown.print(cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&only, "camera", "", "show this camera alone, by `name` or id")
	cmd.Flags().StringVar(&at, "at", "", "show another `time` than now: \"2026-11-22 14:05\", or \"14:05\" of today")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// momentFlag is momentArgument where "" is now.
func momentFlag(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	return momentArgument(text, now)
}

// momentArgument reads a time of now's zone, or one with a zone of its own.
func momentArgument(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(now.Location()), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time; write for example \"2026-11-22 14:05\", \"14:05\" or \"2026-11-22T14:05:00+01:00\"", text)
	}
	year, month, day := now.Date()
	return time.Date(year, month, day, clock.Hour(), clock.Minute(), 0, 0, now.Location()), nil
}

// scheduledCameras lists the cameras of the configuration, in its order, and those that came, with their
// pauses; with an error those of the configuration alone.
func scheduledCameras(ctx context.Context, c config.Config) ([]config.CameraSettings, map[camera.ID]storage.Pause, error) {
	var list []config.CameraSettings
	for _, own := range c.Cameras {
		list = append(list, c.Camera(own.ID))
	}
	if _, err := os.Stat(c.Storage.Dir); errors.Is(err, fs.ErrNotExist) {
		return list, nil, nil
	}
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return list, nil, err
	}
	defer view.Close()
	pauses, pausesErr := view.Pauses(ctx)
	known, err := view.Cameras(ctx)
	for _, k := range known {
		if !slices.ContainsFunc(list, func(s config.CameraSettings) bool { return s.ID == k.ID }) {
			list = append(list, c.Camera(k.ID))
		}
	}
	return list, pauses, errors.Join(err, pausesErr)
}
