package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

func newRetentionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retention",
		Short: "What the rules delete: ask first, then apply",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRetentionPlanCommand(), newRetentionApplyCommand())
	return cmd
}

// shownPlan is what `retention plan` answers.
type shownPlan struct {
	web.Preview
	Next []web.Going `json:"next"` // by the rules in force; empty with others
}

func newRetentionPlanCommand() *cobra.Command {
	var ask ruleQuestion
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what the rules would delete, for how long the disk lasts, and what goes next; nothing is deleted",
		Long: "Show what the rules of [retention] would delete now, how many days fit by the bytes of the last days, and what goes\n" +
			"next and why. Nothing is deleted. --what-if tries other rules: --what-if max_size=64GB, --what-if hall.max_age=7d,\n" +
			"--what-if 'thin=[{\"after\":\"7d\",\"fps\":2}]'.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asked, err := ask.plan(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(asked.told)
			}
			return asked.told.print(cmd.OutOrStdout())
		},
	}
	ask.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// ruleQuestion is what plan and apply are both asked with.
type ruleQuestion struct {
	flags  configFlags
	whatIf []string
}

func (q *ruleQuestion) add(cmd *cobra.Command) {
	q.flags.add(cmd)
	cmd.Flags().StringArrayVar(&q.whatIf, "what-if", nil, "another rule, `key=value` or camera.key=value; an empty value takes back what was set. Again for more")
}

// askedRules are the rules of a ruleQuestion, and what they come to.
type askedRules struct {
	config  config.Config
	changes web.RuleChanges
	told    shownPlan
}

// plan reads the rules and asks what they come to.
func (q *ruleQuestion) plan(ctx context.Context) (asked askedRules, err error) {
	loaded, err := q.flags.load()
	if err != nil {
		return asked, err
	}
	asked.config = loaded.Config
	if asked.changes, err = readRules(ctx, asked.config, q.whatIf); err != nil {
		return asked, err
	}
	asked.told, err = planRules(ctx, &q.flags, asked.config, asked.changes)
	return asked, err
}

// readRules reads "max_size=64GB" and "hall.max_age=7d".
func readRules(ctx context.Context, c config.Config, texts []string) (web.RuleChanges, error) {
	changes := make(web.RuleChanges)
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usageError{fmt.Errorf("--what-if %q is no key=value; max_size=64GB and hall.max_age=7d are", text)}
		}
		of, id := strings.TrimPrefix(name, "retention."), camera.ID("")
		if at := strings.LastIndexByte(of, '.'); at >= 0 {
			found, err := findCamera(ctx, c, strings.TrimSuffix(of[:at], ".retention"))
			if err != nil {
				return nil, err
			}
			of, id = of[at+1:], found.ID
		}
		if changes[id] == nil {
			changes[id] = make(map[string]json.RawMessage)
		}
		changes[id]["retention."+of] = nil
		if list := json.RawMessage(value); of == "thin" && json.Valid(list) {
			changes[id]["retention."+of] = list
		} else if value != "" {
			written, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			changes[id]["retention."+of] = written
		}
	}
	return changes, nil
}

// planRules asks the v720dvr that runs; without one the folder answers.
func planRules(ctx context.Context, flags *configFlags, c config.Config, changes web.RuleChanges) (told shownPlan, err error) {
	body := struct {
		Settings map[string]json.RawMessage               `json:"settings,omitempty"`
		Cameras  map[camera.ID]map[string]json.RawMessage `json:"cameras,omitempty"`
	}{changes[""], make(map[camera.ID]map[string]json.RawMessage)}
	for id, of := range changes {
		if id != "" {
			body.Cameras[id] = of
		}
	}
	told.Next = []web.Going{}
	err = askWithin(ctx, planLimit, c.Storage.Dir, http.MethodPost, "/api/v1/storage/preview", body, &told.Preview)
	if errors.Is(err, errNotRunning) {
		return planBeside(ctx, flags, changes)
	}
	if err != nil || len(changes) > 0 {
		return told, asUsage(err)
	}
	var next struct{ Next []web.Going }
	err = askWithin(ctx, planLimit, c.Storage.Dir, http.MethodGet, "/api/v1/storage/next", nil, &next)
	told.Next = next.Next
	return told, err
}

// planLimit is how long a plan may take: of a million segments on a slow machine a minute.
const planLimit = 2 * time.Minute

// planBeside plans without a running v720dvr. It takes the folder and changes nothing in it.
func planBeside(ctx context.Context, flags *configFlags, changes web.RuleChanges) (told shownPlan, err error) {
	c, store, err := openTried(ctx, flags, changes, true)
	if err != nil {
		return told, err
	}
	inventory, err := store.Inventory(ctx)
	if err == nil {
		rules := rulesOf(c, inventory.Space.Size)
		told.Preview = previewOf(inventory, rules, c, time.Local, time.Time{})
		told.Thins, err = thinsOf(ctx, store, c)
		told.Next = []web.Going{}
		if len(changes) == 0 {
			told.Next = append(told.Next, goingOf(inventory, rules, c, time.Local, time.Time{}, shownNext)...)
		}
	}
	return told, errors.Join(err, store.Close())
}

// openTried takes the folder, where no v720dvr runs, with the configuration as changes would make it.
func openTried(ctx context.Context, flags *configFlags, changes web.RuleChanges, asIs bool) (config.Config, *storage.Store, error) {
	loaded, err := tryConfig(ctx, flags, changes)
	if err != nil {
		return loaded.Config, nil, err
	}
	c := loaded.Config
	store, err := storage.Open(ctx, storage.Options{Dir: c.Storage.Dir, Recordings: c.Storage.Recordings, AsIs: asIs})
	if err != nil {
		return c, nil, err
	}
	if err := waitForArchive(ctx, store, c); err != nil {
		return c, nil, errors.Join(err, store.Close())
	}
	return c, store, nil
}

// tryConfig is the configuration as changes would make it.
func tryConfig(ctx context.Context, flags *configFlags, changes web.RuleChanges) (config.Loaded, error) {
	file, err := flags.loadFile()
	if err != nil {
		return file, err
	}
	kept, err := storage.SettingsIn(ctx, file.Config.Storage.Dir)
	if err != nil {
		return file, err
	}
	o := flags.options()
	o.Set = changed(toSet(kept), changes)
	loaded, err := loadFrom(o)
	if err != nil {
		return loaded, err
	}
	for _, left := range loaded.LeftOut {
		if _, mine := changes[left.Camera][left.Key]; mine {
			return loaded, usageError{fmt.Errorf("--what-if %s: %s", strings.TrimPrefix(left.Key, "retention."), whyOf(left.Why))}
		}
	}
	return loaded, nil
}
