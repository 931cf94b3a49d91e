package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// What waits, why nothing goes, and that all is there, when it is.
func TestPageTellsHowArchivingGoes(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			var refuses atomic.Bool
			refuses.Store(true)
			trap, environment := newFarSide(t)
			trap.refuse = func(w http.ResponseWriter) bool {
				if !refuses.Load() {
					return false
				}
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>`)
				return true
			}
			dir := t.TempDir()
			twoWeeks(2).write(t, dir)
			p := command(t, dir, "run")
			p.Env = append(append(p.Env, "TZ=UTC"), environment...)
			p.start()
			b := strangeTab(t, p, at)
			b.logIn("admin", firstPassword.FindStringSubmatch(p.errors())[1], "/storage")
			shoot := func(what string) {
				for _, theme := range []string{"dark", "light"} {
					value[bool](b, fmt.Sprintf(`(document.documentElement.dataset.theme = %q, document.querySelector('v-archive').scrollIntoView({block: 'center', behavior: 'instant'}), true)`, theme))
					b.wait(`document.querySelector('v-archive').getAnimations({subtree: true}).length === 0`) // of the theme's colours
					b.shoot("archive-" + what + "-" + at.name + "-" + theme)
				}
			}
			b.wait(`document.querySelector('v-archive .problem')?.innerText.includes('The archive refuses the secret: is that of archive.secret_file')`)
			b.wait(`document.querySelector('v-archive dl')?.innerText.includes('files')`)
			shoot("trouble")
			refuses.Store(false)
			b.press(`v-archive v-act button`)
			b.wait(`document.querySelector('v-archive')?.innerText.includes('Everything that is to be archived is.')`)
			shoot("well")
			if text := value[string](b, `document.querySelector('v-archive').innerText`); !strings.Contains(text, "Last copied") || strings.Contains(text, "a-secret-of-ours") {
				t.Errorf("the card says %q", text)
			}
			p.finish()
		})
	}
}
