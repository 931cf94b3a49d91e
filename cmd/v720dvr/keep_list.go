package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

func newKeepListCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [CAMERA]",
		Short: "List the keeps, with what they hold",
		Args:  argsBetween(0, 1, "a camera's name or id, or nothing for all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			of := camera.ID("")
			if len(args) > 0 {
				found, err := findCamera(cmd.Context(), loaded.Config, args[0])
				if err != nil {
					return err
				}
				of = found.ID
			}
			keeps, err := listKeeps(cmd.Context(), loaded.Config, of)
			if err != nil {
				return err
			}
			if asJSON {
				shown := make([]shownKeep, 0, len(keeps))
				for _, k := range keeps {
					shown = append(shown, shownKeepOf(loaded.Config, k))
				}
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shown)
			}
			return printKeeps(cmd.OutOrStdout(), loaded.Config, keeps)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listKeeps asks the v720dvr that runs; without one what is written down answers.
func listKeeps(ctx context.Context, c config.Config, of camera.ID) (keeps []web.Keep, err error) {
	q := url.Values{}
	if of != "" {
		q.Set("camera", string(of))
	}
	for {
		var told struct {
			Keeps []web.Keep
			Next  string
		}
		err := ask(ctx, c.Storage.Dir, http.MethodGet, "/api/v1/keeps?"+q.Encode(), nil, &told)
		if errors.Is(err, errNotRunning) {
			return keepsBeside(ctx, c, func(k storage.Keep) bool { return of == "" || k.Camera == of })
		}
		if err != nil {
			return nil, err
		}
		if keeps = append(keeps, told.Keeps...); told.Next == "" {
			return keeps, nil
		}
		q.Set("cursor", told.Next)
	}
}

// keepsBeside reads those that are wanted from the folder.
func keepsBeside(ctx context.Context, c config.Config, want func(storage.Keep) bool) (keeps []web.Keep, err error) {
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	list, err := view.Keeps(ctx, storage.KeepQuery{Cameras: storage.AllCameras, Limit: storage.MaxKeeps})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, k := range slices.DeleteFunc(list, func(k storage.Keep) bool { return !want(k) }) {
		keeps = append(keeps, web.Keep{
			ID: k.ID, Camera: k.Camera, From: k.From, To: k.To, Note: k.Note, Until: k.Until, InForce: k.Holds(now), Who: k.Who, Made: k.Made,
			Segments: k.Held.Segments, Bytes: k.Held.Bytes, Seconds: k.Held.Length.Seconds(),
		})
	}
	return keeps, nil
}

// shownKeep is a keep as --json tells of it: as the API does, and what the camera is called.
type shownKeep struct {
	web.Keep
	Name string `json:"name"`
}

func shownKeepOf(c config.Config, k web.Keep) shownKeep {
	for _, t := range []*time.Time{&k.From, &k.To, &k.Made, &k.Until} {
		if !t.IsZero() {
			*t = t.Local()
		}
	}
	return shownKeep{k, c.Camera(k.Camera).Name}
}

func printKeeps(w io.Writer, c config.Config, keeps []web.Keep) error {
	if len(keeps) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is kept. v720dvr keep CAMERA FROM TO keeps footage from being deleted.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NUMBER\tCAMERA\tFROM\tTO\tHOLDS\tUNTIL\tMADE BY\tNOTE")
	for _, k := range keeps {
		until := "unlocked"
		switch {
		case !k.InForce:
			until = "is over"
		case !k.Until.IsZero():
			until = k.Until.Local().Format(momentLayout)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, c.Camera(k.Camera).Name,
			k.From.Local().Format(secondLayout), k.To.Local().Format(secondLayout), heldInWords(k), until, k.Who, k.Note)
	}
	return t.Flush()
}

func spanInWords(k web.Keep) string {
	text := k.From.Local().Format(secondLayout) + " to " + k.To.Local().Format(secondLayout)
	if !k.Until.IsZero() {
		text += ", until " + k.Until.Local().Format(momentLayout)
	}
	return text
}

func heldInWords(k web.Keep) string {
	length := time.Duration(k.Seconds * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s, %v, %s", plural(k.Segments, "file", "files"), length, amount(k.Bytes))
}
