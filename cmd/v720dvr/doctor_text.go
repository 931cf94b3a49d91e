package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"v720dvr/web"
)

// severityWords are what each severity is called in front of a line.
var severityWords = map[web.Severity]string{web.SeverityFault: "FAULT", web.SeverityWarning: "warning", web.SeverityNote: "note", web.SeverityOK: "ok"}

// printDiagnosis writes a diagnosis for people: findings with what to do, then the way of each camera.
func printDiagnosis(w io.Writer, d web.Diagnosis) error {
	for _, f := range d.Findings {
		if _, err := fmt.Fprintf(w, "%-8s %s: %s\n", severityWords[f.Severity], f.About, f.Found); err != nil {
			return err
		}
		if f.Do != "" {
			fmt.Fprintf(w, "         → %s\n", f.Do)
		}
	}
	if !d.Running {
		_, err := fmt.Fprintln(w, "\nv720dvr does not run on this data folder: only the box was looked at, not the cameras.")
		return err
	}
	if len(d.Ways) == 0 {
		_, err := fmt.Fprintln(w, "\nNo camera has shown itself yet. README.md, \"Your first camera\", tells how one finds v720dvr.")
		return err
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CAMERA\tDNS\tHTTP\tFIRMWARE\tTCP\tMQTT\tUDP\tPICTURE\tMISSING")
	for _, way := range d.Ways {
		cells := []string{cmp.Or(way.Name, string(way.Camera), way.Address)}
		for _, s := range way.Steps {
			cells = append(cells, stepText(s))
		}
		fmt.Fprintln(t, strings.Join(append(cells, stepWords[way.Missing]), "\t"))
	}
	return t.Flush()
}

// stepWords are the steps for people.
var stepWords = map[string]string{"dns": "DNS", "http": "HTTP", "firmware": "firmware", "connect": "TCP", "mqtt": "MQTT", "udp": "UDP", "frame": "picture", "": "nothing"}

func stepText(s web.WayStep) string {
	switch {
	case !s.Seen:
		return "-"
	case s.What != "":
		return s.What
	case s.At.IsZero():
		return "yes"
	}
	return s.At.Format("15:04:05")
}
