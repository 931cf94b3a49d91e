package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newManualCommand writes the man pages out of the commands themselves, so that neither can be older than the other.
func newManualCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "manual DIR",
		Short:  "Write the man pages into a folder",
		Long:   "Write the man pages into a folder: v720dvr.1, and a page for each command. `make dist` packs them.",
		Hidden: true,
		Args:   oneArg("a folder to write to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("make folder for man pages: %w", err)
			}
			for name, page := range manual(cmd.Root()) {
				if err := os.WriteFile(filepath.Join(args[0], name), []byte(page), 0o644); err != nil {
					return fmt.Errorf("write man page: %w", err)
				}
			}
			return nil
		},
	}
}

// manual is the pages of man by file name: one of the program, and one of each command with what stands below it.
func manual(root *cobra.Command) map[string]string {
	root.InitDefaultHelpFlag()
	root.InitDefaultCompletionCmd()
	pages := map[string]string{"v720dvr.1": programPage(root)}
	for _, c := range offered(root) {
		pages["v720dvr-"+c.Name()+".1"] = commandPage(c)
	}
	return pages
}

// offered are the commands below one that a person is told of.
func offered(cmd *cobra.Command) (list []*cobra.Command) {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			list = append(list, c)
		}
	}
	return list
}

func programPage(root *cobra.Command) string {
	var p manPage
	p.begin("v720dvr", root.Short)
	p.section("SYNOPSIS")
	p.line(`.B v720dvr`)
	p.line(`.I command`)
	p.line(`[\fIargument\fR ...]`)
	p.section("DESCRIPTION")
	p.prose(root.Long)
	p.section("COMMANDS")
	for _, c := range offered(root) {
		p.line(".TP")
		p.line(`.BR v720dvr\-` + escape(c.Name()) + " (1)")
		p.prose(c.Short + ".")
	}
	p.section("FILES")
	for _, f := range [][2]string{
		{"./config.toml, " + installedConfig, "the configuration, the first that is there; `--config` names another"},
		{"/var/lib/v720dvr", "what the packaged service keeps, recordings among it, unless `storage.dir` and `storage.recordings` name other folders"},
	} {
		p.line(".TP")
		p.line(".I " + escape(f[0]))
		p.prose(f[1] + ".")
	}
	p.section("ENVIRONMENT")
	p.prose("Each key of the configuration can be set there too: `recording.segment` is V720DVR_RECORDING_SEGMENT.")
	p.status()
	return p.String()
}

func commandPage(c *cobra.Command) string {
	var p manPage
	p.begin(strings.ReplaceAll(c.CommandPath(), " ", "-"), c.Short)
	p.section("SYNOPSIS")
	for _, one := range append([]*cobra.Command{c}, below(c)...) {
		if one.HasSubCommands() && len(offered(one)) > 0 {
			continue // it only says what is below it
		}
		p.line(".PP")
		p.line(`\fB` + escape(one.CommandPath()) + `\fR` + escape(strings.TrimPrefix(one.UseLine(), one.CommandPath())))
	}
	p.section("DESCRIPTION")
	p.command(c)
	for _, sub := range below(c) {
		p.line(".SS " + quote(sub.CommandPath()))
		p.command(sub)
	}
	p.status()
	p.section("SEE ALSO")
	p.line(`.BR v720dvr (1)`)
	return p.String()
}

// below are all commands below one, each before its own.
func below(cmd *cobra.Command) (list []*cobra.Command) {
	for _, c := range offered(cmd) {
		list = append(append(list, c), below(c)...)
	}
	return list
}

// manPage is one page in the language of man(7).
type manPage struct{ strings.Builder }

func (p *manPage) line(text string) { p.WriteString(text + "\n") }

func (p *manPage) section(name string) { p.line(".SH " + quote(name)) }

func (p *manPage) begin(name, short string) {
	p.line(".TH " + quote(strings.ToUpper(name)) + ` 1 "" ` + quote("v720dvr "+version) + ` "v720dvr"`)
	p.section("NAME")
	p.line(escape(name) + ` \- ` + escape(short))
}

// command is what a command does, with its flags.
func (p *manPage) command(c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	p.prose(text)
	if c.Example != "" {
		p.prose(c.Example)
	}
	c.InitDefaultHelpFlag()
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := `\fB` + escape("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + escape("-"+f.Shorthand) + `\fR, ` + name
		}
		if value != "" {
			name += ` \fI` + escape(value) + `\fR`
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" && f.DefValue != "0s" {
			usage += " (" + f.DefValue + " unless it is said)"
		}
		p.line(".TP")
		p.line(name)
		p.prose(usage)
	})
}

// status says what the exit codes are, of all commands alike.
func (p *manPage) status() {
	p.section("EXIT STATUS")
	for code, means := range []string{exitDone: "done", exitFailed: "failed", exitUsage: "used wrongly: the command line, or the configuration"} {
		p.line(".TP")
		p.line(fmt.Sprint(code))
		p.line(means)
	}
}

var example = regexp.MustCompile("^ {2,}")

// prose is text as --help shows it: paragraphs, with lines that stand in from the margin left as they are.
func (p *manPage) prose(text string) {
	first, kept := true, false
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimRight(line, "\n ")
		if in := example.MatchString(line); in != kept {
			p.line(map[bool]string{true: ".PP\n.nf", false: ".fi"}[in])
			kept = in
		}
		switch {
		case line == "" && !first:
			p.line(".PP")
		case line != "":
			p.line(escape(line))
		}
		first = false
	}
	if kept {
		p.line(".fi")
	}
}

var special = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`, "^", `\(ha`, "~", `\(ti`)

// escape has groff print a text as it stands: a sign at the start of a line is no request.
func escape(text string) string {
	text = special.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

// quote is an argument of a request.
func quote(text string) string { return `"` + strings.ReplaceAll(escape(text), `"`, `\(dq`) + `"` }
