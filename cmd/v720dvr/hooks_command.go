package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/integration/hooks"
	"v720dvr/web"
)

// hookLimit is how long a test may take: the longest timeout that a hook can have, and a little.
const hookLimit = 10*time.Minute + answerLimit

func newHooksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hooks",
		Short: "Whom v720dvr tells what happens",
		Long:  "Whom v720dvr tells what happens: the [[hook]] tables of config.toml. A running v720dvr is asked.\ndocs/hooks.md tells how one is written.",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newHooksListCommand(), newHooksTestCommand())
	return cmd
}

func newHooksListCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the hooks, and how their last call went",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := askHooks(cmd.Context(), flags)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			return writeHooks(cmd.OutOrStdout(), list)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newHooksTestCommand() *cobra.Command {
	var flags configFlags
	var on string
	cmd := &cobra.Command{
		Use:   "test [NAME]",
		Short: "Call a hook, or all, with something that did not happen, and show what came back",
		Long:  "Call a hook, or all of them, with something that did not happen, and show what was sent and what\ncame back. The exit code is 1 when one failed.",
		Args:  argsBetween(0, 1, "a hook's name, or nothing for all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if on != "" && !slices.Contains(hooks.All(), on) {
				return usageError{fmt.Errorf("--on takes one of %s, not %q", strings.Join(hooks.All(), ", "), on)}
			}
			return testHooks(cmd.Context(), flags, args, on, cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&on, "on", "", "what it is told: `event_end`, segment, …; without, the first that the hook asks for")
	return cmd
}

// askHooks asks the running v720dvr for its hooks.
func askHooks(ctx context.Context, flags configFlags) ([]web.HookState, error) {
	loaded, err := flags.load()
	if err != nil {
		return nil, err
	}
	var answer struct{ Hooks []web.HookState }
	err = ask(ctx, loaded.Config.Storage.Dir, "GET", "/api/v1/hooks", nil, &answer)
	return answer.Hooks, err
}

func testHooks(ctx context.Context, flags configFlags, names []string, on string, out io.Writer) error {
	loaded, err := flags.load()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		list, err := askHooks(ctx, flags)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errors.New("the configuration has no hook; docs/hooks.md tells how one is written")
		}
		for _, h := range list {
			names = append(names, h.Name)
		}
	}
	body := map[string]string{}
	if on != "" {
		body["on"] = on
	}
	failed := 0
	for _, name := range names {
		var t web.HookTrial
		if err := askWithin(ctx, hookLimit, loaded.Config.Storage.Dir, "POST", "/api/v1/hooks/"+url.PathEscape(name)+"/test", body, &t); err != nil {
			return err
		}
		if !t.OK {
			failed++
		}
		writeTrial(out, name, t)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, plural(len(names), "hook", "hooks"))
	}
	return nil
}

func writeTrial(out io.Writer, name string, t web.HookTrial) {
	verdict := "worked"
	if !t.OK {
		verdict = "failed: " + t.Error
	}
	indent := func(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }
	fmt.Fprintf(out, "%s, %s: %s (%.1f s)\n  sent\n%s\n  came back\n%s\n", name, t.On, verdict, t.Took, indent(t.Sent), indent(t.Answer))
}

func writeHooks(out io.Writer, list []web.HookState) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tCALLS\tON\tWAITING\tDONE\tFAILED\tLOST\tLAST")
	for _, h := range list {
		last := "never called"
		if !h.Called.IsZero() {
			verdict := "worked"
			if !h.OK {
				verdict = "failed: " + strings.Join(strings.Fields(h.Answer), " ")
			}
			last = h.Called.Format(time.DateTime) + " " + verdict
		}
		fmt.Fprintf(table, "%s\t%s %s\t%s\t%d\t%d\t%d\t%d\t%s\n", h.Name, h.Form, h.Where, strings.Join(h.On, ","), h.Waiting, h.Done, h.Failed, h.Lost, last)
	}
	return table.Flush()
}
