package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// longestCalendar bounds the days of one answer.
const longestCalendar = 400

// DayCount is what a calendar shows of a day.
type DayCount struct {
	Day     string    `json:"day" format:"date" doc:"In the recorder's zone"`
	From    time.Time `json:"from" doc:"Its first moment"`
	To      time.Time `json:"to" doc:"The first of the next day: 23 to 25 hours later"`
	Events  int       `json:"events" doc:"Of committed segments"`
	Seconds float64   `json:"footage_seconds" doc:"Lengths of the committed segments of all cameras, gaps inside them too"`
}

type daysRequest struct {
	From   string   `query:"from" required:"true" format:"date" doc:"The first day, 2026-11-01"`
	To     string   `query:"to" required:"true" format:"date" doc:"The last one; 400 days at most"`
	Camera []string `query:"camera" maxItems:"1024" doc:"Of these cameras alone: ids, with commas; those that may be seen without"`
	Kind   []string `query:"kind" maxItems:"32" doc:"Events of these kinds; motion, sound, light and asked without"`
}

type daysAnswer struct {
	Body struct {
		Days []DayCount `json:"days" nullable:"false"`
	}
}

// seenKinds are those of what a camera shows; the others are of its connection.
var seenKinds = []string{string(camera.Motion), string(camera.Sound), string(camera.Light), string(camera.Asked)}

func (s *Server) eventDays(ctx context.Context, in *daysRequest) (*daysAnswer, error) {
	first, err := time.Parse(time.DateOnly, in.From)
	last, err2 := time.Parse(time.DateOnly, in.To)
	if err != nil || err2 != nil || last.Before(first) || first.Year() < 1970 || last.Sub(first) >= longestCalendar*24*time.Hour {
		return nil, huma.Error422UnprocessableEntity("a calendar goes from a day to one that is not before it, 400 days at most")
	}
	q, err := pageOf(ctx, &PageRequest{Camera: in.Camera, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(in.Kind) == 0 {
		in.Kind = seenKinds
	}
	kinds := make([]camera.EventKind, len(in.Kind))
	for i, kind := range in.Kind {
		kinds[i] = camera.EventKind(kind)
	}
	zone := s.o.Box.Location()
	var bounds []time.Time
	for d := first; !d.After(last.AddDate(0, 0, 1)); d = d.AddDate(0, 0, 1) {
		bounds = append(bounds, midnight(d, zone))
	}
	list, err := s.o.Store.EventDays(ctx, q.Cameras, kinds, bounds)
	if err != nil {
		return nil, err
	}
	answer := new(daysAnswer)
	answer.Body.Days = make([]DayCount, 0, len(list))
	for i, d := range list {
		answer.Body.Days = append(answer.Body.Days, DayCount{
			Day: first.AddDate(0, 0, i).Format(time.DateOnly), From: s.local(d.From), To: s.local(d.To), Events: d.Events, Seconds: d.Footage.Seconds(),
		})
	}
	return answer, nil
}

// midnight is the first moment of a day. Some zones leave 00:00 out on a day, or have it twice.
func midnight(day time.Time, zone *time.Location) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if t.Day() != d {
		t = t.Add(time.Hour)
	}
	if before := t.Add(-time.Hour); before.Day() == d {
		t = before
	}
	return t
}
