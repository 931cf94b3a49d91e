package web

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Week is when what is recorded on seven days, by which rules, and what changes next.
type Week struct {
	At        time.Time      `json:"at" doc:"Now"`
	Otherwise string         `json:"otherwise" enum:"continuous,motion,off" doc:"recording.mode of the whole box: what holds while no rule is open, of cameras that have none of their own"`
	Rules     []ScheduleRule `json:"schedule" nullable:"false" doc:"In their order: of several that are open the last decides. Those that are for no camera that who asks may see are left out"`
	Origin    string         `json:"origin" enum:"default,file,set,environment,flag" doc:"Where the list comes from: default (there is none), file (config.toml), set (here)"`
	Days      []WeekDay      `json:"days" nullable:"false" doc:"Seven, by the recorder's clock"`
	Cameras   []CameraWeek   `json:"cameras" nullable:"false"`
	Changes   []WeekChange   `json:"changes" nullable:"false" doc:"The next ten of all cameras, in order; pauses are none"`
}

// ScheduleRule is one [[schedule]].
type ScheduleRule struct {
	Number  int      `json:"number" doc:"Its place in the list, from 1"`
	Cameras []string `json:"cameras" nullable:"false" doc:"Names or ids; none: all"`
	Start   string   `json:"start" doc:"A cron line of five fields"`
	Stop    string   `json:"stop" doc:"A cron line of five fields"`
	Mode    string   `json:"mode" enum:"continuous,motion,off"`
	// For are the ids of the cameras in Cameras that are known: what who asks may see is asked of these.
	For []camera.ID `json:"for" nullable:"false" doc:"Ids of the known cameras among them"`
}

// WeekDay is a day of 23 to 25 hours.
type WeekDay struct {
	From time.Time `json:"from" doc:"Midnight by the recorder's clock"`
	To   time.Time `json:"to"`
}

// CameraWeek is what is in force of a camera on the days.
type CameraWeek struct {
	Camera camera.ID  `json:"camera"`
	Name   string     `json:"name"`
	Mode   string     `json:"mode" enum:"continuous,motion,off" doc:"Now; off while it is paused"`
	Why    string     `json:"why" doc:"For people"`
	Until  time.Time  `json:"until,omitzero" doc:"When mode or reason end; missing: never"`
	Own    string     `json:"own,omitempty" doc:"Its own recording.mode; missing: it has none"`
	Spans  []WeekSpan `json:"spans" nullable:"false" doc:"Without a gap from the first day on, pauses aside"`
	More   bool       `json:"more,omitempty" doc:"It changes more often than is told: the spans end before the days do"`
}

// WeekSpan is a time without a change.
type WeekSpan struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Mode     string    `json:"mode" enum:"continuous,motion,off"`
	Schedule int       `json:"schedule" doc:"Number of the rule that decides, from 1; 0: none is open"`
	Why      string    `json:"why" doc:"For people"`
}

// WeekChange is a mode of a camera that begins.
type WeekChange struct {
	Camera   camera.ID `json:"camera"`
	Name     string    `json:"name"`
	At       time.Time `json:"at"`
	Mode     string    `json:"mode" enum:"continuous,motion,off"`
	Schedule int       `json:"schedule" doc:"Number of the rule that decides, from 1; 0: none is open"`
	Why      string    `json:"why" doc:"For people"`
}

type weekRequest struct {
	From time.Time `query:"from" doc:"A moment of the first day; missing: now"`
}

type weekAnswer struct{ Body Week }

type schedulePreviewRequest struct {
	weekRequest
	Body struct {
		Settings map[string]json.RawMessage `json:"settings" doc:"As PATCH /settings takes them: schedule and recording.mode alone; null takes one back" example:"{\"schedule\":[{\"start\":\"0 22 * * *\",\"stop\":\"0 6 * * *\",\"mode\":\"continuous\"}]}"`
	}
}

