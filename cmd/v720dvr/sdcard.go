package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/cloud/card"
)

func newSDCardCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sdcard",
		Short: "List, fetch and delete what a camera has on its SD card",
		Long: "List, fetch and delete what a camera has on its SD card. With --camera the running v720dvr asks a\n" +
			"camera that it records; some may stop their stream while they play their card. Without it, join the\n" +
			"Wi-Fi that the camera opens, Nax_ and its id, with this machine first. A file is a minute, and named\n" +
			"by the camera's own clock.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSDCardListCommand(), newSDCardGetCommand(), newSDCardDeleteCommand())
	return cmd
}

// cardDay is a day as `sdcard list --json` tells it.
type cardDay struct {
	Date    string   `json:"date"`
	Minutes []string `json:"minutes"` // "2026-11-22T14:05"
}

func newSDCardListCommand() *cobra.Command {
	var at cardFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [DAY ...]",
		Short: "List the minutes on the card, of all days or of some",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			days, err := cardDates(args)
			if err != nil {
				return usageError{err}
			}
			var list []cardDay
			line, err := at.line(cmd.Context(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			err = line.read(cmd.Context(), func(c cardReader) error {
				if len(days) == 0 {
					if days, err = c.Dates(cmd.Context()); err != nil {
						return err
					}
				}
				for _, day := range days {
					minutes, err := c.Day(cmd.Context(), day)
					if err != nil {
						return err
					}
					told := cardDay{Date: day.String(), Minutes: []string{}}
					for _, m := range minutes {
						told.Minutes = append(told.Minutes, m.String())
					}
					list = append(list, told)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(append([]cardDay{}, list...))
			}
			return printCard(cmd.OutOrStdout(), list)
		},
	}
	at.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func cardDates(args []string) (days []card.Date, err error) {
	for _, arg := range args {
		day, err := card.ParseDate(arg)
		if err != nil {
			return nil, err
		}
		days = append(days, day)
	}
	return days, nil
}

// printCard writes a line an hour: 2026-11-22 14: 05-17 42.
func printCard(w io.Writer, list []cardDay) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "There is nothing on the card.")
		return err
	}
	for _, day := range list {
		fmt.Fprintf(w, "%s  %s\n", day.Date, plural(len(day.Minutes), "minute", "minutes"))
		for i := 0; i < len(day.Minutes); {
			hour := day.Minutes[i][:13]
			var runs []string
			for i < len(day.Minutes) && day.Minutes[i][:13] == hour {
				first := day.Minutes[i][14:]
				last := first
				for i++; i < len(day.Minutes) && day.Minutes[i][:13] == hour && day.Minutes[i][14:] == nextMinute(last); i++ {
					last = day.Minutes[i][14:]
				}
				if last != first {
					first += "-" + last
				}
				runs = append(runs, first)
			}
			if _, err := fmt.Fprintf(w, "  %s h: %s\n", hour[11:], strings.Join(runs, " ")); err != nil {
				return err
			}
		}
	}
	return nil
}

func nextMinute(text string) string {
	at, err := time.Parse("04", text)
	if err != nil {
		return ""
	}
	return at.Add(time.Minute).Format("04")
}

// cardMinutes reads minutes; a day stands for all that the card has of it.
func cardMinutes(ctx context.Context, line cardLine, args []string) (minutes []card.Minute, err error) {
	var days []card.Date
	for _, arg := range args {
		if m, err := card.ParseMinute(arg); err == nil {
			minutes = append(minutes, m)
			continue
		}
		day, err := card.ParseDate(arg)
		if err != nil {
			return nil, usageError{fmt.Errorf("%q is no day and no minute: write 2026-11-22 or 2026-11-22T14:05", arg)}
		}
		days = append(days, day)
	}
	if len(days) == 0 {
		return minutes, nil
	}
	return minutes, line.read(ctx, func(c cardReader) error {
		for _, day := range days {
			of, err := c.Day(ctx, day)
			if err != nil {
				return err
			}
			for _, m := range of {
				if !slices.Contains(minutes, m) {
					minutes = append(minutes, m)
				}
			}
		}
		return nil
	})
}

