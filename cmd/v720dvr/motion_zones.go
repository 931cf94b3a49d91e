package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"v720dvr/recorder/motion"
	"v720dvr/web"
)

// parseZones reads zones as people write them on a command line: each its kind, a name if it has one, its
// corners as x,y from 0,0 at the top left to 1,1 at the bottom right, and a sensitivity if it has one of
// its own; with semicolons between.
func parseZones(text string) ([]web.MotionZone, error) {
	zones := []web.MotionZone{} // none is not the same as what is in force
	for _, part := range strings.Split(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		zone, err := parseZone(strings.Fields(part))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", part, err)
		}
		zones = append(zones, zone)
	}
	if len(zones) > motion.MostZones {
		return nil, fmt.Errorf("%d zones, %d is the most", len(zones), motion.MostZones)
	}
	return zones, nil
}

func parseZone(words []string) (zone web.MotionZone, err error) {
	switch zone.Kind = words[0]; motion.ZoneKind(zone.Kind) {
	case motion.Include, motion.Exclude:
	default:
		return zone, fmt.Errorf("a zone begins with include or exclude, not %q", words[0])
	}
	var name []string
	for words = words[1:]; len(words) > 0; words = words[1:] {
		if words[0] == "sensitivity" {
			if len(words) != 2 {
				return zone, errors.New("the sensitivity stands at the end of a zone, from 1 to 10")
			}
			zone.Sensitivity, err = strconv.Atoi(words[1])
			if err != nil || zone.Sensitivity < 1 || zone.Sensitivity > 10 {
				return zone, fmt.Errorf("sensitivity %s: it goes from 1 to 10", words[1])
			}
			break
		}
		x, y, isPoint := strings.Cut(words[0], ",")
		if !isPoint {
			if len(zone.Points) > 0 {
				return zone, fmt.Errorf("%q is no corner; write x,y from 0 to 1", words[0])
			}
			name = append(name, words[0])
			continue
		}
		point, err := parsePoint(x, y)
		if err != nil {
			return zone, err
		}
		zone.Points = append(zone.Points, point)
	}
	zone.Name = strings.Join(name, " ")
	if text := unfit(zone); text != "" {
		return zone, errors.New(text)
	}
	return zone, nil
}

func parsePoint(x, y string) (p [2]float64, err error) {
	for i, text := range []string{x, y} {
		if p[i], err = strconv.ParseFloat(text, 64); err != nil || !(p[i] >= 0 && p[i] <= 1) {
			return p, fmt.Errorf("corner %s,%s: x and y go from 0 to 1", x, y)
		}
	}
	return p, nil
}
