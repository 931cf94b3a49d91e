package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
)

// longestAsked bounds how long a person may ask to record at once; asking again goes on.
const longestAsked = 24 * time.Hour

func newCamerasRecordCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "record NAME [DURATION]",
		Short: "Record a camera now, as if something had happened: v720dvr cameras record door 1m",
		Long: "Record a camera now for a time (10s without one), with the seconds before and after, as if\n" +
			"something had happened. Where it is recorded around the clock the moment becomes an event.",
		Args: argsBetween(1, 2, "a camera's name or id, and for how long"),
		RunE: func(cmd *cobra.Command, args []string) error {
			length := config.Duration(10 * time.Second)
			if len(args) == 2 {
				if err := length.UnmarshalText([]byte(args[1])); err != nil {
					return usageError{fmt.Errorf("record for %q: %w", args[1], err)}
				}
			}
			if length < 0 || time.Duration(length) > longestAsked {
				return usageError{fmt.Errorf("record for %q: want up to %v", args[1], longestAsked)}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			found, err := findCamera(cmd.Context(), loaded.Config, args[0])
			if err != nil {
				return err
			}
			err = ask(cmd.Context(), loaded.Config.Storage.Dir, http.MethodPost, cameraPath(found.ID, "trigger"), map[string]any{
				"seconds": time.Duration(length).Seconds(), "detail": "v720dvr cameras record",
			}, nil)
			if errors.Is(err, errNotRunning) {
				return fmt.Errorf("%w: nothing can be recorded", err)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Camera %s is recorded.\n", found.Name)
			return err
		},
	}
	flags.add(cmd)
	return cmd
}
