package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/web"
)

// gapMeans says the reasons of gaps to people.
var gapMeans = map[string]string{
	storage.GapSilent:     "no pictures came from the camera: its Wi-Fi",
	storage.GapOffline:    "the camera was gone: no power, or no Wi-Fi for long",
	storage.GapRestarted:  "v720dvr did not run, or had just begun",
	storage.GapDisk:       "the disk did not take the recordings",
	storage.GapOff:        "recording was switched off",
	storage.GapSchedule:   "the schedule said off",
	storage.GapPaused:     "paused: v720dvr cameras pause",
	storage.GapClock:      "the clock was set forward; nothing was missed",
	storage.GapIdle:       "nothing happened, and only what happens is recorded",
	storage.GapDeleted:    "recorded, and deleted by retention",
	storage.GapErased:     "recorded, and deleted by a person",
	storage.GapUnfinished: "in a file that is not finished yet; the next start does that",
	storage.GapUnknown:    "nothing tells: files were taken away, or the camera was not there yet",
}

func newCoverageCommand() *cobra.Command {
	var flags configFlags
	var asJSON, certified, page, quick bool
	cmd := &cobra.Command{
		Use:   "coverage CAMERA FROM [TO]",
		Short: "Show how much of a time was recorded, and why the rest was not",
		Long: "Show how much of a time was recorded, and each gap with its reason. FROM and TO are\n" +
			"\"2026-11-22\", \"2026-11-22 14:05\", \"14:05\" of today, or as 2026-11-22T14:05:00+01:00; without TO it is now.\n\n" +
			"--certificate prints a certificate of it: what was recorded, each gap with its reason, what was repaired and\n" +
			"lost, and whether the files are what was sealed (it reads them all; --quick does not), signed with the box's key.\n" +
			"With --html it is a page to print. v720dvr verify --files --key FILE holds either against the key.",
		Args: argsBetween(2, 3, "a camera's name or id, and one or two times"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			from, err := momentArgument(args[1], now)
			if err != nil {
				return usageError{err}
			}
			to := now
			if len(args) == 3 {
				if to, err = momentArgument(args[2], now); err != nil {
					return usageError{err}
				}
			}
			if !certified && (page || quick) {
				return usageError{errors.New("--html and --quick are of --certificate")}
			}
			if !from.Before(to) {
				return usageError{fmt.Errorf("from %s to %s is no time", from.Format(momentLayout), to.Format(momentLayout))}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			found, err := findCamera(cmd.Context(), loaded.Config, args[0])
			if err != nil {
				return err
			}
			covered, err := coverageIn(cmd.Context(), loaded.Config.Storage.Dir, found.ID, from, to)
			if err != nil {
				return err
			}
			shown := shownCoverageOf(found, covered, now.Location())
			if certified {
				made, err := certify(cmd.Context(), loaded.Config, shown, quick, now, cmd.ErrOrStderr())
				switch {
				case err != nil:
					return err
				case page:
					return made.printPage(cmd.OutOrStdout())
				case asJSON:
					return made.printJSON(cmd.OutOrStdout())
				}
				return made.print(cmd.OutOrStdout())
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shown)
			}
			return shown.print(cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&certified, "certificate", false, "print a signed certificate")
	cmd.Flags().BoolVar(&page, "html", false, "with --certificate: as a page to print")
	cmd.Flags().BoolVar(&quick, "quick", false, "with --certificate: look at seals alone, not at what they are of")
	return cmd
}

// coverageIn asks the v720dvr that runs, which knows what it is writing now; without one what is written
// down answers.
func coverageIn(ctx context.Context, dir string, id camera.ID, from, to time.Time) (storage.Coverage, error) {
	span := url.Values{"from": {from.Format(time.RFC3339Nano)}, "to": {to.Format(time.RFC3339Nano)}}
	var told web.Coverage
	err := ask(ctx, dir, http.MethodGet, cameraPath(id, "coverage")+"?"+span.Encode(), nil, &told)
	if err == nil {
		return coverageTold(told), nil
	}
	if !errors.Is(err, errNotRunning) {
		return storage.Coverage{}, err
	}
	view, err := storage.OpenReadOnly(ctx, dir)
	if err != nil {
		return storage.Coverage{}, err
	}
	defer view.Close()
	return view.Coverage(ctx, id, from, to)
}

// coverageTold reads what the API tells.
func coverageTold(told web.Coverage) storage.Coverage {
	covered := storage.Coverage{
		From: told.From, To: told.To, Recorded: time.Duration(math.Round(told.Recorded*1e6)) * time.Microsecond, Share: told.Share,
		Frames: told.Frames, Repaired: told.Repaired, Lost: told.Lost, Missing: told.Missing,
	}
	for _, g := range told.Gaps {
		covered.Gaps = append(covered.Gaps, avi.Gap{From: g.From, To: g.To, Reason: g.Reason})
	}
	return covered
}

// shownCoverage is what `coverage` answers.
type shownCoverage struct {
	ID       camera.ID  `json:"id"`
	Name     string     `json:"name"`
	From     time.Time  `json:"from"`
	To       time.Time  `json:"to"`
	Seconds  float64    `json:"recorded_seconds"`
	Share    float64    `json:"share"`
	Frames   int64      `json:"frames"`
	Repaired int64      `json:"repaired"`
	Lost     int64      `json:"lost"`
	Missing  int64      `json:"packages_missing"`
	Gaps     []shownGap `json:"gaps"`
}

type shownGap struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds float64   `json:"seconds"`
	Reason  string    `json:"reason"`
	Means   string    `json:"means"`
}

func shownCoverageOf(c config.CameraSettings, covered storage.Coverage, zone *time.Location) shownCoverage {
	shown := shownCoverage{
		ID: c.ID, Name: c.Name, From: covered.From.In(zone), To: covered.To.In(zone),
		Seconds: covered.Recorded.Seconds(), Share: covered.Share,
		Frames: covered.Frames, Repaired: covered.Repaired, Lost: covered.Lost, Missing: covered.Missing, Gaps: []shownGap{},
	}
	for _, g := range covered.Gaps {
		shown.Gaps = append(shown.Gaps, shownGapOf(g, zone))
	}
	return shown
}

func shownGapOf(g avi.Gap, zone *time.Location) shownGap {
	return shownGap{g.From.In(zone), g.To.In(zone), g.To.Sub(g.From).Seconds(), g.Reason, gapMeans[g.Reason]}
}

func (s shownCoverage) print(w io.Writer) error {
	length := s.To.Sub(s.From)
	fmt.Fprintf(w, "Camera %s, %s to %s:\n", s.Name, s.From.Format(momentLayout), s.To.Format(momentLayout))
	fmt.Fprintf(w, "%s recorded: %v of %v. %d pictures, %d of them repaired; %d lost.\n", percent(s.Share),
		(time.Duration(s.Seconds * float64(time.Second))).Round(time.Second), length.Round(time.Second), s.Frames, s.Repaired, s.Lost)
	if len(s.Gaps) == 0 {
		_, err := fmt.Fprintln(w, "No gaps.")
		return err
	}
	fmt.Fprintf(w, "\n%s:\n\n", plural(len(s.Gaps), "gap", "gaps"))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FROM\tTO\tLENGTH\tREASON\t")
	for _, g := range s.Gaps {
		fmt.Fprintf(t, "%s\t%s\t%v\t%s\t%s\n", g.From.Format(secondLayout), g.To.Format(secondLayout),
			time.Duration(g.Seconds*float64(time.Second)).Round(100*time.Millisecond), g.Reason, g.Means)
	}
	return t.Flush()
}

// secondLayout is momentLayout with seconds.
const secondLayout = "Mon 2006-01-02 15:04:05 -0700"

// percent never says 100 % of what has gaps, nor 0 % of what has footage.
func percent(share float64) string {
	switch p := share * 100; {
	case share >= 1:
		return "100 %"
	case p > 99.99:
		return "99.99 %"
	case p > 0 && p < 0.01:
		return "0.01 %"
	default:
		return fmt.Sprintf("%.2f %%", p)
	}
}
