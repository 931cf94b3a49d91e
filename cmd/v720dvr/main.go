// Command v720dvr records V720 / A9 cameras: it plays their vendor's cloud on the owner's
// network, keeps their streams open and writes what they see and hear to AVI files.
//
// main.go holds the command line, run.go joins the rooms, and each other command has a file of
// its own. Exit codes: 0 done, 1 failed, 2 used wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	_ "time/tzdata" // zones, on boxes that have none of their own

	"github.com/spf13/cobra"
)

func main() { os.Exit(execute(context.Background(), os.Args[1:])) }

// Exit codes of all commands. docs/architecture.md.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError marks an error of the command line itself.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// execute runs one command and returns the exit code.
func execute(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(root.ErrOrStderr(), "v720dvr:", explain(err))
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "v720dvr",
		Short:         "A recorder for V720 / A9 cameras",
		Long:          "v720dvr plays the vendor's cloud for V720 / A9 cameras on your own network and records\nwhat they see and hear to AVI files that any player opens.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q; see v720dvr --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(newRunCommand(), newCamerasCommand(), newConfigCommand(), newHealthcheckCommand(), newDoctorCommand(), newScheduleCommand(),
		newCoverageCommand(), newKeepCommand(), newUnlockCommand(), newRetentionCommand(), newMotionCommand(), newCheckCommand(), newVerifyCommand(), newReindexCommand(), newRecoverCommand(), newBackupCommand(), newUserCommand(), newTokenCommand(), newWiFiCommand(), newSDCardCommand(), newImportCommand(), newExportCommand(), newCaptureCommand(), newHooksCommand(), newArchiveCommand(), newReplayCommand(), newVersionCommand())
	root.AddCommand(newManualCommand())
	return root
}

// argsBetween refuses fewer or more arguments as wrong use; what says which are wanted.
func argsBetween(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usageError{fmt.Errorf("%s takes %s, got %q", cmd.CommandPath(), what, args)}
		}
		return nil
	}
}

// noArgs refuses arguments as wrong use.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no argument, got %q", cmd.CommandPath(), args[0])}
	}
	return nil
}
