package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"v720dvr/cloud/cloudtest"
)

// A camera is told what to do, in a real browser: lamp, motor, what is dangerous, sound.

// steered is true when a camera's page knows what the camera said of itself, and shows its picture.
const steered = `document.querySelector('v-camera .switch') && ` + painted + ` === 1`

// colour is the most by which red and blue of a pixel of the tile differ from its green: 0 of a grey picture.
const colour = `(() => { const c = document.querySelector('v-tile canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let most = 0;
	for (let i = 0; i < d.length; i += 4 * 53) most = Math.max(most, Math.abs(d[i] - d[i + 1]), Math.abs(d[i + 2] - d[i + 1])); return most; })()`

// countCommands counts what the page tells cameras.
const countCommands = `window.commands = 0, window.realFetch = fetch, window.fetch = (at, how) => { if (/\/(command|say)$/.test(at)) window.commands++; return window.realFetch(at, how); }, true`

// says is true when what came of something has a text in it.
func says(name, text string) string {
	return fmt.Sprintf(`document.querySelector('[data-name=%s] .told').innerText.includes(%q)`, name, text)
}

func TestPageSwitchesACamerasLampAndShowsWhatTheCameraMakesOfIt(t *testing.T) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "1").start()
	b := openTab(t, p, phone, "/more/cameras/"+firstCamera)
	b.wait(steered + ` && ` + colour + ` > 40`)
	value[bool](b, countCommands)
	const lamp = `document.querySelector('[data-name=ir] .switch')`
	b.wait(lamp + `.ariaChecked === 'false' && !` + lamp + `.disabled`)
	// Twice, as impatient people do. The state is looked at when it changes: it may last for less than a frame.
	if ms := value[float64](b, `(async () => { const at = performance.now(), lamp = `+lamp+`; busy = new Promise((seen) => new MutationObserver(() => lamp.ariaBusy === 'true' && seen(performance.now() - at)).observe(lamp, { attributeFilter: ['aria-busy'] })); lamp.click(); lamp.click(); return busy; })()`); ms > 100 {
		t.Errorf("the switch is busy after %.0f ms, want 100 at most", ms)
	}
	b.wait(lamp + `.ariaChecked === 'true' && ` + lamp + `.ariaBusy === 'false' && ` + says("ir", "Done: the camera’s own state shows it"))
	b.wait(colour + ` < 8`)
	if n := value[int](b, `window.commands`); n != 1 {
		t.Errorf("two taps sent %d commands, want 1", n)
	}
	b.shoot("lamp-on")

	value[bool](b, `document.querySelector('[data-name=wifi-scan] button').click(), true`)
	b.wait(says("wifi-scan", "Nachbar 2.4"))
	value[bool](b, `(() => { const s = document.querySelector('[data-name=motion-alert] select'); s.value = '3'; s.dispatchEvent(new Event('change')); return true; })()`)
	b.wait(says("motion-alert", "Done"))
	b.shoot("told")

	b.open("/live")
	b.wait(painted + ` === 1 && ` + colour + ` < 8`)
	b.tap("v-tile .dots")
	b.wait(`[...document.querySelectorAll('dialog .item')].some((i) => i.innerText.includes('Switch infrared lamp off') && !i.disabled)`)
	b.shoot("menu")
	value[bool](b, clicks("dialog .item", "Switch infrared lamp off")+`, true`)
	b.wait(`document.querySelector('.toasts').innerText.includes('Done')`)
	b.wait(colour + ` > 40`)
	p.finish()
}

func TestPageAsksTwiceBeforeWhatIsDangerousAndSaysWhyACameraCannotBeTold(t *testing.T) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "1").start()
	b := openTab(t, p, desk, "/more/cameras/"+firstCamera)
	b.wait(steered)
	makeUser(b, "ann", "a door in the yard", `role: 'viewer', all_cameras: true`)
	ann := openTabAs(t, p, phone, "ann", "a door in the yard", "/more/cameras/"+firstCamera)
	ann.wait(steered + ` && document.querySelector('#steer-why')?.innerText.includes('user whose role is admin')`)
	if open := value[int](ann, `document.querySelectorAll('.steering :is(button, select):enabled, .dangers button:enabled').length`); open != 0 {
		t.Errorf("a viewer can press %d of them", open)
	}
	ann.shoot("viewer")

	value[bool](b, countCommands)
	b.tap(".dangers summary")
	b.wait(`document.querySelector('.dangers[open] [data-name=power-off] button:enabled')`)
	value[bool](b, clicks(".dangers button", "Format the SD card")+`, true`)
	b.wait(`document.querySelector('dialog[open]')?.innerText.includes('Everything on the camera’s SD card is deleted')`)
	b.shoot("asks")
	value[bool](b, clicks("dialog button", "Cancel")+`, true`)
	b.wait(`!document.querySelector('dialog')`)
	value[bool](b, clicks(".dangers button", "Switch off")+`, true`)
	b.wait(`document.querySelector('dialog[open]')?.innerText.includes('Only the button on the camera itself')`)
	if n := value[int](b, `window.commands`); n != 0 {
		t.Fatalf("%d commands went out before the second step", n)
	}
	value[bool](b, clicks("dialog button", "Switch it off")+`, true`)
	b.wait(says("power-off", "Done: the camera went"))
	b.wait(`document.querySelector('#steer-why')?.innerText.includes('cannot be reached since') && document.querySelector('[data-name=ir] .switch').disabled`)
	b.shoot("off")
	if n := value[int](b, `window.commands`); n != 1 {
		t.Errorf("%d commands went out, want 1", n)
	}
	p.Process.Signal(syscall.SIGKILL)
	p.end()
	b.wait(`document.querySelector('#steer-why')?.innerText.includes('recorder does not answer')`)
}