func (s *Server) scheduleAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/schedule", "schedule", "When what is recorded: the rules, and a week of each camera", func(ctx context.Context, in *weekRequest) (*weekAnswer, error) {
		return s.week(ctx, nil, in.From)
	})
	add(s, api, "POST", "/api/v1/schedule/preview", "schedule-preview", "What another schedule would come to; nothing is changed", s.schedulePreview)
}

func (s *Server) schedulePreview(ctx context.Context, in *schedulePreviewRequest) (*weekAnswer, error) {
	for key, value := range in.Body.Settings {
		if key != "schedule" && key != "recording.mode" {
			return nil, huma.Error422UnprocessableEntity("a preview is of the schedule", &huma.ErrorDetail{Message: "is neither schedule nor recording.mode", Location: "body.settings." + key})
		}
		if string(value) == "null" {
			in.Body.Settings[key] = nil
		}
	}
	changes := RuleChanges{}
	if len(in.Body.Settings) > 0 {
		changes[""] = in.Body.Settings
	}
	return s.week(ctx, changes, in.From)
}

func (s *Server) week(ctx context.Context, changes RuleChanges, from time.Time) (*weekAnswer, error) {
	if from.IsZero() {
		from = s.o.Now()
	}
	zone := s.o.Box.Location()
	year, month, first := from.In(zone).Date()
	var days []WeekDay
	for i := range weekDays {
		noon := func(day int) time.Time { return time.Date(year, month, day, 12, 0, 0, 0, zone) } // it is there on all days
		days = append(days, WeekDay{midnight(noon(first+i), zone), midnight(noon(first+i+1), zone)})
	}
	told, err := s.o.Box.Week(ctx, changes, days)
	if err != nil {
		return nil, err
	}
	return &weekAnswer{Body: s.localWeek(told, Asks(ctx).Cameras)}, nil
}

// localWeek is what may be seen of a week, in the box's zone.
func (s *Server) localWeek(w Week, sees storage.CameraSet) Week {
	rules := []ScheduleRule{}
	for _, r := range w.Rules {
		hidden := func(id camera.ID) bool { return !sees.Has(id) }
		r.For = slices.DeleteFunc(slices.Clone(listed(r.For)), hidden)
		if !sees.All && len(r.Cameras) > 0 {
			if len(r.For) == 0 {
				continue
			}
			r.Cameras = nil // they may name others
			for _, id := range r.For {
				r.Cameras = append(r.Cameras, string(id))
			}
		}
		r.Cameras = listed(r.Cameras)
		rules = append(rules, r)
	}
	w.At, w.Rules = s.local(w.At), rules
	w.Days = slices.Clone(listed(w.Days))
	for i, d := range w.Days {
		w.Days[i] = WeekDay{s.local(d.From), s.local(d.To)}
	}
	w.Cameras = slices.DeleteFunc(slices.Clone(listed(w.Cameras)), func(c CameraWeek) bool { return !sees.Has(c.Camera) })
	for i := range w.Cameras {
		c := &w.Cameras[i]
		c.Until, c.Spans = s.local(c.Until), slices.Clone(listed(c.Spans))
		for j := range c.Spans {
			c.Spans[j].From, c.Spans[j].To = s.local(c.Spans[j].From), s.local(c.Spans[j].To)
		}
	}
	w.Changes = slices.DeleteFunc(slices.Clone(listed(w.Changes)), func(c WeekChange) bool { return !sees.Has(c.Camera) })
	slices.SortStableFunc(w.Changes, func(a, b WeekChange) int { return a.At.Compare(b.At) })
	n := min(len(w.Changes), nextChanges)
	for n > 0 && n < len(w.Changes) && w.Changes[n].At.Equal(w.Changes[n-1].At) {
		n++ // cameras that change at the same moment are told together
	}
	w.Changes = w.Changes[:n]
	for i := range w.Changes {
		w.Changes[i].At = s.local(w.Changes[i].At)
	}
	return w
}

const (
	weekDays    = 7
	nextChanges = 10 // of all cameras together, and those at the moment of the last
)
