// @ts-check
// Keeping: no rule deletes what a card shows, with a note, until a time or for good.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { icon } from '../core/icons.js';
import { words } from '../core/strings-events.js';
import { bytes, format, iso, now } from '../core/time.js';
import { sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';

/** @typedef {import('./groups.js').Group} Group */
/** @typedef {{note: string, until: string|undefined}} Wish */

const day = 86400e3, lasts = { week: 7 * day, month: 30 * day, year: 365 * day };
/** Kept around what happened, ms. */
const around = 5000;

/** The span of a group with what is around it. @param {Group} g */
export const spanOf = (g) => ({ camera: g.camera, from: iso(g.from - around), to: iso(g.to + around) });

/** @param {Group} g @param {Wish} wish */
export const keep = (g, wish) => api.send('POST', '/keeps', { ...spanOf(g), note: wish.note, ...(wish.until ? { until: wish.until } : {}) });

/** Asks how to keep, and does it. @param {string} what @param {(wish: Wish) => Promise<unknown>} run */
export function askKeep(what, run) {
  let note = '', until = '';
  return sheet(`${words.keepTitle}: ${what}`, (close) => html`
    <label class="field"><span>${words.note}</span><input name="note" maxlength="200" autocomplete="off" @input=${(/** @type {any} */ e) => { note = e.target.value; }}></label>
    <label class="field"><span>${words.until}</span><select name="until" @change=${(/** @type {any} */ e) => { until = e.target.value; }}>${Object.entries(words.untils).map(([key, text]) => html`<option value=${key}>${text}</option>`)}</select></label>
    <div class="ends"><v-act local .label=${words.cancel} .run=${() => close()}></v-act>
      <v-act kind="primary" icon="lock" .label=${words.keep} .run=${async () => { await run({ note: note.trim(), until: until ? iso(now() + lasts[/** @type {'week'} */ (until)]) : undefined }); close(); }}></v-act></div>`);
}

/** The keeps that hold a card, and a way to unlock each. @param {string} what @param {Group[]} groups */
export async function showKeeps(what, groups) {
  /** @type {any[]} */
  let list = [];
  for (const g of groups) list.push(...await api.list('/keeps', 'keeps', { query: { camera: g.camera, from: iso(g.from), to: iso(g.to + 1) } }));
  list = list.filter((k) => k.in_force);
  return sheet(`${words.kept}: ${what}`, (close, redraw) => html`<ul class="rows">${list.map((k) => html`<li>${icon('lock')}<span class="grow"><b>${k.note || format(Date.parse(k.from), 'datetime')}</b>
      <span class="small muted num"> ${[words.keptBy(k.who.replace(/^user /, '')), k.until ? words.keptUntil(format(Date.parse(k.until), 'datetime')) : '', words.holds(bytes(k.bytes))].filter(Boolean).join(' · ')}</span></span>
      <v-act .label=${words.unlock} .run=${async () => { await api.send('DELETE', `/keeps/${k.id}`); list = list.filter((o) => o !== k); toast(words.unlockDone); if (list.length) redraw(); else close(); }}></v-act></li>`)}</ul>
    ${list.length ? nothing : html`<p>${words.unlockDone}</p>`}
    <div class="ends"><v-act local .label=${words.close} .run=${() => close()}></v-act></div>`);
}
