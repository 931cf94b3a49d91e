package hooks

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// words are what placeholders and the environment of a command tell of an occurrence.
func (o *Occurrence) words(picture string) map[string]string {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	length := ""
	if !o.End.IsZero() {
		length = strconv.FormatFloat(o.Seconds, 'f', -1, 64)
	}
	return map[string]string{
		"on": o.On, "id": o.ID, "time": moment(o.At), "camera": string(o.Camera), "name": o.Name, "event": string(o.Kind),
		"start": moment(o.Start), "end": moment(o.End), "seconds": length, "zones": strings.Join(o.Zones, ", "),
		"detail": o.Detail, "file": o.File, "picture": picture, "page": o.Page, "trouble": o.Trouble, "text": o.text(),
	}
}

// Placeholders lists what may stand in braces.
func Placeholders() []string {
	return []string{"on", "id", "time", "camera", "name", "event", "start", "end", "seconds", "zones", "detail", "file", "picture", "page", "trouble", "text"}
}

// fill puts words in the place of their names, once: what stands in a word is no placeholder.
func fill(text string, words map[string]string) string {
	pairs := make([]string, 0, 2*len(words))
	for name, word := range words {
		pairs = append(pairs, "{"+name+"}", word)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// text says it in a line, for people.
func (o *Occurrence) text() string {
	who := cmp.Or(o.Name, string(o.Camera))
	switch o.On {
	case EventStart, EventUpdate:
		return fmt.Sprintf("%s: %s since %s", who, o.Kind, o.Start.Format(time.TimeOnly))
	case EventEnd:
		return fmt.Sprintf("%s: %s at %s, %s", who, o.Kind, o.Start.Format(time.TimeOnly), o.length().Round(time.Second))
	case Segment:
		return fmt.Sprintf("%s: recorded from %s to %s", who, o.Start.Format(time.TimeOnly), o.End.Format(time.TimeOnly))
	case CameraLost:
		return who + " is gone " + o.Detail
	case CameraFound:
		return who + " is there again"
	case CameraNew:
		return "a new camera has come: " + who
	case Disk:
		if o.Trouble == "" {
			return "the disk takes the recordings again"
		}
		return "the disk of the recordings is " + o.Trouble + ": " + o.Detail
	}
	return o.On
}

// page is where a browser sees it.
func (o *Occurrence) pageAt(base string) string {
	base = strings.TrimSuffix(base, "/")
	switch {
	case base == "":
		return ""
	case o.On == Disk:
		return base + "/storage"
	case o.Camera == "":
		return base + "/"
	case o.Start.IsZero():
		return base + "/live/" + url.PathEscape(string(o.Camera))
	}
	return base + "/timeline/" + url.PathEscape(string(o.Camera)) + "?t=" + url.QueryEscape(o.Start.Format(time.RFC3339))
}
