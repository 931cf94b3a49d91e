package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestManPagesTellOfEveryCommandAndItsFlags(t *testing.T) {
	root := newRoot()
	pages := manual(root)
	for _, top := range offered(root) {
		text, ok := pages["v720dvr-"+top.Name()+".1"]
		if !ok {
			t.Errorf("%s has no page", top.CommandPath())
			continue
		}
		if !strings.Contains(pages["v720dvr.1"], `v720dvr\-`+escape(top.Name())+" (1)") {
			t.Errorf("v720dvr.1 does not name %s", top.Name())
		}
		for _, c := range append([]*cobra.Command{top}, below(top)...) {
			if !strings.Contains(text, escape(c.CommandPath())) {
				t.Errorf("%s is on no page", c.CommandPath())
			}
			c.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if !f.Hidden && f.Name != "help" && !strings.Contains(text, `\fB`+escape("--"+f.Name)) {
					t.Errorf("%s: no word of --%s", c.CommandPath(), f.Name)
				}
			})
		}
	}
	if _, ok := pages["v720dvr-manual.1"]; ok {
		t.Error("the hidden command that writes the pages has one")
	}
}

// A line that begins with a sign of man's own language, and is none of its requests, is lost to the reader.
func TestManPagesHaveNoTextThatManTakesForARequest(t *testing.T) {
	request := regexp.MustCompile(`^\.(TH|SH|SS|TP|PP|B|BR|I|nf|fi)( |$)`)
	for name, text := range manual(newRoot()) {
		for i, line := range strings.Split(text, "\n") {
			if (strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'")) && !request.MatchString(line) {
				t.Errorf("%s:%d: %q", name, i+1, line)
			}
		}
	}
	for text, want := range map[string]string{`.avi`: `\&.avi`, `'x'`: `\(aqx\(aq`, `--a\b`: `\-\-a\eb`} {
		if got := escape(text); got != want {
			t.Errorf("escape(%q): got %q, want %q", text, got, want)
		}
	}
}
