package tidy

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const threats = "docs/security.md"

var (
	// named is a test as docs/security.md names it: `cloud/v720.FuzzParsePacket`.
	named = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Z]\\w*)`")
	// anyTest finds those too that are named in another way, so that none escapes.
	anyTest = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w*`)
)

// A threat model is worth what its tests are worth: one that was renamed or taken out leaves a promise behind.
func TestTestsThatMeetThreatsExist(t *testing.T) {
	have := map[string]bool{}
	for _, s := range sources(t) {
		if !isTest(s.name) {
			continue
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				have[s.room+"."+f.Name.Name] = true
			}
		}
	}
	for i, line := range strings.Split(string(read(t, threats)), "\n") {
		matches := named.FindAllStringSubmatch(line, -1)
		for _, m := range matches {
			if !have[path.Clean(m[1])+"."+m[2]] {
				t.Errorf("%s:%d: there is no %s in %s: name the test that meets the threat now, or say that nothing does", threats, i+1, m[2], m[1])
			}
		}
		if all := anyTest.FindAllString(line, -1); len(all) != len(matches) {
			t.Errorf("%s:%d: %d tests are named, %d of them with their package: write `room.TestName`", threats, i+1, len(all), len(matches))
		}
	}
}

// Each row of the threat model names a test, or says in so many words that nothing meets it.
func TestEachThreatIsMetByATestOrSaidToBeOpen(t *testing.T) {
	lines := strings.Split(string(read(t, threats)), "\n")
	rows, numbers := 0, []string{}
	for i, line := range lines {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		number := strings.TrimSpace(cells[0])
		if !strings.HasPrefix(line, "|") || !regexp.MustCompile(`^[A-Z]\d+$`).MatchString(number) {
			continue
		}
		rows++
		if slices.Contains(numbers, number) {
			t.Errorf("%s:%d: there are two threats %s", threats, i+1, number)
		}
		numbers = append(numbers, number)
		if len(cells) != 4 {
			t.Errorf("%s:%d: %d cells, want number, threat, what stands between, test", threats, i+1, len(cells))
			continue
		}
		if met := strings.TrimSpace(cells[3]); !named.MatchString(met) && !strings.HasPrefix(met, "**open**") {
			t.Errorf("%s:%d: %s names no test and is not said to be **open**: %q", threats, i+1, number, met)
		}
	}
	if rows < 40 {
		t.Errorf("%d threats were found in %s, want them all: is the table as it was?", rows, threats)
	}
}
