package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/storage"
)

func newCheckCommand() *cobra.Command {
	var flags configFlags
	var repair, asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Hold the recordings and what is known of them against each other",
		Long: "Hold the recordings and what is known of them against each other, file by file, and name what\n" +
			"does not agree. With --repair what can be is put in order; pictures and sound are never deleted\n" +
			"by it. The exit code is 1 when problems remain. A running v720dvr does the same for names and\n" +
			"sizes after each start, so that this is for doubts; stop it first.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			report, err := check(cmd.Context(), loaded.Config, repair, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				if report.Problems == nil {
					report.Problems = []storage.Problem{}
				}
				err = json.NewEncoder(out).Encode(report)
			} else {
				err = printReport(out, report, repair)
			}
			if err == nil && report.Remaining() > 0 {
				err = fmt.Errorf("%s", remaining(report))
			}
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&repair, "repair", false, "put in order what can be")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// check opens the store as an earlier run left it. To repair a damaged index is to build it again.
func check(ctx context.Context, c config.Config, repair bool, stderr io.Writer) (storage.Report, error) {
	report, err := checkOnce(ctx, c, repair, stderr)
	if err != nil || !repair || !report.IndexDamaged() {
		return report, err
	}
	if _, err := storage.Reindex(ctx, storeOptions(c, stderr), nil); err != nil {
		return report, err
	}
	return checkOnce(ctx, c, repair, stderr)
}

func checkOnce(ctx context.Context, c config.Config, repair bool, stderr io.Writer) (report storage.Report, err error) {
	store, err := storage.Open(ctx, storeOptions(c, stderr))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if repair {
		return store.Repair(ctx)
	}
	return store.Check(ctx)
}

// storeOptions open a store as it is, for commands that look first.
func storeOptions(c config.Config, stderr io.Writer) storage.Options {
	log, _ := newLogger(stderr, c.Log)
	return storage.Options{Dir: c.Storage.Dir, Recordings: c.Storage.Recordings, Log: log, Software: software(), AsIs: true}
}

func printReport(w io.Writer, r storage.Report, repair bool) error {
	for _, p := range r.Problems {
		done := "only a person can put that in order"
		switch {
		case p.Repaired:
			done = "repaired: " + p.Remedy
		case p.Remedy != "" && repair:
			done = "not repaired"
		case p.Remedy != "":
			done = "with --repair " + p.Remedy
		}
		if _, err := fmt.Fprintf(w, "%s\n    %s\n", p, done); err != nil {
			return err
		}
	}
	if r.More > 0 {
		fmt.Fprintf(w, "… and %s more\n", plural(r.More, "problem", "problems"))
	}
	_, err := fmt.Fprintf(w, "%s looked at, %s.\n", plural(r.Segments, "segment", "segments"), found(r))
	return errors.Join(err, printAside(w, r))
}

func found(r storage.Report) string {
	problems := len(r.Problems) + r.More
	switch {
	case problems == 0:
		return "all is in order"
	case r.Repaired == problems:
		return plural(problems, "problem", "problems") + " found and repaired"
	case r.Repaired > 0:
		return fmt.Sprintf("%s found, %d repaired", plural(problems, "problem", "problems"), r.Repaired)
	}
	return plural(problems, "problem", "problems") + " found"
}

// printAside tells of files that are no problem, and that their owner may want to know of.
func printAside(w io.Writer, r storage.Report) (err error) {
	if r.Foreign > 0 {
		_, err = fmt.Fprintf(w, "%s not ours, or a copy: left alone.\n", plural(r.Foreign, "file is", "files are"))
	}
	if r.Unreadable > 0 {
		_, err = fmt.Fprintf(w, "%s set aside earlier, since nothing could be made of it: the name ends in .unreadable.\n", plural(r.Unreadable, "file was", "files were"))
	}
	return err
}

func remaining(r storage.Report) string {
	return plural(r.Remaining(), "problem remains", "problems remain")
}
