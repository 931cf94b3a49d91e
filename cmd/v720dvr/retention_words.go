package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"v720dvr/web"
)

// shownNext is how many rows of what goes next are printed.
const shownNext = 20

func (p shownPlan) print(w io.Writer) error {
	fmt.Fprintln(w, p.reach())
	fmt.Fprintln(w, p.atOnce())
	if text := p.thinned(); text != "" {
		fmt.Fprintln(w, text)
	}
	for _, choked := range p.Choked {
		fmt.Fprintln(w, "But", choked)
	}
	if len(p.Next) == 0 {
		return nil
	}
	fmt.Fprint(w, "\nWhat goes next, when as much is recorded as lately:\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WHEN\tCAMERA\tFROM\tTO\tSIZE\tWHY")
	for _, g := range p.Next[:min(len(p.Next), shownNext)] {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", g.When.Local().Format(momentLayout), g.Name,
			g.From.Local().Format(momentLayout), g.To.Local().Format(momentLayout), amount(g.Bytes), ruleInWords(g.Rule))
	}
	return t.Flush()
}

// reach says how far back the footage will reach.
func (p shownPlan) reach() string {
	switch {
	case p.All.Segments == 0:
		return "There are no recordings."
	case !p.Known:
		return "Too little was recorded to say for how long the disk lasts."
	}
	var each []string
	for _, c := range p.Cameras {
		if c.Days > 0 {
			each = append(each, c.Name+" "+daysInWords(c.Days))
		}
	}
	text := "No rule ends what is kept."
	if p.Days > 0 {
		text = "Keeps " + daysInWords(p.Days)
		if len(each) > 1 {
			text += " (" + strings.Join(each, ", ") + ")"
		}
		text += "."
	}
	switch {
	case p.Full.IsZero():
		return text
	case !p.Full.After(time.Now()):
		return text + " The room is used up: the oldest goes as new comes."
	}
	return fmt.Sprintf("%s The room of %s is used up on %s; then the oldest goes.", text, amount(p.Room), p.Full.Local().Format(momentLayout))
}

func daysInWords(days float64) string {
	if days < 2 {
		return fmt.Sprintf("%.0f hours", math.Floor(days*24))
	}
	return fmt.Sprintf("%.0f days", math.Floor(days))
}

// atOnce says what would be deleted now.
func (p shownPlan) atOnce() string {
	if p.Goes.Segments == 0 {
		return "Nothing would be deleted now."
	}
	var each []string
	for _, c := range p.Cameras {
		if c.Goes.Segments > 0 {
			each = append(each, fmt.Sprintf("  %s: %s in %s, %s to %s", c.Name, amount(c.Goes.Bytes), plural(c.Goes.Segments, "file", "files"),
				c.Goes.From.Local().Format(momentLayout), c.Goes.To.Local().Format(momentLayout)))
		}
	}
	text := fmt.Sprintf("Would be deleted now: %s of %s\n%s", amount(p.Goes.Bytes), amount(p.All.Bytes), strings.Join(each, "\n"))
	if p.Most {
		text += "\nThat is more than half of all."
	}
	return text
}

// thinned says what would be thinned, "" for nothing.
func (p shownPlan) thinned() string {
	var each []string
	frees, files := int64(0), 0
	for _, t := range p.Thins {
		frees, files = frees+t.Frees, files+t.Due.Segments
		each = append(each, fmt.Sprintf("  %s: %s in %s, %s to %s, about %s less (%s)", t.Name, amount(t.Due.Bytes), plural(t.Due.Segments, "file", "files"),
			t.Due.From.Local().Format(momentLayout), t.Due.To.Local().Format(momentLayout), amount(t.Frees), t.Rule))
	}
	if files == 0 {
		return ""
	}
	return fmt.Sprintf("Would be thinned now, about %s less:\n%s", amount(frees), strings.Join(each, "\n"))
}

// ruleInWords says to people why something goes.
func ruleInWords(rule string) string {
	switch rule {
	case "max_age":
		return "too old (max_age)"
	case "event_age":
		return "an event, and too old (event_age)"
	case "camera.max_size":
		return "over the camera's max_size"
	case "max_size":
		return "over max_size"
	case "min_free":
		return "the disk is to stay free (min_free)"
	case "min_free.unarchived":
		return "not archived yet, and the disk is to stay free (min_free)"
	}
	return rule
}

// sweptInWords says what was deleted and thinned.
func sweptInWords(s web.Swept) string {
	text := "Nothing was deleted."
	if s.Segments > 0 {
		text = fmt.Sprintf("Deleted: %s, %s.", plural(s.Segments, "file", "files"), amount(s.Bytes))
	}
	switch {
	case s.Thinned > 0:
		text += fmt.Sprintf(" Thinned: %s, %s less.", plural(s.Thinned, "file", "files"), amount(s.Freed))
	case s.Thinning:
		text += " Thinning goes on in the running v720dvr; its log says when it is done."
	}
	return text
}
