package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/storage"
)

func newReindexCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reindex",
		Short: "Build the index again from the files",
		Long: "Build index.sqlite again from the recordings: everything in it stands in the files too. Stop\n" +
			"v720dvr first. The old index stays in use until the new one is whole. Where it was deleted or is\n" +
			"damaged, a running v720dvr does this by itself, while it records.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			begun, told := time.Now(), time.Now()
			done, err := storage.Reindex(cmd.Context(), storeOptions(loaded.Config, cmd.ErrOrStderr()), func(so storage.Rebuilt) {
				if time.Since(told) > 10*time.Second {
					told = time.Now()
					fmt.Fprintf(cmd.ErrOrStderr(), "%s so far\n", plural(so.Segments, "segment", "segments"))
				}
			})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(done)
			}
			text := plural(done.Segments, "segment", "segments") + " read"
			if done.Elsewhere > 0 {
				text += fmt.Sprintf(", %d of other disks taken over from the old index", done.Elsewhere)
			}
			if done.Foreign > 0 {
				text += ", " + plural(done.Foreign, "file that is not ours, or a copy, left alone", "files that are not ours, or copies, left alone")
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, in %v.\n", text, time.Since(begun).Round(time.Millisecond))
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
