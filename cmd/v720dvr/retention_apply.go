package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

// mostWord is what somebody types who means more than half of all footage.
const mostWord = "more than half"

func newRetentionApplyCommand() *cobra.Command {
	var ask ruleQuestion
	var yes, twice, asJSON bool
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Delete and thin now what the rules ask for: shown first, then asked",
		Long: "Delete now what the rules of [retention] do not keep, and thin what retention.thin says, instead of at the next look.\n" +
			"It shows what goes and asks; where that is more than half of all footage it asks twice. Rules of --what-if are set\n" +
			"first, as on the page. Beside a running v720dvr thinning goes on there, behind what is recorded; else it is waited for.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asked, err := ask.plan(cmd.Context())
			if err != nil {
				return err
			}
			told := asked.told
			out := cmd.OutOrStdout()
			if asJSON {
				out = cmd.ErrOrStderr()
			}
			fmt.Fprintln(out, told.atOnce())
			if text := told.thinned(); text != "" {
				fmt.Fprintln(out, text)
			}
			if told.Goes.Segments == 0 && len(told.Thins) == 0 && len(asked.changes) == 0 {
				return nil
			}
			if err := consent(cmd.InOrStdin(), out, told.Preview, yes, twice); err != nil {
				return err
			}
			swept, err := applyRules(cmd.Context(), &ask.flags, asked.config, asked.changes, told.Most)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(swept)
			}
			_, err = fmt.Fprintln(out, sweptInWords(swept))
			return err
		},
	}
	ask.add(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&twice, "more-than-half", false, "with --yes: also where that is more than half of all footage")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, and what is asked to standard error")
	return cmd
}

// consent asks who types, twice where more than half of all goes.
func consent(in io.Reader, out io.Writer, p web.Preview, yes, twice bool) error {
	lines := bufio.NewScanner(in)
	answer := func(question, want string) bool {
		fmt.Fprint(out, question)
		return lines.Scan() && strings.EqualFold(strings.TrimSpace(lines.Text()), want)
	}
	if !yes && !answer("Do it? Type yes: ", "yes") {
		return errors.New("nothing was changed; --yes does it without asking")
	}
	if p.Most && !(yes && twice) && (yes || !answer(fmt.Sprintf("%s of %s would be gone for ever. Type %q: ", amount(p.Goes.Bytes), amount(p.All.Bytes), mostWord), mostWord)) {
		return errors.New("nothing was changed: more than half of all footage goes when that is said too; --yes --more-than-half does it without asking")
	}
	return nil
}

// applyRules sets changes and sweeps. It asks the v720dvr that runs; without one it does it here.
func applyRules(ctx context.Context, flags *configFlags, c config.Config, changes web.RuleChanges, twice bool) (swept web.Swept, err error) {
	query := ""
	if twice {
		query = "?twice=true"
	}
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		path := "/api/v1/settings"
		if id != "" {
			path = cameraPath(id, "settings")
		}
		err := askWithin(ctx, planLimit, c.Storage.Dir, http.MethodPatch, path+query, changes[id], nil)
		if errors.Is(err, errNotRunning) {
			return applyBeside(ctx, flags, changes)
		}
		if err != nil {
			return swept, asUsage(err)
		}
	}
	err = askWithin(ctx, sweepLimit, c.Storage.Dir, http.MethodPost, "/api/v1/storage/sweep"+query, nil, &swept)
	if errors.Is(err, errNotRunning) {
		return applyBeside(ctx, flags, changes)
	}
	return swept, err
}

// sweepLimit is how long a sweep may take: 100,000 files on a slow disk.
const sweepLimit = time.Hour

// applyBeside sets changes for the next start, and sweeps and thins here.
func applyBeside(ctx context.Context, flags *configFlags, changes web.RuleChanges) (told web.Swept, err error) {
	c, store, err := openTried(ctx, flags, changes, false)
	if err != nil {
		return told, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var rows []storage.Setting
	for id, of := range changes {
		for key, value := range of {
			rows = append(rows, storage.Setting{Camera: id, Key: key, Value: value, Who: web.CommandLine().Who, At: time.Now()})
		}
	}
	if err := store.Accounts().ChangeSettings(ctx, rows...); err != nil {
		return told, err
	}
	if len(rows) > 0 {
		if err := auditHere(ctx, store.Accounts(), "settings", "", keysOf(changes)); err != nil {
			return told, err
		}
	}
	rules, _, err := rulesNow(store, c)
	if err != nil {
		return told, err
	}
	rules.Twice = true // who asks has been asked back
	swept, err := store.Sweep(ctx, rules)
	if err != nil {
		return told, err
	}
	told = sweptOf(swept)
	thinned, err := store.Thin(ctx, thinRulesOf(c)) // nobody records beside it: as fast as the disk
	told.Thinned, told.Freed = thinned.Segments, thinned.Freed
	return told, errors.Join(err, auditHere(ctx, store.Accounts(), "storage.sweep", "", fmt.Sprintf("%d segments, %d bytes", told.Segments, told.Bytes)))
}

func keysOf(changes web.RuleChanges) string {
	var keys []string
	for id, of := range changes {
		for key := range of {
			keys = append(keys, strings.TrimPrefix(string(id)+"."+key, "."))
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

// sweptOf puts a sweep into the API's words.
func sweptOf(swept storage.Sweep) web.Swept {
	told := web.Swept{Segments: swept.Segments, Bytes: swept.Bytes, ByRule: make(map[string]int)}
	for rule, n := range swept.ByRule {
		told.ByRule[string(rule)] = n
	}
	return told
}
