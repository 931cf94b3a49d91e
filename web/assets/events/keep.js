// @ts-check
// Keeping: no rule deletes what a card shows, with a note, until a time or for good.
import { html, nothing } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { icon } from '../core/icons.js';
import { words } from '../core/strings-events.js';
import { bytes, format, iso, now } from '../core/time.js';
import { confirm, sheet } from '../parts/sheet.js';
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
export function showKeeps(what, groups) {
  /** @type {any[]|undefined} */
  let list;
  let problem = '', asked = false;
  return sheet(`${words.kept}: ${what}`, (close, redraw) => {
    /** Does something, and tells in the sheet what went wrong: behind it nobody reads. @param {() => Promise<void>} run */
    const tried = async (run) => {
      problem = '';
      try { await run(); } catch (err) { problem = err instanceof ApiError ? err.text : String(err); }
      redraw();
    };
    const load = async () => {
      const all = await Promise.all(groups.map((g) => api.list('/keeps', 'keeps', { query: { camera: g.camera, from: iso(g.from), to: iso(g.to + 1) } })));
      list = all.flat().filter((k) => k.in_force);
    };
    if (!asked) { asked = true; void tried(load); }
    const unlock = async (/** @type {any} */ k) => {
      if (!await confirm(words.unlock, words.unlockAsk(`${format(Date.parse(k.from), 'datetime')} – ${format(Date.parse(k.to))}`, bytes(k.bytes)), words.unlock)) return;
      await tried(async () => {
        await api.send('DELETE', `/keeps/${k.id}`);
        list = list?.filter((o) => o !== k);
        toast(words.unlockDone);
      });
      if (!list?.length) close();
    };
    return html`<div aria-live="polite">${problem ? html`<p class="problem" role="alert">${words.trouble(problem)}</p>` : !list ? html`<p class="muted">${words.loading}</p>` : !list.length ? html`<p>${words.unlockDone}</p>` : nothing}</div>
      ${list?.length ? html`<ul class="rows">${list.map((k) => html`<li>${icon('lock')}<span class="grow"><b>${k.note || format(Date.parse(k.from), 'datetime')}</b>
        <span class="small muted num"> ${[words.keptBy(k.who.replace(/^user /, '')), k.until ? words.keptUntil(format(Date.parse(k.until), 'datetime')) : '', words.holds(bytes(k.bytes))].filter(Boolean).join(' · ')}</span></span>
        <v-act .label=${words.unlock} .run=${() => unlock(k)}></v-act></li>`)}</ul>` : nothing}
      <div class="ends"><v-act local .label=${words.close} .run=${() => close()}></v-act></div>`;
  });
}
