package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/archive"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

func newArchiveRestoreCommand() *cobra.Command {
	var flags configFlags
	var keep, yes, asJSON bool
	cmd := &cobra.Command{
		Use:   "restore CAMERA FROM TO",
		Short: "Bring footage back from the archive, with its events",
		Long: "Bring footage back from the archive: under its own names, with its events, each file held against its\n" +
			"checksum. First it says what would come. It is kept for 30 days, so that no rule deletes it at once; --keep\n" +
			"keeps it until v720dvr unlock. What was broken off is gone on with. Times are as for v720dvr keep.",
		Args: argsBetween(3, 3, "a camera's name or id, and two times"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx, told := cmd.Context(), cmd.OutOrStdout()
			if asJSON {
				told = cmd.ErrOrStderr()
			}
			o, err := openFarSide(ctx, flags, args)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.close()) }()
			list, err := o.list(ctx)
			if err != nil {
				return err
			}
			here, thinned, missing, bytes := 0, 0, 0, int64(0)
			for _, s := range list {
				if s.Here {
					here++
				} else {
					missing, bytes = missing+1, bytes+s.Bytes
				}
				if s.Thinned {
					thinned++
				}
			}
			fmt.Fprintf(told, "The archive has %d segments of that time. %d are here already; %d are to be brought, %s.\n", len(list), here, missing, amount(bytes))
			if thinned > 0 {
				fmt.Fprintf(told, "%d of these are here with fewer pictures, since they were thinned; the full ones take their place.\n", thinned)
			}
			if missing == 0 {
				return nil
			}
			if !yes {
				fmt.Fprint(told, "Bring them back? Type yes: ")
				if line := bufio.NewScanner(cmd.InOrStdin()); !line.Scan() || !strings.EqualFold(strings.TrimSpace(line.Text()), "yes") {
					return errors.New("nothing was brought back; --yes does it without asking")
				}
			}
			done, err := o.restore(ctx, keep, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(done)
			}
			_, err = fmt.Fprintf(told, "%d segments are here again, %s.\n", done.Done, amount(done.Bytes))
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&keep, "keep", false, "keep it until it is unlocked")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, and what is asked to standard error")
	return cmd
}

// restore brings back, and says every second how far it is.
func (o *farSide) restore(ctx context.Context, keep bool, progress io.Writer) (web.ArchiveReturn, error) {
	ended := make(chan error, 1)
	look := func() (web.ArchiveReturn, error) {
		var told web.Archive
		if err := ask(ctx, o.dir, http.MethodGet, "/api/v1/archive", nil, &told); err != nil || told.Restore == nil {
			return web.ArchiveReturn{}, err
		}
		return *told.Restore, nil
	}
	if o.archive != nil {
		go func() {
			ended <- o.archive.Restore(ctx, archive.Span{Camera: o.id, From: o.from, To: o.to, Keep: keep, Who: web.CommandLine().Who})
		}()
		look = func() (web.ArchiveReturn, error) { return *archiveOf(o.archive.Status()).Restore, nil }
	} else {
		body := struct {
			From time.Time `json:"from"`
			To   time.Time `json:"to"`
			Keep bool      `json:"keep,omitempty"`
		}{o.from, o.to, keep}
		if err := ask(ctx, o.dir, http.MethodPost, cameraPath(o.id, "restore"), body, nil); err != nil {
			return web.ArchiveReturn{}, err
		}
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var err error
		over := false
		select {
		case <-ctx.Done():
			if o.archive != nil {
				return web.ArchiveReturn{}, <-ended
			}
			return web.ArchiveReturn{}, errors.New("the running v720dvr goes on to bring it back; v720dvr archive status tells how far it is")
		case err = <-ended:
			over = true
		case <-tick.C:
		}
		if err != nil {
			return web.ArchiveReturn{}, err
		}
		r, err := look()
		switch {
		case err != nil:
			return r, err
		case r.Error != "":
			return r, errors.New(r.Error)
		case over, !r.Busy && !r.Ended.IsZero():
			return r, nil
		}
		fmt.Fprintf(progress, "%d of %d segments, %s of %s\n", r.Done, r.Segments, amount(r.Got), amount(r.Bytes))
	}
}

// sampleSize is how many copies are read back when nobody says more.
const sampleSize = 20

func newArchiveVerifyCommand() *cobra.Command {
	var flags configFlags
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Read copies back, and hold them against their checksums",
		Long: "Read copies back, 20 drawn by lot, and hold them against the checksums that were written down when they\n" +
			"were sent. The exit code is 1 when one is gone or damaged. Without a running v720dvr it is noted then, so\n" +
			"that it is copied anew while the recording is here.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			a, done, err := openToVerify(ctx, flags)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, done()) }()
			most := sampleSize
			if all {
				most = 0
			}
			looked, found, err := a.Verify(ctx, most, func(done, of int) {
				if done%100 == 0 {
					fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d\n", done, of)
				}
			})
			if err != nil {
				return err
			}
			if asJSON {
				type finding struct {
					Key   string `json:"key"`
					Wrong string `json:"wrong"`
				}
				list := make([]finding, 0, len(found))
				for _, f := range found {
					list = append(list, finding{f.Key, f.Text})
				}
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"looked_at": looked, "wrong": list})
			} else {
				for _, f := range found {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", f.Key, f.Text)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d copies read back, %d are not as they were sent.\n", looked, len(found))
			}
			if err == nil && len(found) > 0 {
				err = fmt.Errorf("%d copies are gone or damaged", len(found))
			}
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "read all back")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// openToVerify opens the archive: with the store when nobody has it, else to look alone.
func openToVerify(ctx context.Context, flags configFlags) (*archive.Archive, func() error, error) {
	loaded, err := flags.load()
	if err != nil {
		return nil, nil, err
	}
	c := loaded.Config
	dir := c.Storage.Dir
	o, err := archiveOptions(c, func() config.Config { return c }, nil)
	if err != nil {
		return nil, nil, err
	}
	var close func() error
	if err := ask(ctx, dir, http.MethodGet, "/api/v1/archive", nil, nil); errors.Is(err, errNotRunning) {
		if o.Store, err = storage.Open(ctx, storage.Options{Dir: dir, Recordings: c.Storage.Recordings}); err != nil {
			return nil, nil, err
		}
		close = o.Store.Close
	} else {
		if o.View, err = storage.OpenReadOnly(ctx, dir); err != nil {
			return nil, nil, err
		}
		close = o.View.Close
	}
	a, err := archive.New(o)
	if err != nil {
		return nil, nil, errors.Join(err, close())
	}
	return a, close, nil
}
