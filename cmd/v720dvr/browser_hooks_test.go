package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// From nothing: the lines that the page gives are put into config.toml, the hook stands there, and its test shows what came back.
func TestPageTestsAHookThatItsLinesBegan(t *testing.T) {
	t.Parallel()
	taken := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/away" {
			http.Error(w, "no such receiver", http.StatusNotFound)
			return
		}
		select {
		case taken <- r.Header.Get("Title") + ": " + string(text):
		default: // the cameras' own news
		}
		io.WriteString(w, "rung")
	}))
	defer receiver.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "config.toml")
	// It is told of cameras alone that are new: none is when the hook comes.
	const others = "\n[[hook]]\nname = \"script\"\non = [\"camera_new\"]\ncommand = [\"echo\", \"--token=hidden\", \"{name}\"]\n"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := command(t, dir, "run", "--simulate", "1").start()
	b := openTab(t, p, phone, "/more")
	b.tap(`.rows a[href="/more/hooks"]`)
	b.wait(`document.querySelector('.hook-none pre')`)
	lines := value[string](b, `document.querySelector('.hook-none pre').textContent`)
	if !strings.Contains(lines, "https://ntfy.sh/") {
		t.Fatalf("the lines are %q", lines)
	}
	before, after, _ := strings.Cut(lines, "https://ntfy.sh/")
	away := strings.Replace(strings.Replace(before, "phone", "garden", 1), `"event_start", "camera_lost"`, `"disk"`, 1) + receiver.URL + "/away\"\n"
	if err := os.WriteFile(file, []byte(before+receiver.URL+"/hidden-"+after+others+away), 0o600); err != nil {
		t.Fatal(err)
	}
	p.await("configuration changed")
	b.wait(`document.querySelector('v-hooks header v-act button[aria-busy=false]')`)
	b.open("/more/hooks")
	b.wait(`document.querySelectorAll('[data-hook]').length === 3`)
	value[bool](b, `{ const s = document.querySelector('[data-hook=phone] select'); s.value = 'camera_lost'; s.dispatchEvent(new Event('change')); true }`)
	for _, name := range []string{"phone", "script", "garden"} {
		b.tap(`[data-hook=` + name + `] v-act button`)
		b.wait(`document.querySelectorAll('[data-hook=` + name + `] .hook-trial pre').length === 2`)
	}
	for told := ""; !strings.Contains(told, " is gone"); {
		told = <-taken
	}
	said := func(name string) string {
		return value[string](b, `document.querySelector('[data-hook=`+name+`] .hook-trial').innerText`)
	}
	for name, want := range map[string][]string{
		"phone":  {"It worked", " is gone", "200 OK", "rung"},
		"script": {"It worked", "echo … ", `"test": true`, "--token=hidden"}, // what it printed itself is its own to tell
		"garden": {"It failed", "404 Not Found", "no such receiver"},
	} {
		for _, w := range want {
			if !strings.Contains(said(name), w) {
				t.Errorf("%s: %q is missing in\n%s", name, w, said(name))
			}
		}
	}
	if text := value[string](b, `document.querySelector('v-hooks').innerText`); strings.Contains(text, "/hidden-") {
		t.Errorf("it tells the topic:\n%s", text)
	}
	if guide := value[string](b, `fetch(document.querySelector('.hook-guide').href).then((a) => a.text())`); !strings.HasPrefix(guide, "# Hooks") {
		t.Errorf("the guide is %.80q", guide)
	}
	b.looksWell("hooks-tested")
	b.resize(desk)
	value[bool](b, `scrollTo(0, 0), true`)
	b.shoot("hooks-tested-desk-light")
	value[bool](b, `document.documentElement.dataset.theme = 'dark', true`)
	b.shoot("hooks-tested-desk-dark")
	p.finish()
}

// looksWell holds what a phone shows to WCAG and to its width, in both themes, and keeps pictures.
func (b *tab) looksWell(name string) {
	b.t.Helper()
	value[bool](b, axe+`; true`)
	for _, theme := range []string{"dark", "light"} {
		value[bool](b, `document.documentElement.dataset.theme = '`+theme+`', true`)
		for _, broken := range b.broken(`{ resultTypes: ['violations'], runOnly: { type: 'tag', values: ` + axeRules + ` } }`) {
			b.t.Errorf("%s, %s: %s", name, theme, broken)
		}
		b.shoot(name + "-phone-" + theme)
	}
	if over := value[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		b.t.Errorf("%s: %d pixels stand out to the right", name, over)
	}
	if small := value[[]string](b, smallTargets); len(small) > 0 {
		b.t.Errorf("%s: too small for a thumb: %q", name, small)
	}
}
