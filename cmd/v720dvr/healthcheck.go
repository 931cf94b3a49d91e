package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newHealthcheckCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running v720dvr whether all is well",
		Long:  "Ask the v720dvr that runs on this data folder whether all is well. The exit code is 0 when it\nruns and records what it should, 1 when it does not: for Docker, systemd and cron. A camera\nthat is switched off is not a failure of v720dvr; `v720dvr cameras list` shows it.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			h, err := askHealth(cmd.Context(), loaded.Config.Storage.Dir)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				if err := json.NewEncoder(out).Encode(h); err != nil {
					return err
				}
			}
			if len(h.Problems) > 0 {
				return errors.New(strings.Join(h.Problems, "\n"))
			}
			if !asJSON {
				fmt.Fprintln(out, h.sentence())
			}
			return nil
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// sentence is a healthy state in a line.
func (h health) sentence() string {
	streams := 0
	for _, c := range h.Cameras {
		if c.Online && c.FPS > 0 {
			streams++
		}
	}
	text := fmt.Sprintf("All is well: %s known since the start, %d of them streaming.", plural(len(h.Cameras), "camera", "cameras"), streams)
	if disk := h.Recordings.sentence(time.Now()); disk != "" {
		text += " " + disk
	}
	if h.HomeAssistant != "" {
		text += "\nOnly Home Assistant is not told of it: " + h.HomeAssistant
	}
	return text
}
