package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	link  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	cited = regexp.MustCompile(`\bdocs/[\w/-]+\.md\b`)
)

func TestLinksBetweenDocumentsLeadSomewhere(t *testing.T) {
	for _, name := range files(t, isMarkdown) {
		for i, line := range prose(string(read(t, name))) {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				if problem := follow(t, name, match[1]); problem != "" {
					t.Errorf("%s:%d: %s: %s", name, i+1, match[1], problem)
				}
			}
		}
	}
}

// follow says why a link on a page leads nowhere; "" when it is fine or leaves the repository.
func follow(t *testing.T, page, target string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	file, heading, _ := strings.Cut(target, "#")
	if file == "" {
		file = page
	} else {
		file = path.Join(path.Dir(page), file)
	}
	switch {
	case strings.HasPrefix(file, "..") || path.IsAbs(target):
		return "leads out of the repository"
	case !exists(file):
		return "there is no " + file
	case heading != "" && isMarkdown(file) && !slices.Contains(headings(string(read(t, file))), heading):
		return "there is no such heading in " + file
	}
	return ""
}

// prose blanks the lines of code blocks out.
func prose(text string) []string {
	lines, code := strings.Split(text, "\n"), false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if code || fence {
			lines[i] = ""
		}
		if fence {
			code = !code
		}
	}
	return lines
}

// headings are the anchors of a page as GitHub makes them: lower case, spaces to dashes, signs
// left out.
func headings(text string) []string {
	var anchors []string
	for _, line := range prose(text) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		anchors = append(anchors, strings.Map(func(c rune) rune {
			switch {
			case c == ' ':
				return '-'
			case unicode.IsLetter(c), unicode.IsDigit(c), c == '-', c == '_':
				return unicode.ToLower(c)
			}
			return -1
		}, strings.TrimSpace(title)))
	}
	return anchors
}

// A comment that says "docs/protocol.md, section 6" is followed by who does not believe it.
func TestDocumentsThatAreCitedExist(t *testing.T) {
	missing := map[string]bool{}
	for _, name := range files(t, isText) {
		for i, line := range strings.Split(string(read(t, name)), "\n") {
			for _, document := range cited.FindAllString(line, -1) {
				if !exists(document) && !missing[document] {
					missing[document] = true
					t.Errorf("%s:%d: there is no %s", name, i+1, document)
				}
			}
		}
	}
}
