// @ts-check
// What can be done with a camera, from its tile.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { download } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { t } from '../core/strings.js';
import { format, iso, now } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';
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

/** @param {Camera} c @param {Last} last */
export function openMenu(c, last) {
  const control = store.may('control');
  sheet(c.name, (close) => {
    const item = (/** @type {import('../core/icons.js').Icon} */ i, /** @type {string} */ label, /** @type {() => unknown} */ run) =>
      html`<button class="item" @click=${() => { close(); run(); }}>${icon(i)}${label}</button>`;
    return html`<div class="items">
      ${item(listened() === c.id ? 'mute' : 'sound', listened() === c.id ? t.menu.mute : t.menu.sound, () => toggleSound(c))}
      ${item('snapshot', t.menu.snapshot, () => snapshot(c, last))}
      ${item('timeline', t.menu.timeline, () => toTimeline(c))}
      ${control ? item('lock', t.menu.keep, () => keepLast(c)) : nothing}
      ${control ? item('plus', t.menu.record, () => recordNow(c)) : nothing}
      ${control ? (c.recording === 'paused' ? item('play', t.menu.resume, () => resume(c)) : item('pause', t.menu.pause, () => askPause(c))) : nothing}
      ${store.may('admin') ? item('settings', t.menu.settings, () => go(`/more/cameras/${pathOf(c)}`)) : nothing}
      ${item('health', t.menu.diagnose, () => go(`/setup/${pathOf(c)}`))}</div>`;
  });
}
