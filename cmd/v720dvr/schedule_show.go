package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
)

// nextChanges is how many changes of all cameras together are shown.
const nextChanges = 10

// shownSchedule is what `schedule show` answers.
type shownSchedule struct {
	At      time.Time   `json:"at"`
	Cameras []shownMode `json:"cameras"`
	Changes []shownMode `json:"changes"` // in the order of From, in which each mode begins
}

// shownMode is a mode of a camera with its reason. ID and Name are "" for all there are, when
// none is known.
type shownMode struct {
	ID    camera.ID `json:"id"`
	Name  string    `json:"name"`
	Mode  string    `json:"mode"`
	From  time.Time `json:"from,omitzero"`  // none: for ever
	Until time.Time `json:"until,omitzero"` // none: for ever; else this mode or its reason ends
	Why   string    `json:"why"`
	// Schedule is the number of the [[schedule]] that decides, from 1; 0 when none is open.
	Schedule int `json:"schedule"`
}

func showSchedule(loaded config.Loaded, cameras []config.CameraSettings, pauses map[camera.ID]storage.Pause, now time.Time) (shownSchedule, error) {
	shown := shownSchedule{At: now, Cameras: []shownMode{}, Changes: []shownMode{}}
	if len(cameras) == 0 {
		cameras = []config.CameraSettings{loaded.Config.Camera("")}
	}
	for _, c := range cameras {
		plan, err := planOf(loaded.Config, c)
		if err != nil {
			return shown, err
		}
		mode := because(loaded, c, plan.Active(now, now.Location()))
		if pause, paused := pauses[c.ID]; paused && pause.Holds(now) {
			mode = shownMode{
				ID: c.ID, Name: c.Name, Mode: config.ModeOff, From: pause.From.In(now.Location()), Until: inZone(pause.Until, now.Location()),
				Why: fmt.Sprintf("paused; then %s: %s", mode.Mode, mode.Why),
			}
		}
		shown.Cameras = append(shown.Cameras, mode)
		for _, d := range plan.Next(now, now.Location(), nextChanges) {
			shown.Changes = append(shown.Changes, because(loaded, c, d))
		}
	}
	slices.SortStableFunc(shown.Changes, func(a, b shownMode) int { return a.From.Compare(b.From) })
	shown.Changes = shown.Changes[:min(len(shown.Changes), nextChanges)]
	return shown, nil
}

// inZone leaves the zero time what it is.
func inZone(at time.Time, zone *time.Location) time.Time {
	if at.IsZero() {
		return at
	}
	return at.In(zone)
}

// because puts a decision into words.
func because(loaded config.Loaded, c config.CameraSettings, d schedule.Decision) shownMode {
	m := shownMode{ID: c.ID, Name: c.Name, Mode: d.Mode, From: d.From, Until: d.Until}
	if d.Rule != schedule.None {
		i := c.Schedules[d.Rule]
		s := loaded.Config.Schedules[i]
		m.Schedule = i + 1
		m.Why = fmt.Sprintf("schedule %d (%s), %q to %q", m.Schedule, loaded.Origin(fmt.Sprintf("schedule[%d].start", i)), s.Start, s.Stop)
		return m
	}
	key := "recording.mode"
	for i, own := range loaded.Config.Cameras {
		if own.ID == c.ID && own.Recording.Mode != nil {
			key = fmt.Sprintf("camera[%d].recording.mode", i)
		}
	}
	m.Why = fmt.Sprintf("its recording.mode (%s)", loaded.Origin(key))
	if len(c.Schedules) > 0 {
		m.Why = "no schedule is open: " + m.Why
	}
	return m
}

// momentLayout is how times are printed: with the offset, which tells the two hours apart in which
// clocks show the same.
const momentLayout = "Mon 2006-01-02 15:04 -0700"

func (s shownSchedule) print(w io.Writer) error {
	fmt.Fprintf(w, "In force at %s:\n\n", s.At.Format(momentLayout))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CAMERA\tMODE\tSINCE\tUNTIL\tWHY")
	moment := func(at time.Time) string {
		if at.IsZero() {
			return "always"
		}
		return at.Format(momentLayout)
	}
	for _, c := range s.Cameras {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", cmp.Or(c.Name, "every camera"), c.Mode, moment(c.From), moment(c.Until), c.Why)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(s.Changes) == 0 {
		_, err := fmt.Fprintln(w, "\nNothing changes.")
		return err
	}
	fmt.Fprintf(w, "\nThe next %s:\n\n", plural(len(s.Changes), "change", "changes"))
	fmt.Fprintln(t, "WHEN\tCAMERA\tMODE\tWHY")
	for _, c := range s.Changes {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", moment(c.From), cmp.Or(c.Name, "every camera"), c.Mode, c.Why)
	}
	return t.Flush()
}
