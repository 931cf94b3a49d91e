package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
)

// configFlags are the flags of every command that reads the configuration.
type configFlags struct {
	file string
	data string
}

func (f *configFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", "", "configuration `file`; config.toml in the working directory when it is there")
	cmd.Flags().StringVar(&f.data, "data", "", "data `folder`; stands above storage.dir")
}

// options says where the configuration is to be read from.
func (f *configFlags) options() config.LoadOptions {
	o := config.LoadOptions{File: f.file, Explicit: f.file != "", Env: os.Environ()}
	if f.file == "" {
		o.File = "config.toml"
	}
	if f.data != "" {
		o.Flags = append(o.Flags, config.Flag{Name: "data", Key: "storage.dir", Value: f.data})
	}
	return o
}

// load reads the configuration; what is wrong with it is wrong use.
func (f *configFlags) load() (config.Loaded, error) {
	loaded, err := config.Load(f.options())
	if err != nil {
		return loaded, usageError{fmt.Errorf("the configuration has mistakes:\n%w", err)}
	}
	return loaded, nil
}

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
				fmt.Fprintf(out, "No effect in this version: %s%s\n", key, shortOf(key))
			}
			return nil
		},
	}
	flags.add(cmd)
	return cmd
}

// shortOf says what of a key that config.Unused names has an effect; "" when nothing has.
func shortOf(key string) string {
	if strings.HasSuffix(key, `mode = "motion"`) {
		return " sees what cameras report and what is asked for, and not yet what moves in the picture"
	}
	return ""
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
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			return config.Print(cmd.OutOrStdout(), loaded, origin)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&origin, "origin", false, "say behind each value where it comes from")
	return cmd
}
