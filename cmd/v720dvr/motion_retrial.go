package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/web"
)

// A retrial is footage that is judged again, with what is told of it. The running v720dvr and the commands do
// it with the same one.
type retrial struct {
	rejudge
	told       web.Replay
	frames     bool // are told too
	mostFrames int  // that are told; 0: all
	mostEvents int  // the same
	tooMany    bool
}

// newRetrial begins one by settings that are tried; now, when there are any, are those in force, to be compared
// with.
func newRetrial(tried config.Motion, now *config.Motion, from, to time.Time) *retrial {
	t := &retrial{told: web.Replay{Events: []web.ReplayedEvent{}, Now: []web.ReplayedEvent{}, Settings: toldSettings(tried)}}
	t.rejudge = rejudge{settings: motionSettings(tried), from: from, to: to, frame: t.tellFrame}
	t.news = func(news []motion.News) { t.tellNews(&t.told.Events, t.settings, news) }
	if now == nil {
		return t
	}
	t.told.InForce = toldSettings(*now)
	if s := motionSettings(*now); !reflect.DeepEqual(s, t.settings) {
		t.rival = &rival{settings: s, news: func(news []motion.News) { t.tellNews(&t.told.Now, s, news) }}
	}
	return t
}

// add judges the next file.
func (t *retrial) add(ctx context.Context, r *footageFile) error {
	if err := t.file(ctx, r); err != nil {
		return err
	}
	if t.tooMany {
		return &web.JudgeError{Text: fmt.Sprintf("more than %d events: ask for a shorter span, or for a lower sensitivity", t.mostEvents)}
	}
	return nil
}

// end ends it, and tells all.
func (t *retrial) end() web.Replay {
	t.stop()
	told := &t.told
	told.Judged, told.Decoded, told.Unread = t.rejudge.frames, t.decoded, t.unread
	told.Tracked, told.Pictured = rounded(t.byTrack.Seconds(), 3), rounded(t.byPictures.Seconds(), 3)
	// A movement and a change of light may go on at once.
	for _, events := range [][]web.ReplayedEvent{told.Events, told.Now} {
		slices.SortStableFunc(events, func(a, b web.ReplayedEvent) int { return a.Start.Compare(b.Start) })
	}
	if t.rival == nil && told.InForce.Sensitivity != 0 {
		told.Now = slices.Clone(told.Events)
	}
	told.New, told.Gone = only(told.Events, told.Now), only(told.Now, told.Events)
	return *told
}

// only marks and counts the events of a that have none of their kind in b at their time. Both are in order, and
// no two of a kind go on at once.
func only(a, b []web.ReplayedEvent) (n int) {
	for i := range a {
		e := &a[i]
		behind, _ := slices.BinarySearchFunc(b, e.End, func(b web.ReplayedEvent, end time.Time) int { return cmp.Or(b.Start.Compare(end), -1) })
		e.Only = true
		for k := behind - 1; k >= 0; k-- {
			if b[k].Kind == e.Kind {
				e.Only = b[k].End.Before(e.Start)
				break
			}
		}
		if e.Only {
			n++
		}
	}
	return n
}

func (t *retrial) tellFrame(f rejudged) error {
	if t.told.From.IsZero() {
		t.told.From = f.at
	}
	t.told.To = f.at
	if !t.frames {
		return nil
	}
	if t.mostFrames > 0 && len(t.told.Frames) == t.mostFrames {
		return &web.JudgeError{Text: fmt.Sprintf("more than %d frames: ask for a shorter span, or for the events alone", t.mostFrames)}
	}
	r := f.result
	t.told.Frames = append(t.told.Frames, web.ReplayedFrame{
		T: since(t.told.From, f.at), Score: rounded(float64(r.Score)/65535, 5), Motion: r.Motion, Active: r.Active, Light: r.Light,
		Lost: f.lost, Unread: f.err != nil || r.Unseen,
	})
	return nil
}

// tellNews takes the events that have ended. What ended before the first frame that counts is left out.
func (t *retrial) tellNews(list *[]web.ReplayedEvent, by motion.Settings, news []motion.News) {
	for _, n := range news {
		e := n.Event
		if n.Phase != motion.Ends || e.End.Before(t.from) {
			continue
		}
		if t.mostEvents > 0 && len(*list) == t.mostEvents {
			t.tooMany = true
			return
		}
		event := web.ReplayedEvent{
			Kind: string(e.Kind), Start: e.Start, End: e.End, Peak: rounded(float64(e.Peak)/65535, 5), PeakAt: e.PeakAt,
			Best: e.Best, Box: boxOf(e.Box, e), Largest: boxOf(e.BestBox, e), Frames: e.Frames,
		}
		for _, i := range e.ZoneNumbers() {
			event.Zones = append(event.Zones, zoneLabel(by, i))
		}
		*list = append(*list, event)
	}
}

// since are the seconds from the first frame, to the millisecond.
func since(first, at time.Time) float64 { return rounded(at.Sub(first).Seconds(), 3) }

func rounded(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// boxOf makes parts of the picture of a box of cells.
func boxOf(r motion.Region, e *motion.Event) [4]float64 {
	width, height := float64(max(1, e.Width)), float64(max(1, e.Height))
	return [4]float64{
		rounded(float64(r.X)/width, 4), rounded(float64(r.Y)/height, 4), rounded(float64(r.Width)/width, 4), rounded(float64(r.Height)/height, 4),
	}
}
