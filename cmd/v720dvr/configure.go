package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/storage"
)

// configFlags are the flags of every command that reads the configuration.
type configFlags struct {
	file string
	data string
}

func (f *configFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", "", "configuration `file`; config.toml in the working directory when it is there, else "+installedConfig)
	cmd.Flags().StringVar(&f.data, "data", "", "data `folder`; stands above storage.dir")
}

// installedConfig is where a package of a distribution puts the configuration.
const installedConfig = "/etc/v720dvr/config.toml"

// usualConfig is the configuration's file where none is named: what stands in the working directory comes before
// what is installed.
func usualConfig() string {
	const here = "config.toml"
	if _, err := os.Stat(here); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(installedConfig); err == nil {
			return installedConfig
		}
	}
	return here
}

// options says where the configuration is to be read from.
func (f *configFlags) options() config.LoadOptions {
	o := config.LoadOptions{File: f.file, Explicit: f.file != "", Env: os.Environ()}
	if f.file == "" {
		o.File = usualConfig()
	}
	if f.data != "" {
		o.Flags = append(o.Flags, config.Flag{Name: "data", Key: "storage.dir", Value: f.data})
	}
	return o
}

// loadFile reads the configuration without what was set through page and API; what is wrong with it is
// wrong use.
func (f *configFlags) loadFile() (config.Loaded, error) { return loadFrom(f.options()) }

func loadFrom(o config.LoadOptions) (config.Loaded, error) {
	loaded, err := config.Load(o)
	if err != nil {
		return loaded, usageError{fmt.Errorf("the configuration has mistakes:\n%w", err)}
	}
	return loaded, nil
}

// load reads the configuration with what was set through page and API, as far as that can be read: what
// says so else is what the command does with the same folder.
func (f *configFlags) load() (config.Loaded, error) {
	loaded, _, err := f.loadAll()
	return loaded, err
}

// loadAll is load, and unread says why what was set could not be read.
func (f *configFlags) loadAll() (loaded config.Loaded, unread, err error) {
	if loaded, err = f.loadFile(); err != nil {
		return loaded, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), settingsDeadline)
	defer cancel()
	kept, unread := storage.SettingsIn(ctx, loaded.Config.Storage.Dir)
	if len(kept) == 0 {
		return loaded, unread, nil
	}
	o := f.options()
	o.Set = toSet(kept)
	loaded, err = loadFrom(o)
	return loaded, unread, err
}

// settingsDeadline bounds the look into state.sqlite, which is a table of some rows.
const settingsDeadline = 5 * time.Second

func newConfigCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check and print the configuration",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigCheckCommand(), newConfigPrintCommand())
	return cmd
}

func newConfigCheckCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and name what has no effect yet",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.Load(flags.options())
			if err != nil {
				return errors.Join(errors.New("the configuration has mistakes:"), err)
			}
			source := loaded.File
			if source == "" {
				source = "no file, the defaults"
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "The configuration is good (%s).\n", source)
			for _, key := range config.Unused(loaded) {
				fmt.Fprintf(out, "No effect in this version: %s\n", key)
			}
			return nil
		},
	}
	flags.add(cmd)
	return cmd
}

func newConfigPrintCommand() *cobra.Command {
	var flags configFlags
	var origin bool
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the configuration in force as TOML",
		Long:  "Print the configuration in force as TOML. It is complete: passwords in addresses are printed too.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, unread, err := flags.loadAll()
			if err != nil {
				return err
			}
			if unread != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "v720dvr: what was set on the page is left out:", unread)
			}
			for _, left := range loaded.LeftOut {
				fmt.Fprintln(cmd.ErrOrStderr(), "v720dvr:", leftOutText(left))
			}
			return config.Print(cmd.OutOrStdout(), loaded, origin)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&origin, "origin", false, "say behind each value where it comes from")
	return cmd
}
