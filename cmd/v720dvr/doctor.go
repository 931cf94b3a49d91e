package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/web"
)

func newDoctorCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find what is wrong with this box, and on the way of each camera, and say what to do",
		Long: "Look at this box (ports, addresses, UDP, DNS, disk, clock, rights, limits) and, where v720dvr runs on\n" +
			"this data folder, at each step of each camera's way in: what was seen, when, and what is missing\n" +
			"next. Some megabytes are written to the recordings' disk and taken away again. The exit code is 1\n" +
			"when something does not work.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			d, err := diagnose(cmd.Context(), loaded.Config)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = json.NewEncoder(out).Encode(d)
			} else {
				err = printDiagnosis(out, d)
			}
			if n := faults(d.Findings); err == nil && n > 0 {
				err = errors.New(plural(n, "fault was found", "faults were found"))
			}
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// diagnose asks the running v720dvr, and looks at the box alone where none runs.
func diagnose(ctx context.Context, c config.Config) (d web.Diagnosis, err error) {
	err = ask(ctx, c.Storage.Dir, http.MethodGet, "/api/v1/doctor", nil, &d)
	if !errors.Is(err, errNotRunning) {
		return d, err
	}
	return diagnosisOf(idleFacts(ctx, c, outside()), nil), nil
}

// idleFacts are those of a box on which no v720dvr runs: its ports can be tried, and its cameras not be seen.
func idleFacts(ctx context.Context, c config.Config, o asksOutside) boxFacts {
	told := o.system()
	facts := boxFacts{
		At: time.Now(), Container: told.Container, Config: c.Cloud, Ports: tryPorts(wantedPorts(c)), Own: o.own(),
		Firewalls: told.Firewalls, Clock: clockFact{Synced: told.Synced}, Folder: folderNow(c.Storage.Dir), Limits: told.Limits,
		Names: o.names(ctx),
	}
	if addr, err := netip.ParseAddr(c.Cloud.Advertise); err == nil {
		facts.Announced = netip.AddrPortFrom(addr, 0)
	}
	recordings := cmp.Or(c.Storage.Recordings, filepath.Join(facts.Folder.Dir, "recordings"))
	facts.Disk = o.volume(recordings, c.Retention.MinFree)
	if facts.Folder.Write == nil && facts.Disk.Err == nil && facts.Disk.Free > trialRoom {
		facts.Disk.Written = o.trial(existing(recordings))
	}
	return facts
}