func TestPageTurnsACameraAndTalksToIt(t *testing.T) {
	t.Parallel()
	p, http, mqtt := runForCameras(t)
	c, _ := plugged(t, cloudtest.Options{ID: firstCamera, HTTP: http, MQTT: mqtt, Motor: true, Speaker: true})
	b := openTab(t, p, phone, "/more/cameras/"+firstCamera)
	b.wait(steered)
	if value[bool](b, `!!document.querySelector('.motor, v-say')`) {
		t.Error("there are arrows or a way to talk, and nobody has said that the camera has either")
	}
	value[bool](b, `document.querySelector('input[name=motor]').click(), document.querySelector('input[name=speaker]').click(), true`)
	b.wait(`document.querySelector('.motor .turn-left:enabled') && document.querySelector('v-say input[type=file]:enabled')`)
	b.tap(".motor .turn-left")
	b.wait(says("motor", "To the left"))
	if pan := c.State().Pan; pan != -1 {
		t.Errorf("it stands %d steps to the right, want -1", pan)
	}

	if text := value[string](b, `document.querySelector('v-say').innerText`); !strings.Contains(text, "microphone over https alone") || !strings.Contains(text, "web.tls.made") || value[bool](b, `!!document.querySelector('v-say button:enabled')`) {
		t.Errorf("plain http has no microphone, and the page says %q", text)
	}
	// Each A-law code comes back as itself from the page's own decoder and encoder.
	if wrong := value[int](b, `(async () => { const at = document.querySelector('script[src*="/app.js"]').src.replace('app.js', '');
		const { samples } = await import(at + 'player/alaw.js'), { encode } = await import(at + 'camera/voice.js');
		return encode(samples(Uint8Array.from({ length: 256 }, (_, i) => i))).reduce((n, code, i) => n + (code !== i), 0); })()`); wrong != 0 {
		t.Errorf("%d of 256 A-law codes come back as others", wrong)
	}
	// Browsers are more particular than we are: they want the file's size, and no chunk of three bytes.
	hello := slices.Delete(wav(1, 2, 48000, 16, 2.5, 440), 12, 24)
	binary.LittleEndian.PutUint32(hello[4:], uint32(len(hello)-8))
	value[bool](b, fmt.Sprintf(`(() => { const chosen = new DataTransfer(), input = document.querySelectorAll('v-say input[type=file]')[1];
		chosen.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], 'hello.wav')); input.files = chosen.files; input.dispatchEvent(new Event('change')); return true; })()`,
		base64.StdEncoding.EncodeToString(hello)))
	b.wait(`document.querySelector('v-say .told').innerText.includes('was sent 2.5 s of sound')`)
	b.shoot("said")
	eventually(t, "its speaker has got all of it", func() bool { return c.State().Said >= 19_990 })
	value[bool](b, `(() => { const chosen = new DataTransfer(), input = document.querySelectorAll('v-say input[type=file]')[1];
		chosen.items.add(new File(['no sound'], 'letter.txt')); input.files = chosen.files; input.dispatchEvent(new Event('change')); return true; })()`)
	b.wait(`document.querySelector('v-say .told.not')?.innerText.includes('cannot read letter.txt as sound')`)

	// On this machine itself the browser trusts the page.
	b.do(chromedp.Navigate("http://" + b.address + "/more/cameras/" + firstCamera))
	b.wait(`document.querySelector('v-login input[name=password]') && isSecureContext`)
	b.do(chromedp.SendKeys("input[name=user]", "admin"), chromedp.SendKeys("input[name=password]", firstPassword.FindStringSubmatch(p.errors())[1]))
	b.tap("v-login form button.primary")
	b.wait(`[...document.querySelectorAll('v-say button:enabled')].some((o) => o.innerText.includes('Speak'))`)
	before := c.State().Said
	value[bool](b, clicks("v-say button", "Speak")+`, true`)
	b.wait(`parseFloat(document.querySelector('v-say .told').innerText.split(':')[1]) > 0.5`)
	value[bool](b, clicks("v-say button", "Send it")+`, true`)
	b.wait(`document.querySelector('v-say .told').innerText.includes('of sound')`)
	eventually(t, "its speaker has got what was spoken", func() bool { return c.State().Said > before+2000 })
	p.finish()
}
