package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

func newKeepCommand() *cobra.Command {
	var flags configFlags
	var note, until string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "keep CAMERA FROM TO",
		Short: "Keep footage from being deleted: v720dvr keep hall 14:00 14:30 --note \"a parcel\"",
		Long: "Keep footage from being deleted: no rule of [retention] takes a recording of which a part lies between\n" +
			"FROM and TO, also when the disk is full. v720dvr unlock ends it. TO may lie ahead. Times are\n" +
			"\"2026-11-22\", \"2026-11-22 14:05\", \"14:05\" of today, or as 2026-11-22T14:05:00+01:00.",
		Args: argsBetween(3, 3, "a camera's name or id, and two times"),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, err := readKeep(args[1], args[2], until, time.Now())
			if err != nil {
				return usageError{err}
			}
			asked.Note = note
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			found, err := findCamera(cmd.Context(), loaded.Config, args[0])
			if err != nil {
				return err
			}
			asked.Camera = found.ID
			made, err := keepIn(cmd.Context(), loaded.Config, asked)
			if err != nil {
				return asUsage(err)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shownKeepOf(loaded.Config, made))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Keep %d of camera %s: %s.\nIt holds %s now. v720dvr unlock %d ends it.\n",
				made.ID, found.Name, spanInWords(made), heldInWords(made), made.ID)
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&note, "note", "", "a `line` for people: why it is kept")
	cmd.Flags().StringVar(&until, "until", "", "for how long, or until when: a `time` such as 90d, \"2027-03-01\"; without it until it is unlocked")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(newKeepListCommand())
	return cmd
}

func newUnlockCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "unlock NUMBER",
		Short: "End a keep: retention may delete what it held",
		Args:  oneArg("a keep's number; v720dvr keep list shows them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id <= 0 {
				return usageError{fmt.Errorf("%q is no keep's number; v720dvr keep list shows them", args[0])}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			if err := unkeepIn(cmd.Context(), loaded.Config, id); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
					ID   int64 `json:"id"`
					Kept bool  `json:"kept"`
				}{id, false})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Keep %d is ended. From now on the rules of [retention] decide about what it held.\n", id)
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// readKeep reads the times of a keep.
func readKeep(from, to, until string, now time.Time) (k web.Keep, err error) {
	if k.From, err = momentArgument(from, now); err != nil {
		return k, err
	}
	if k.To, err = momentArgument(to, now); err != nil {
		return k, err
	}
	if !k.From.Before(k.To) {
		return k, fmt.Errorf("from %s to %s is no time", k.From.Format(momentLayout), k.To.Format(momentLayout))
	}
	if until == "" {
		return k, nil
	}
	var length config.Duration
	if length.UnmarshalText([]byte(until)) == nil {
		k.Until = now.Add(time.Duration(length))
	} else if k.Until, err = momentArgument(until, now); err != nil {
		return k, fmt.Errorf("--until: %w; or for how long, such as 90d", err)
	}
	if !k.Until.After(now) {
		err = fmt.Errorf("--until %q is over", until)
	}
	return k, err
}

// keepIn asks the v720dvr that runs; without one it writes for the next.
func keepIn(ctx context.Context, c config.Config, asked web.Keep) (made web.Keep, err error) {
	err = ask(ctx, c.Storage.Dir, http.MethodPost, "/api/v1/keeps", struct {
		Camera camera.ID `json:"camera"`
		From   time.Time `json:"from"`
		To     time.Time `json:"to"`
		Note   string    `json:"note,omitempty"`
		Until  time.Time `json:"until,omitzero"`
	}{asked.Camera, asked.From, asked.To, asked.Note, asked.Until}, &made)
	if !errors.Is(err, errNotRunning) {
		return made, err
	}
	k, err := storage.KeepOffline(ctx, c.Storage.Dir, storage.Keep{
		Camera: asked.Camera, From: asked.From, To: asked.To, Note: asked.Note, Until: asked.Until, Who: web.CommandLine().Who,
	}, time.Now())
	if err != nil {
		return made, nothingChanged(err)
	}
	if err := auditKeep(ctx, c, "keep.add", k); err != nil {
		return made, err
	}
	kept, err := keepsBeside(ctx, c, func(other storage.Keep) bool { return other.ID == k.ID })
	if err != nil || len(kept) == 0 {
		return made, err
	}
	return kept[0], nil
}

// unkeepIn asks the v720dvr that runs; without one it writes for the next.
func unkeepIn(ctx context.Context, c config.Config, id int64) error {
	err := ask(ctx, c.Storage.Dir, http.MethodDelete, fmt.Sprint("/api/v1/keeps/", id), nil, nil)
	if refused := (*apiError)(nil); errors.As(err, &refused) && refused.status == http.StatusNotFound {
		return noKeep(id)
	}
	if !errors.Is(err, errNotRunning) {
		return err
	}
	switch err = storage.UnkeepOffline(ctx, c.Storage.Dir, id); {
	case errors.Is(err, storage.ErrUnknown):
		return noKeep(id)
	case err != nil:
		return nothingChanged(err)
	}
	return auditKeep(ctx, c, "keep.end", storage.Keep{ID: id})
}

func noKeep(id int64) error {
	return fmt.Errorf("there is no keep %d; v720dvr keep list shows them", id)
}

// nothingChanged says what to do about an error of who writes beside a folder.
func nothingChanged(err error) error {
	return fmt.Errorf("nothing was changed (a v720dvr that is just starting can be asked in a moment): %w", err)
}

// auditKeep writes down what was done without a running v720dvr.
func auditKeep(ctx context.Context, c config.Config, what string, k storage.Keep) error {
	a, err := storage.OpenAccounts(ctx, c.Storage.Dir)
	if err != nil {
		return err
	}
	detail := fmt.Sprint("keep ", k.ID)
	if !k.From.IsZero() {
		detail = web.KeepInAudit(k, time.Local)
	}
	return errors.Join(auditHere(ctx, a, what, string(k.Camera), detail), a.Close())
}