func newSDCardGetCommand() *cobra.Command {
	var at cardFlags
	var out, keepAs string
	var cut bool
	cmd := &cobra.Command{
		Use:   "get DAY|MINUTE ...",
		Short: "Fetch files of the card: 2026-11-22T14:05, or 2026-11-22 for all of a day",
		Long: "Fetch files of the card: 2026-11-22T14:05, or 2026-11-22 for all of a day. A file is there byte for\n" +
			"byte or not at all; what was cut off is FILE.part, and goes on at the next try. The camera knows no\n" +
			"offset: it sends all again, and what is there already is compared. Files that are there stay.\n" +
			"With --keep-as what was fetched becomes footage of a camera too, as v720dvr import does it.",
		Args: argsBetween(1, 1440, "days and minutes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			line, err := at.line(cmd.Context(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			minutes, err := cardMinutes(cmd.Context(), line, args)
			if err != nil {
				return err
			}
			keep, err := at.keeper(cmd, keepAs, cut)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(out, 0o755); err != nil {
				return err
			}
			for i, m := range minutes {
				path := filepath.Join(out, strings.ReplaceAll(m.String(), ":", "-")+".avi")
				if _, err := os.Lstat(path); err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%s is there already\n", path)
					if err := keep(path, m); err != nil {
						return err
					}
					continue
				}
				shown := newProgress(cmd.ErrOrStderr(), fmt.Sprintf("%d of %d: %v", i+1, len(minutes), m))
				file, err := line.fetch(cmd.Context(), m, path, shown.show)
				shown.end()
				if err != nil {
					return fmt.Errorf("%w; what came is kept, the same command goes on", err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %d bytes\n", path, file.Size)
				if err := keep(path, m); err != nil {
					return err
				}
			}
			return nil
		},
	}
	at.add(cmd)
	cmd.Flags().StringVar(&out, "out", ".", "`folder` for the files")
	cmd.Flags().StringVar(&keepAs, "keep-as", "", "take them over as footage of a camera, by its `name` or id")
	cmd.Flags().BoolVar(&cut, "cut", false, "with --keep-as: take what lies beside what is recorded already")
	return cmd
}

// progress tells how far something is, on a terminal in one line that is written over.
type progress struct {
	w        io.Writer
	what     string
	terminal bool
	told     time.Time
}

const progressEvery = 250 * time.Millisecond

func newProgress(w io.Writer, what string) *progress {
	f, ok := w.(*os.File)
	terminal := false
	if ok {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return &progress{w: w, what: what, terminal: terminal}
}

func (p *progress) show(done, size int64) {
	if now := time.Now(); p.terminal && now.Sub(p.told) >= progressEvery {
		p.told = now
		fmt.Fprintf(p.w, "\r%s  %d %%, %.1f of %.1f MB ", p.what, 100*done/size, float64(done)/1e6, float64(size)/1e6)
	}
}

// end clears the line.
func (p *progress) end() {
	if p.terminal && !p.told.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func newSDCardDeleteCommand() *cobra.Command {
	var at cardFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete DAY|MINUTE ...",
		Short: "Delete files of the card, for good",
		Args:  argsBetween(1, 1440, "days and minutes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			line, err := at.line(cmd.Context(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			minutes, err := cardMinutes(cmd.Context(), line, args)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if len(minutes) == 0 {
				_, err := fmt.Fprintln(out, "There is nothing to delete.")
				return err
			}
			if !yes {
				fmt.Fprintf(out, "To be deleted from the camera's SD card, for good: %s, from %v to %v.\n", plural(len(minutes), "file", "files"), minutes[0], minutes[len(minutes)-1])
				if !agreed(cmd.InOrStdin(), cmd.ErrOrStderr()) {
					return errors.New("nothing was deleted; --yes does not ask")
				}
			}
			return line.read(cmd.Context(), func(c cardReader) error {
				for _, m := range minutes {
					if err := c.Delete(cmd.Context(), m); err != nil {
						return err
					}
					fmt.Fprintf(out, "%v is deleted\n", m)
				}
				return nil
			})
		},
	}
	at.add(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// agreed asks whether to go on.
func agreed(in io.Reader, out io.Writer) bool {
	fmt.Fprint(out, "Type yes to go on: ")
	line, err := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n')
	return (err == nil || errors.Is(err, io.EOF)) && strings.TrimSpace(line) == "yes"
}
