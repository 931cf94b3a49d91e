package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/storage"
)

func newBackupCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy what cannot be read back from the recordings into a folder",
		Long: "Copy state.sqlite (the cameras' codes and secrets, who was approved) into a folder, as it is at\n" +
			"one moment, with a text that says how to put it back. It may run beside v720dvr, every night\n" +
			"into the same folder. Recordings are not copied: any program can do that.",
		Args: oneArg("a folder to write to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			if err := storage.Backup(cmd.Context(), loaded.Config.Storage.Dir, args[0], time.Now()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "The state is in %s; %s there says how to put it back. Keep it private.\n", args[0], storage.BackupNote)
			return err
		},
	}
	flags.add(cmd)
	return cmd
}

// oneArg asks for one argument: what it is.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usageError{fmt.Errorf("%s needs %s", cmd.CommandPath(), what)}
		case len(args) > 1:
			return usageError{fmt.Errorf("%s takes one argument, got %d", cmd.CommandPath(), len(args))}
		}
		return nil
	}
}
