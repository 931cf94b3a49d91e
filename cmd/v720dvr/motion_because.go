package main

import (
	"fmt"
	"io"
	"slices"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
	"v720dvr/web"
)

// why is what `motion why` answers.
type why struct {
	web.Why
	Picture string `json:"picture"`
}

// decided finds what decided about a frame, by judging it with other settings, too.
func decided(f rejudged, settings motion.Settings) web.Why {
	r, c := f.result, f.change
	total := len(c.Levels)
	w := web.Why{
		Motion: r.Motion, Active: r.Active, Light: r.Light, Score: rounded(float64(r.Score)/65535, 5), Cells: total,
		Needed: max(1, int(min(1, settings.MinSize)*float64(total)+0.5)),
	}
	for _, level := range c.Levels {
		if level > 0 {
			w.Changed++
		}
	}
	alone := func(change func(*motion.Settings)) motion.Result {
		s := settings
		s.Zones = slices.Clone(s.Zones)
		change(&s)
		return motion.NewJudge(s).Step(c, f.at)
	}
	for _, region := range alone(func(s *motion.Settings) { s.MinSize = 1e-9 }).Regions {
		w.Counted += region.Cells
		if region.Cells > w.Largest {
			box := boxOf(region, &motion.Event{Width: c.Width, Height: c.Height})
			w.Largest, w.Box = region.Cells, &camera.Box{X: box[0], Y: box[1], Width: box[2], Height: box[3]}
		}
	}
	for sensitivity := 1; sensitivity <= 10 && w.Sensitivity == 0; sensitivity++ {
		lowered := func(s *motion.Settings) {
			s.Sensitivity = sensitivity
			for i := range s.Zones {
				s.Zones[i].Sensitivity = 0
			}
		}
		if alone(lowered).Motion {
			w.Sensitivity = sensitivity
		}
	}
	anywhere := alone(func(s *motion.Settings) { s.Zones = nil }).Motion
	w.Because = reasons(w, settings, r, anywhere)
	return w
}

// reasons say it for people.
func reasons(w web.Why, settings motion.Settings, r motion.Result, anywhere bool) (lines []string) {
	switch {
	case r.Motion:
		cells := 0
		for _, region := range r.Regions {
			cells += region.Cells
		}
		lines = append(lines, fmt.Sprintf("Something moves: %s of the picture, %s in %s; %d together are enough.", shareOf(w.Score),
			plural(cells, "cell", "cells"), plural(len(r.Regions), "piece", "pieces"), w.Needed))
	case w.Changed == 0:
		lines = append(lines, "Nothing moves: no cell changed more than its noise explains, at the highest sensitivity.")
	case w.Counted == 0 && anywhere:
		lines = append(lines, "Something moves, but not where the zones let it count.")
	case w.Counted == 0:
		lines = append(lines, fmt.Sprintf("Nothing moves: %s changed, but not enough for sensitivity %d, or not together.", plural(w.Changed, "cell", "cells"), settings.Sensitivity))
	default:
		lines = append(lines, fmt.Sprintf("Nothing moves: the largest piece that changed has %s, and %d are needed (%s of the picture).",
			plural(w.Largest, "cell", "cells"), w.Needed, shareOf(settings.MinSize)))
	}
	if r.Motion && w.Sensitivity > 0 {
		lines = append(lines, fmt.Sprintf("So it is from sensitivity %d on.", w.Sensitivity))
	} else if w.Sensitivity > 0 {
		lines = append(lines, fmt.Sprintf("It would be motion with sensitivity %d.", w.Sensitivity))
	}
	if !r.Motion && r.Stands {
		lines = append(lines, "Something that has moved stands still (violet).")
	}
	if !r.Motion && r.Active {
		lines = append(lines, "A movement goes on: something moved a moment ago.")
	}
	if r.Light {
		lines = append(lines, "The light of the whole picture changes.")
	}
	return lines
}

// heading says which picture it is.
func heading(w web.Why, what string) string {
	heading := fmt.Sprintf("%s at %.2f s", what, w.T)
	if !w.At.IsZero() {
		heading += ", " + w.At.Format("Mon 2006-01-02 15:04:05.0 -0700")
	}
	return heading + "."
}

func (w why) print(out io.Writer) error {
	fmt.Fprintln(out, heading(w.Why, "The picture"))
	for _, line := range w.Because {
		fmt.Fprintln(out, line)
	}
	_, err := fmt.Fprintf(out, "Written: %s. Red counts, yellow changed and does not; the numbers say how much, + is 10: sensitivity s sees 11-s and more.\n", w.Picture)
	return err
}
