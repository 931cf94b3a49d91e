package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"v720dvr/recorder/motion"
	"v720dvr/web"
)

// replayAnswer is what `motion replay` answers. Times are in seconds from the first frame.
type replayAnswer struct {
	Events []replayedEvent     `json:"events"`
	Frames []web.ReplayedFrame `json:"frames,omitzero"`
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

// seconds from the first frame.
func (p *replay) seconds(at time.Time) float64 { return since(p.told.From, at) }

// events are those that were told, by their seconds.
func (p *replay) events() []replayedEvent {
	list := make([]replayedEvent, 0, len(p.told.Events))
	for _, e := range p.told.Events {
		told := replayedEvent{
			Kind: motion.Kind(e.Kind), Start: p.seconds(e.Start), End: p.seconds(e.End), Peak: e.Peak, PeakAt: p.seconds(e.PeakAt),
			Best: p.seconds(e.Best), Box: e.Box, Largest: e.Largest, Zones: e.Zones, Frames: e.Frames,
		}
		if p.wall {
			told.At = e.Start.In(time.Local)
		}
		list = append(list, told)
	}
	return list
}

func (p *replay) answer(frames bool) replayAnswer {
	a := replayAnswer{Events: p.events()}
	if frames {
		a.Frames = p.told.Frames
		if a.Frames == nil {
			a.Frames = []web.ReplayedFrame{}
		}
	}
	return a
}

// print says it for people.
func (p *replay) print(w io.Writer, frames bool) error {
	fmt.Fprintf(w, "%s: %s in %.1f s, %s.\n", p.what, plural(p.told.Judged, "frame", "frames"), p.seconds(p.told.To), p.how())
	fmt.Fprintf(w, "Judged with %s.\n", inWords(p.settings))
	if p.told.Unread > 0 {
		fmt.Fprintf(w, "%s could not be read, and left out.\n", plural(p.told.Unread, "picture", "pictures"))
	}
	if p.told.Missing > 0 {
		fmt.Fprintf(w, "%s not there any more.\n", plural(p.told.Missing, "file is", "files are"))
	}
	if err := p.printEvents(w); err != nil || !frames {
		return err
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SECONDS\tMOVES\t\t")
	for _, f := range p.told.Frames {
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
	switch p.told.Decoded {
	case 0:
		return "by their track"
	case p.told.Judged:
		return "by their pictures"
	}
	return fmt.Sprintf("%d by their pictures and the others by their track", p.told.Decoded)
}

func (p *replay) printEvents(w io.Writer) error {
	events := p.events()
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
		return p.told.From.Add(time.Duration(seconds * float64(time.Second))).In(time.Local).Format("Mon 15:04:05.0")
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
