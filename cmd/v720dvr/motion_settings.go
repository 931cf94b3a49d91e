package main

import (
	"fmt"
	"time"

	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/web"
)

// tried are a camera's settings of motion with those that somebody tries above them; a *web.SettingError
// when one cannot be.
func tried(c config.Motion, o web.MotionSettings) (config.Motion, error) {
	wrong := func(key, text string, args ...any) (config.Motion, error) {
		return c, &web.SettingError{Key: key, Text: fmt.Sprintf(text, args...)}
	}
	if o.Sensitivity != 0 {
		if c.Sensitivity = o.Sensitivity; c.Sensitivity < 1 || c.Sensitivity > 10 {
			return wrong("sensitivity", "%d: it goes from 1 to 10", o.Sensitivity)
		}
	}
	if o.MinSize != "" {
		if err := c.MinSize.UnmarshalText([]byte(o.MinSize)); err != nil {
			return wrong("min_size", "%v; write for example 0.2%%", err)
		}
	}
	if o.Hold != "" {
		if err := c.Hold.UnmarshalText([]byte(o.Hold)); err != nil {
			return wrong("hold", "%v", err)
		}
		if time.Duration(c.Hold) > time.Minute {
			return wrong("hold", "%v: it goes from 0s to 1m", c.Hold)
		}
	}
	if o.Zones == nil {
		return c, nil
	}
	if len(o.Zones) > motion.MostZones {
		return wrong("zones", "%d zones, %d is the most", len(o.Zones), motion.MostZones)
	}
	c.Zones = make([]config.Zone, 0, len(o.Zones))
	for i, z := range o.Zones {
		if text := unfit(z); text != "" {
			return wrong(fmt.Sprintf("zones[%d]", i), "%s", text)
		}
		zone := config.Zone{Name: z.Name, Kind: z.Kind, Sensitivity: z.Sensitivity}
		for _, p := range z.Points {
			zone.Points = append(zone.Points, config.Point(p))
		}
		c.Zones = append(c.Zones, zone)
	}
	return c, nil
}

// mostCorners of a zone.
const mostCorners = 1000

// unfit says what is wrong with a zone; "" when nothing is.
func unfit(z web.MotionZone) string {
	switch kind := motion.ZoneKind(z.Kind); {
	case kind != motion.Include && kind != motion.Exclude:
		return fmt.Sprintf("%.20q is no kind; want include or exclude", z.Kind)
	case z.Sensitivity < 0 || z.Sensitivity > 10:
		return fmt.Sprintf("sensitivity %d: it goes from 1 to 10, and 0 is that of the picture", z.Sensitivity)
	case len(z.Points) < 3 || len(z.Points) > mostCorners:
		return fmt.Sprintf("%s, and a zone has 3 to %d", plural(len(z.Points), "corner", "corners"), mostCorners)
	}
	for _, p := range z.Points {
		if !(p[0] >= 0 && p[0] <= 1 && p[1] >= 0 && p[1] <= 1) {
			return fmt.Sprintf("corner %v, %v: x and y go from 0 to 1", p[0], p[1])
		}
	}
	corners := make([]motion.Point, len(z.Points))
	for i, p := range z.Points {
		corners[i] = motion.Point{X: p[0], Y: p[1]}
	}
	if a, b, crosses := motion.Cross(corners); crosses {
		return fmt.Sprintf("the edges behind corner %d and corner %d cross: give the corners in the order in which one walks around the zone", a+1, b+1)
	}
	return ""
}

// toldSettings are a camera's settings of motion as the API tells them: all of them.
func toldSettings(c config.Motion) web.MotionSettings {
	s := web.MotionSettings{Sensitivity: c.Sensitivity, MinSize: c.MinSize.String(), Hold: c.Hold.String(), Zones: make([]web.MotionZone, 0, len(c.Zones))}
	for _, z := range c.Zones {
		zone := web.MotionZone{Name: z.Name, Kind: z.Kind, Sensitivity: z.Sensitivity}
		for _, p := range z.Points {
			zone.Points = append(zone.Points, p)
		}
		s.Zones = append(s.Zones, zone)
	}
	return s
}
