package main

import (
	"context"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/schedule"
	"v720dvr/web"
)

// mostSpans of a camera are told of a week: a change each ten minutes. Windows that open each minute are cut off there.
const mostSpans = 1008

// Week tells what is in force on some days, in their zone. With changes it tells what they would come to. A mistake in
// them is a *web.SettingError.
func (b *box) Week(ctx context.Context, changes web.RuleChanges, days []web.WeekDay) (web.Week, error) {
	loaded, err := b.tryRules(ctx, changes)
	if err != nil {
		return web.Week{}, err
	}
	known, err := b.Cameras(ctx)
	if err != nil {
		return web.Week{}, err
	}
	zone := days[0].From.Location()
	now := time.Now().In(zone)
	week := web.Week{At: now, Otherwise: loaded.Config.Recording.Mode, Days: days, Origin: config.FromDefault}
	for _, v := range loaded.Values("") {
		if v.Key == "schedule" {
			week.Origin = v.Origin.Kind()
		}
	}
	for i, s := range loaded.Config.Schedules {
		week.Rules = append(week.Rules, web.ScheduleRule{Number: i + 1, Cameras: s.Cameras, Start: s.Start, Stop: s.Stop, Mode: s.Mode})
	}
	var weeks weeks
	for _, k := range known {
		if err := ctx.Err(); err != nil {
			return web.Week{}, err
		}
		c := loaded.Config.Camera(k.ID)
		pause, _ := b.store.Paused(k.ID, now)
		mode, next, err := modesOf(loaded, c, pause, now, nextChanges)
		if err != nil {
			return web.Week{}, err
		}
		plan, err := planOf(loaded.Config, c)
		if err != nil {
			return web.Week{}, err
		}
		of := web.CameraWeek{Camera: c.ID, Name: k.Name, Mode: mode.Mode, Why: mode.Why, Until: mode.Until, Own: ownMode(loaded.Config, c.ID)}
		var decisions []schedule.Decision
		decisions, of.More = weeks.of(plan, days[0].From, days[len(days)-1].To)
		for _, d := range decisions {
			because := because(loaded, c, d)
			of.Spans = append(of.Spans, web.WeekSpan{From: d.From.In(zone), To: d.Until.In(zone), Mode: d.Mode, Schedule: because.Schedule, Why: because.Why})
		}
		week.Cameras = append(week.Cameras, of)
		for _, change := range next {
			week.Changes = append(week.Changes, web.WeekChange{Camera: c.ID, Name: k.Name, At: change.From, Mode: change.Mode, Schedule: change.Schedule, Why: change.Why})
		}
		for _, i := range c.Schedules {
			week.Rules[i].For = append(week.Rules[i].For, c.ID)
		}
	}
	return week, nil
}

// ownMode is a camera's own recording.mode; "" when it has none.
func ownMode(c config.Config, id camera.ID) string {
	for _, own := range c.Cameras {
		if own.ID == id && own.Recording.Mode != nil {
			return *own.Recording.Mode
		}
	}
	return ""
}

// weeks remembers what plans come to: most cameras have the same one.
type weeks []struct {
	plan      schedule.Plan
	decisions []schedule.Decision
	more      bool
}

// of lists the decisions of a plan from one moment to another, without a gap; more: it was cut off.
func (w *weeks) of(plan schedule.Plan, from, to time.Time) (decisions []schedule.Decision, more bool) {
	for _, known := range *w {
		if known.plan.Equal(plan) {
			return known.decisions, known.more
		}
	}
	for at := from; at.Before(to); {
		if len(decisions) == mostSpans {
			more = true
			break
		}
		d := plan.Active(at, from.Location())
		d.From = at
		if d.Until.IsZero() || d.Until.After(to) {
			d.Until = to
		}
		at = d.Until
		if n := len(decisions); n > 0 && decisions[n-1].Mode == d.Mode && decisions[n-1].Rule == d.Rule {
			decisions[n-1].Until = d.Until // a window closed behind one that decides
			continue
		}
		decisions = append(decisions, d)
	}
	*w = append(*w, struct {
		plan      schedule.Plan
		decisions []schedule.Decision
		more      bool
	}{plan, decisions, more})
	return decisions, more
}
