package main

import (
	"strings"
	"testing"
)

// What the recorder found stands on the page with what to do, and the header leads there when there is a fault. The machine
// that this test runs on is as it is: what was found is put into the recorder's mouth.
func TestPageTellsWhatTheDoctorFound(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{phone, desk} {
		p := command(t, t.TempDir(), "run", "--simulate", "2").start()
		b := openTab(t, p, at, "/live")
		b.beforeLoad(`const real = window.fetch; window.looked = 0; window.fetch = async (input, init) => {
			const answer = await real(input, init), url = String(input?.url ?? input);
			if (!/\/api\/v1\/(doctor|system)$/.test(url)) return answer;
			const body = await answer.json();
			if (url.endsWith('/system')) body.faults = 1;
			else { looked++; body.findings = [{ severity: 'fault', about: 'port 80', found: 'TCP :80 (cameras’ HTTP, cloud.http) is taken by nginx (pid 812)', do: 'end it; ` + "`sudo ss -ltnp sport = :80`" + ` names it' },
				{ severity: 'warning', about: 'front door', camera: '0800c0F00001', found: 'is away: no heartbeat for 20s', do: 'see that it has power and Wi-Fi' }, ...body.findings.filter((f) => f.severity === 'ok')]; }
			return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
		};`)
		b.open("/live")
		b.wait(`document.querySelector('v-header a.pill[href="/more/doctor"]')?.innerText.includes('1 fault')`)
		b.tap(`v-header a.pill`)
		b.wait(`location.pathname === '/more/doctor' && document.querySelectorAll('.findings [data-severity=fault]').length === 1 && document.querySelectorAll('.way').length === 2`)
		if text := value[string](b, `document.querySelector('.findings [data-severity=fault]').innerText`); !strings.Contains(text, "port 80") || !strings.Contains(text, "nginx (pid 812)") || !strings.Contains(text, "sudo ss -ltnp") {
			t.Errorf("%s: the fault is %q", at.name, text)
		}
		value[bool](b, axe+`; true`)
		for _, theme := range []string{"dark", "light"} {
			value[bool](b, `document.documentElement.dataset.theme = '`+theme+`', true`)
			for _, broken := range b.broken(`{ resultTypes: ['violations'], runOnly: { type: 'tag', values: ` + axeRules + ` } }`) {
				t.Errorf("%s, %s: %s", at.name, theme, broken)
			}
			b.shoot("doctor-faults-" + at.name + "-" + theme)
		}
		if over := value[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s: %d pixels stand out to the right", at.name, over)
		}
		if small := value[[]string](b, smallTargets); at.touch && len(small) > 0 {
			t.Errorf("too small for a thumb: %q", small)
		}
		b.tap(`v-doctor header button`)
		b.wait(`looked >= 2`)
		b.tap(`.findings a[href="/setup/0800c0F00001"]`)
		b.wait(`location.pathname === '/setup/0800c0F00001' && document.querySelector('v-setup a[href="/more/doctor"]')`)
		p.finish()
	}
}
