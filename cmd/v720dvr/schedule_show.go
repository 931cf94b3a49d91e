package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/web"
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
		mode, changes, err := modesOf(loaded, c, pauses[c.ID], now, nextChanges)
		if err != nil {
			return shown, err
		}
		shown.add(mode, changes)
	}
	return shown, nil
}

// add takes a camera's mode, and its changes among those that come next.
func (s *shownSchedule) add(mode shownMode, changes []shownMode) {
	s.Cameras = append(s.Cameras, mode)
	s.Changes = append(s.Changes, changes...)
	slices.SortStableFunc(s.Changes, func(a, b shownMode) int { return a.From.Compare(b.From) })
	s.Changes = s.Changes[:min(len(s.Changes), nextChanges)]
}

// modesOf tells which mode is in force for a camera, and so many of the next changes, in now's zone. The
// zero Pause is none.
func modesOf(loaded config.Loaded, c config.CameraSettings, pause storage.Pause, now time.Time, next int) (mode shownMode, changes []shownMode, err error) {
	plan, err := planOf(loaded.Config, c)
	if err != nil {
		return shownMode{}, nil, err
	}
	mode = because(loaded, c, plan.Active(now, now.Location()))
	if pause != (storage.Pause{}) && pause.Holds(now) {
		mode = shownMode{
			ID: c.ID, Name: c.Name, Mode: config.ModeOff, From: pause.From.In(now.Location()), Until: inZone(pause.Until, now.Location()),
			Why: fmt.Sprintf("paused; then %s: %s", mode.Mode, mode.Why),
		}
	}
	for _, d := range plan.Next(now, now.Location(), next) {
		changes = append(changes, because(loaded, c, d))
	}
	return mode, changes, nil
}

// askSchedule asks the v720dvr that runs. A camera that it does not know has what this configuration says.
func askSchedule(ctx context.Context, loaded config.Loaded, cameras []config.CameraSettings, now time.Time) (shownSchedule, error) {
	shown := shownSchedule{At: now, Cameras: []shownMode{}, Changes: []shownMode{}}
	if len(cameras) == 0 {
		return shown, errNotRunning // there is nothing to ask for
	}
	at := url.Values{"at": {now.Format(time.RFC3339Nano)}, "changes": {strconv.Itoa(nextChanges)}}
	for _, c := range cameras {
		var told web.Schedule
		err := ask(ctx, loaded.Config.Storage.Dir, http.MethodGet, cameraPath(c.ID, "schedule")+"?"+at.Encode(), nil, &told)
		if refused := (*apiError)(nil); errors.As(err, &refused) && refused.status == http.StatusNotFound {
			mode, changes, err := modesOf(loaded, c, storage.Pause{}, now, nextChanges)
			if err != nil {
				return shown, err
			}
			shown.add(mode, changes)
			continue
		}
		if err != nil {
			return shown, err
		}
		zone := now.Location()
		mode := shownMode{ID: c.ID, Name: c.Name, Mode: told.Mode, From: inZone(told.Since, zone), Until: inZone(told.Until, zone), Why: told.Why, Schedule: told.Schedule}
		var changes []shownMode
		for _, change := range told.Changes {
			changes = append(changes, shownMode{
				ID: c.ID, Name: c.Name, Mode: change.Mode, From: inZone(change.At, zone), Until: inZone(change.Until, zone), Why: change.Why, Schedule: change.Schedule,
			})
		}
		shown.add(mode, changes)
	}
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
