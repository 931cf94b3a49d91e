package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/archive"
	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

func newArchiveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "archive",
		Short: "Footage that is copied away to S3 storage: how that goes, what is there, bring it back",
		Long: "Footage that is copied away to storage that speaks S3: how that goes, what is there, and how to bring it\n" +
			"back. [archive] of the configuration names the place. docs/archive.md",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newArchiveStatusCommand(), newArchiveListCommand(), newArchiveRestoreCommand(), newArchiveVerifyCommand())
	return cmd
}

func newArchiveStatusCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell what waits, what is archived, and what went wrong",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			told, running, err := askArchive(cmd.Context(), loaded.Config)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(told)
			}
			return printArchive(cmd.OutOrStdout(), told, running)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// askArchive asks the v720dvr that runs; without one what is written down answers, and what waits is not known.
func askArchive(ctx context.Context, c config.Config) (told web.Archive, running bool, err error) {
	err = ask(ctx, c.Storage.Dir, http.MethodGet, "/api/v1/archive", nil, &told)
	if !errors.Is(err, errNotRunning) {
		return told, true, err
	}
	if c.Archive.S3 == "" {
		return told, false, nil
	}
	place, err := archive.Place(c.Archive.S3)
	if err != nil {
		return told, false, err
	}
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return told, false, err
	}
	totals, err := view.ArchiveTotals(ctx, place)
	if err == nil {
		var tries []storage.ArchiveTry
		if tries, err = view.ArchiveTries(ctx, place); len(tries) > 0 {
			told.Last = tries[len(tries)-1].Err
		}
	}
	told.On, told.Place, told.Archived = true, place, web.ArchiveWhole(totals)
	return told, false, errors.Join(err, view.Close())
}

func printArchive(w io.Writer, a web.Archive, running bool) error {
	if !a.On {
		_, err := fmt.Fprintln(w, "There is no archive: archive.s3 of the configuration names one (docs/archive.md).")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", args...) }
	line("Archive", "%s", a.Place)
	switch {
	case !running:
		line("State", "v720dvr is not running, so nothing is copied")
	case a.Problem != "":
		line("State", "%s", a.Problem)
		if !a.Next.IsZero() {
			line("", "since %s; tried again at %s", a.Since.Local().Format(momentLayout), a.Next.Local().Format("15:04:05"))
		}
	case a.Copying != "":
		line("State", "copying %s, %s of %s, %s/s", a.Copying, amount(a.Done), amount(a.Of), amount(int64(a.Rate)))
	default:
		line("State", "all is well")
	}
	if a.Known {
		waits := "nothing"
		if n := a.Waiting; n.Segments > 0 {
			waits = fmt.Sprintf("%d segments, %s, the oldest of %s", n.Segments, amount(n.Bytes), n.Oldest.Local().Format(momentLayout))
			if n.Resting > 0 {
				waits += fmt.Sprintf(", %d of them after a failure", n.Resting)
			}
		}
		line("Waits", "%s", waits)
	}
	whole := "nothing"
	if n := a.Archived; n.Segments > 0 {
		whole = fmt.Sprintf("%d segments, %s, %s to %s", n.Segments, amount(n.Bytes), n.Oldest.Local().Format(momentLayout), n.Newest.Local().Format(momentLayout))
	}
	line("Archived", "%s", whole)
	if a.Last != "" && a.Problem == "" {
		line("Last error", "%s", a.Last)
	}
	if a.Lost > 0 {
		line("Lost", "%d segments were deleted before they were copied: the disk was full", a.Lost)
	}
	if r := a.Restore; r != nil && r.Busy {
		line("Bringing back", "%d of %d segments, %s of %s", r.Done, r.Segments, amount(r.Got), amount(r.Bytes))
	}
	return t.Flush()
}

func newArchiveListCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list CAMERA FROM TO",
		Short: "List what the archive has of a time",
		Long:  "List what the archive has of a time; it is asked itself. CAMERA may be the id of one that only another\nbox has known. Times are as for v720dvr keep.",
		Args:  argsBetween(3, 3, "a camera's name or id, and two times"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := openFarSide(cmd.Context(), flags, args)
			if err != nil {
				return err
			}
			list, err := o.list(cmd.Context())
			if err = errors.Join(err, o.close()); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(append([]web.ArchivedSegment{}, list...))
			}
			if len(list) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "The archive has nothing of that time.")
				return err
			}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range list {
				here := "archive alone"
				switch {
				case s.Here:
					here = "here too"
				case s.Thinned:
					here = "here, thinned"
				}
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", s.From.Local().Format(momentLayout+":05"), s.To.Local().Format("15:04:05"), amount(s.Bytes), here, s.Key)
			}
			return t.Flush()
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// farLimit is how long the archive may take to tell what it has: a look at each object of months.
const farLimit = 10 * time.Minute

// A farSide is a span of the archive: of the running v720dvr, or without one on our own.
type farSide struct {
	dir      string
	id       camera.ID
	from, to time.Time
	archive  *archive.Archive // nil: a running one is asked
	store    *storage.Store
}

// openFarSide reads CAMERA FROM TO. A camera that nobody here knows is one by its id.
func openFarSide(ctx context.Context, flags configFlags, args []string) (*farSide, error) {
	now := time.Now()
	from, err := momentArgument(args[1], now)
	if err != nil {
		return nil, usageError{err}
	}
	to, err := momentArgument(args[2], now)
	if err != nil {
		return nil, usageError{err}
	}
	if !from.Before(to) {
		return nil, usageError{fmt.Errorf("from %s to %s is no time", from.Format(momentLayout), to.Format(momentLayout))}
	}
	loaded, err := flags.load()
	if err != nil {
		return nil, err
	}
	c := loaded.Config
	o := &farSide{dir: c.Storage.Dir, from: from, to: to}
	found, unknown := findCamera(ctx, c, args[0])
	if o.id = found.ID; unknown != nil {
		if o.id, err = camera.ParseID(args[0]); err != nil {
			return nil, unknown
		}
	}
	var told web.Archive
	if err := ask(ctx, o.dir, http.MethodGet, "/api/v1/archive", nil, &told); !errors.Is(err, errNotRunning) {
		return o, err
	}
	same := func() config.Config { return c }
	options, err := archiveOptions(c, same, nil)
	if err != nil {
		return nil, err
	}
	if o.store, err = storage.Open(ctx, storage.Options{Dir: c.Storage.Dir, Recordings: c.Storage.Recordings, Software: software()}); err != nil {
		return nil, err
	}
	options.Store, options.Room = o.store, roomOf(o.store, same)
	if o.archive, err = archive.New(options); err != nil {
		return nil, errors.Join(err, o.store.Close())
	}
	return o, nil
}

func (o *farSide) close() error {
	if o.store == nil {
		return nil
	}
	return o.store.Close()
}

func (o *farSide) list(ctx context.Context) ([]web.ArchivedSegment, error) {
	if o.archive != nil {
		list, err := o.archive.List(ctx, o.id, o.from, o.to)
		return copiesOf(list), err
	}
	q := url.Values{"from": {o.from.Format(time.RFC3339Nano)}, "to": {o.to.Format(time.RFC3339Nano)}}
	var told struct{ Segments []web.ArchivedSegment }
	err := askWithin(ctx, farLimit, o.dir, http.MethodGet, cameraPath(o.id, "archived?"+q.Encode()), nil, &told)
	return told.Segments, err
}
