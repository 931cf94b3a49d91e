package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"v720dvr/recorder/motion"
)

// replayAnswer is what `motion replay` answers. Times are in seconds from the first frame.
type replayAnswer struct {
	Events []replayedEvent `json:"events"`
	Frames []replayedFrame `json:"frames,omitzero"`
}

type replayedEvent struct {
	Kind    motion.Kind `json:"kind"`
	Start   float64     `json:"start"`
	End     float64     `json:"end"`         // the last frame in which it is seen
	At      time.Time   `json:"at,omitzero"` // of the start; none where the file does not say the time of day
	Peak    float64     `json:"peak"`        // part of the picture that moves, 0 to 1
	PeakAt  float64     `json:"peak_at"`     //
	Best    float64     `json:"best"`        // the picture that shows it best
	Box     [4]float64  `json:"box"`         // left, top, width, height of all that moved, parts of the picture
	Largest [4]float64  `json:"largest"`     // the same of the largest thing in the best picture
	Zones   []string    `json:"zones,omitempty"`
	Frames  int         `json:"frames"` // with motion
}

type replayedFrame struct {
	T      float64 `json:"t"`
	Score  float64 `json:"score"`            // part of the picture that moves, 0 to 1
	Motion bool    `json:"motion"`           // something moves in this frame
	Active bool    `json:"active"`           // a movement goes on
	Light  bool    `json:"light,omitempty"`  // the light of the whole picture changes
	Lost   bool    `json:"lost,omitempty"`   // the picture never came
	Unread bool    `json:"unread,omitempty"` // the picture could not be read
}

// seconds from the first frame, to the millisecond.
func (p *replay) seconds(at time.Time) float64 { return rounded(at.Sub(p.first).Seconds(), 3) }

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

// ordered are the events by their start: a movement and a change of light may go on at once.
func (p *replay) ordered() []replayedEvent {
	slices.SortStableFunc(p.events, func(a, b replayedEvent) int {
		if a.Start < b.Start {
			return -1
		}
		if a.Start > b.Start {
			return 1
		}
		return 0
	})
	return p.events
}

func (p *replay) answer(frames bool) replayAnswer {
	a := replayAnswer{Events: p.ordered()}
	if frames {
		a.Frames = p.frames
	}
	return a
}

// print says it for people.
func (p *replay) print(w io.Writer, frames bool) error {
	fmt.Fprintf(w, "%s: %s in %.1f s, %s.\n", p.what, plural(p.tally.frames, "frame", "frames"), p.seconds(p.last), p.how())
	fmt.Fprintf(w, "Judged with %s.\n", inWords(p.settings))
	if p.tally.unread > 0 {
		fmt.Fprintf(w, "%s could not be read, and left out.\n", plural(p.tally.unread, "picture", "pictures"))
	}
	if p.missing > 0 {
		fmt.Fprintf(w, "%s not there any more.\n", plural(p.missing, "file is", "files are"))
	}
	if err := p.printEvents(w); err != nil || !frames {
		return err
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SECONDS\tMOVES\t\t")
	for _, f := range p.frames {
		var says []string
		for _, s := range []struct {
			is   bool
			word string
		}{{f.Motion, "motion"}, {f.Active && !f.Motion, "held"}, {f.Light, "light"}, {f.Lost, "lost"}, {f.Unread, "unread"}} {
			if s.is {
				says = append(says, s.word)
			}
		}
		fmt.Fprintf(t, "%.2f\t%s\t%s\t\n", f.T, shareOf(f.Score), strings.Join(says, ", "))
	}
	return t.Flush()
}

// how tells what was looked at.
func (p *replay) how() string {
	switch p.tally.decoded {
	case 0:
		return "by their track"
	case p.tally.frames:
		return "by their pictures"
	}
	return fmt.Sprintf("%d by their pictures and the others by their track", p.tally.decoded)
}

func (p *replay) printEvents(w io.Writer) error {
	events := p.ordered()
	if len(events) == 0 {
		_, err := fmt.Fprintln(w, "Nothing moved.")
		return err
	}
	fmt.Fprintf(w, "\n%s:\n\n", plural(len(events), "event", "events"))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tFROM\tTO\tLENGTH\tMOST\tBEST PICTURE\tWHERE\tZONES")
	moment := func(seconds float64) string {
		if !p.wall {
			return fmt.Sprintf("%.1f s", seconds)
		}
		return p.first.Add(time.Duration(seconds * float64(time.Second))).In(time.Local).Format("Mon 15:04:05.0")
	}
	for _, e := range events {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.1f s\t%s\t%s\t%s\t%s\n", e.Kind, moment(e.Start), moment(e.End), e.End-e.Start, shareOf(e.Peak), moment(e.Best),
			where(e.Box), strings.Join(e.Zones, ", "))
	}
	return t.Flush()
}

// where says a box in words.
func where(box [4]float64) string {
	if box[2] > 0.8 && box[3] > 0.8 {
		return "everywhere"
	}
	place := func(middle float64, names [3]string) string { return names[min(2, int(middle*3))] }
	rows := place(box[1]+box[3]/2, [3]string{"top", "middle", "bottom"})
	columns := place(box[0]+box[2]/2, [3]string{"left", "centre", "right"})
	return rows + " " + columns
}
