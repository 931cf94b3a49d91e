// @ts-check
// What can be done with a camera, from its tile.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { download } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { go } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { t } from '../core/strings.js';
import { format, iso, now } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';
import { lamp, light } from './lamp.js';
import { listen, listened } from './sound.js';
import { askPause, resume } from './pause.js';

/** @typedef {import('../core/store.js').Camera} Camera @typedef {{jpeg: Uint8Array<ArrayBuffer>, us: number}|undefined} Last */

/** Hears a camera, or not any more. @param {Camera} c */
export const toggleSound = (c) => listen(listened() === c.id ? '' : c.id);

/** Keeps the picture that is shown, as the camera sent it. @param {Camera} c @param {Last} last */
export function snapshot(c, last) {
  if (!last) return toast(t.menu.noPicture, { bad: true });
  download(new Blob([last.jpeg], { type: 'image/jpeg' }), `${pathOf(c)}_${format(last.us / 1000, 'file')}.jpg`);
}

/** Goes to what was a moment ago. @param {Camera} c */
export const toTimeline = (c) => go(`/timeline/${pathOf(c)}?t=${encodeURIComponent(iso(Math.floor(now() / 1000) * 1000 - 10_000))}`);

/** Records the next two minutes, whatever the schedule says. @param {Camera} c */
export const recordNow = (c) => attempt(async () => {
  await api.send('POST', `/cameras/${c.id}/trigger`, { seconds: 120 });
  toast(t.menu.recorded);
});

/** Keeps the last two minutes from being deleted. @param {Camera} c */
const keepLast = (c) => attempt(async () => {
  const keep = await api.send('POST', '/keeps', { camera: c.id, from: iso(now() - 120e3), to: iso(now()), note: t.menu.keepNote });
  toast(t.menu.kept, { undo: () => attempt(() => api.send('DELETE', `/keeps/${keep.id}`)) });
});

/** Opens what talks to a camera. @param {Camera} c */
async function talk(c) {
  const here = await import('../camera/say.js').catch(() => undefined);
  if (!here) return toast(t.common.noFile, { bad: true });
  sheet(`${t.menu.talk}: ${c.name}`, () => html`<v-say .camera=${c.id}></v-say>`);
}

/** @param {Camera} c @param {Last} last */
export function openMenu(c, last) {
  const control = store.may('control');
  /** @type {{on?: boolean, mqtt?: boolean}|undefined} undefined: it is being asked */
  let lit, asked = false;
  sheet(c.name, (close, redraw) => {
    if (control && !asked) {
      asked = true;
      lamp(c).then((is) => { lit = is; redraw(); });
    }
    const gone = live.state.phase === 'gone';
    const item = (/** @type {import('../core/icons.js').Icon} */ i, /** @type {string} */ label, /** @type {() => unknown} */ run, /** @type {string} */ off = '') =>
      html`<button class="item" ?disabled=${!!off} @click=${() => { close(); run(); }}>${icon(i)}<span>${label}${off ? html`<br><span class="small muted">${off}</span>` : nothing}</span></button>`;
    // What the recorder has to do waits until it is back.
    const ask = (/** @type {import('../core/icons.js').Icon} */ i, /** @type {string} */ label, /** @type {() => unknown} */ run) => item(i, label, run, gone ? t.menu.gone : '');
    const camera = gone ? t.menu.gone : c.online || lit?.mqtt ? '' : t.menu.offline; // what the camera has to do
    return html`<div class="items">
      ${item(listened() === c.id ? 'mute' : 'sound', listened() === c.id ? t.menu.mute : t.menu.sound, () => toggleSound(c))}
      ${item('snapshot', t.menu.snapshot, () => snapshot(c, last))}
      ${store.may('read') ? item('timeline', t.menu.timeline, () => toTimeline(c)) : nothing}
      ${control ? item(lit?.on ? 'moon' : 'sun', lit?.on === undefined ? t.menu.lamp : lit.on ? t.menu.lampOff : t.menu.lampOn, () => light(c, !lit?.on), camera || (lit ? '' : t.common.loading)) : nothing}
      ${control && c.speaker ? item('sound', `${t.menu.talk} …`, () => talk(c), camera) : nothing}
      ${control ? ask('lock', t.menu.keep, () => keepLast(c)) : nothing}
      ${control ? ask('plus', t.menu.record, () => recordNow(c)) : nothing}
      ${control ? (c.recording === 'paused' ? ask('play', t.menu.resume, () => resume(c)) : ask('pause', t.menu.pause, () => askPause(c))) : nothing}
      ${store.may('read') ? item('zones', t.menu.zones, () => go(`/setup/${pathOf(c)}/zones`)) : nothing}
      ${store.may('admin') ? item('settings', t.menu.settings, () => go(`/more/cameras/${pathOf(c)}`)) : nothing}
      ${store.may('read') ? item('health', t.menu.diagnose, () => go(`/setup/${pathOf(c)}`)) : nothing}</div>`;
  });
}
