package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/web"
)

func newMotionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "motion",
		Short: "Judge footage again, and show why something is motion or is not",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newMotionReplayCommand(), newMotionWhyCommand())
	return cmd
}

// judgeFlags change how footage is judged, for one command.
type judgeFlags struct {
	configFlags
	sensitivity int
	minSize     string
	hold        time.Duration
	zones       string
	pictures    bool
	given       func(name string) bool
}

func (f *judgeFlags) add(cmd *cobra.Command) {
	f.configFlags.add(cmd)
	flags := cmd.Flags()
	flags.IntVar(&f.sensitivity, "sensitivity", 0, "from 1, only what is plain to see, to 10, the smallest change; motion.sensitivity otherwise")
	flags.StringVar(&f.minSize, "min-size", "", "how large something must be to count, as a `part` of the picture, such as 0.2%; motion.min_size otherwise")
	flags.DurationVar(&f.hold, "hold", 0, "a movement that stops for a shorter `time` is still the same; motion.hold otherwise")
	flags.StringVar(&f.zones, "zones", "", "`zones` instead of motion.zones: \"exclude street 0,0 1,0 1,0.3; include 0,0.5 1,0.5 1,1 sensitivity 8\",\nor \"\" for none")
	flags.BoolVar(&f.pictures, "pictures", false, "look at the pictures, even where the track tells enough")
	f.given = flags.Changed
}

// settings are those of the configuration, with the flags above them.
func (f *judgeFlags) settings(of config.Motion) (config.Motion, error) {
	above, err := f.tried()
	if err != nil {
		return of, err
	}
	return tried(of, above)
}

// tried are the settings that the flags name.
func (f *judgeFlags) tried() (s web.MotionSettings, err error) {
	if f.given("sensitivity") {
		if f.sensitivity < 1 || f.sensitivity > 10 {
			return s, usageError{fmt.Errorf("--sensitivity %d: it goes from 1 to 10", f.sensitivity)}
		}
		s.Sensitivity = f.sensitivity
	}
	if f.given("min-size") {
		var part config.Percent
		if err := part.UnmarshalText([]byte(f.minSize)); err != nil {
			return s, usageError{fmt.Errorf("--min-size: %w; write for example 0.2%%", err)}
		}
		s.MinSize = f.minSize
	}
	if f.given("hold") {
		if f.hold < 0 || f.hold > time.Minute {
			return s, usageError{fmt.Errorf("--hold %v: it goes from 0s to 1m", f.hold)}
		}
		s.Hold = config.Duration(f.hold).String()
	}
	if f.given("zones") {
		if s.Zones, err = parseZones(f.zones); err != nil {
			return s, usageError{fmt.Errorf("--zones: %w", err)}
		}
	}
	return s, nil
}

// motionSettings are what a camera's configuration says of motion, for those who judge it.
func motionSettings(c config.Motion) motion.Settings {
	s := motion.Settings{Sensitivity: c.Sensitivity, MinSize: minSize(c.MinSize), Hold: hold(time.Duration(c.Hold))}
	for _, z := range c.Zones {
		zone := motion.Zone{Name: z.Name, Kind: motion.ZoneKind(z.Kind), Sensitivity: z.Sensitivity}
		for _, p := range z.Points {
			zone.Points = append(zone.Points, motion.Point{X: p[0], Y: p[1]})
		}
		s.Zones = append(s.Zones, zone)
	}
	return s
}

// minSize and hold say 0 in a way that is not "the default" to motion.Settings.
func minSize(part config.Percent) float64 { return max(float64(part)/100, 1e-9) }

func hold(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// inWords says settings for people.
func inWords(s motion.Settings) string {
	zones := "the whole picture"
	if len(s.Zones) > 0 {
		var named []string
		for i, z := range s.Zones {
			named = append(named, fmt.Sprintf("%s %s", z.Kind, zoneLabel(s, i)))
		}
		zones = strings.Join(named, ", ")
	}
	return fmt.Sprintf("sensitivity %d, at least %s of the picture, hold %v; %s", s.Sensitivity, shareOf(s.MinSize), max(s.Hold, 0), zones)
}

// zoneLabel is what a zone is called, or its number.
func zoneLabel(s motion.Settings, i int) string {
	if name := s.Zones[i].Name; name != "" {
		return name
	}
	return fmt.Sprintf("zone %d", i+1)
}

// shareOf writes a part of the picture.
func shareOf(part float64) string { return fmt.Sprintf("%.3g %%", part*100) }
