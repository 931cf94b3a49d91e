package main

import (
	"strings"
	"testing"
)

func TestPageShowsWhereOtherProgramsReadACamera(t *testing.T) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_RTSP_LISTEN=127.0.0.1:0")
	p.start()
	line := p.await("ready for cameras.* rtsp=127.0.0.1:")
	_, at, _ := strings.Cut(line, " rtsp=")
	at, _, _ = strings.Cut(at, " ")
	b := openTab(t, p, phone, "/more/cameras/"+firstCamera)
	b.wait(steered + ` && !!document.querySelector('.programs code')`)
	if got, want := value[string](b, `document.querySelector('.programs code').innerText`), "rtsp://"+at+"/"+firstCamera; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	value[bool](b, `document.addEventListener('copy', () => { window.copied = document.activeElement.value; }), document.querySelector('.programs button').click(), true`)
	b.wait(`(window.copied ?? '').startsWith('rtsp://127.0.0.1:')`)
	value[bool](b, `document.querySelector('.programs').scrollIntoView({ block: 'center' }), true`)
	for _, theme := range []string{"dark", "light"} {
		value[bool](b, `document.documentElement.dataset.theme = '`+theme+`', true`)
		b.shoot("programs-phone-" + theme)
	}
}
