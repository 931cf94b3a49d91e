// @ts-check
// Why something was an event: the picture that moved most, with what changed and what counts, and the numbers.
import { html, nothing } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { pathOf, store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { format } from '../core/time.js';
import { micros } from '../player/stamp.js';
import { sheet } from '../parts/sheet.js';
import { link } from '../timeline/places.js';
import { percent } from './card.js';
import { nameOf, place } from './place.js';

/** @typedef {{motion: boolean, score: number, largest_cells: number, needed_cells: number, cells: number, sensitivity_needed: number, because: string[], at?: string}} Why */

/** When the rules of a camera's motion were set last; undefined: nobody set them here. Only an admin may know. @param {string} camera */
async function rules(camera) {
  if (!store.may('admin')) return undefined;
  const { settings } = await api.get(`/cameras/${encodeURIComponent(camera)}/settings`);
  return settings.filter((/** @type {any} */ s) => s.key.startsWith('motion.') && s.at).sort((/** @type {any} */ a, /** @type {any} */ b) => Date.parse(b.at) - Date.parse(a.at))[0];
}

/** @param {import('./groups.js').Event} e */
export function showWhy(e) {
  /** @type {Why|undefined} */
  let why;
  let url = '', problem = '', set = /** @type {{at: string, who: string}|undefined} */ (undefined), asked = false;
  const end = new AbortController(), path = `/events/${e.id}`;
  const done = sheet(words.whyOf(nameOf(e.camera), format(Date.parse(e.at), 'datetime')), (close, redraw) => {
    const load = async () => {
      asked = true;
      try {
        [why, set] = await Promise.all([api.get(path + '/why.json', { signal: end.signal }), rules(e.camera).catch(() => undefined)]);
        redraw();
        const { bytes } = await api.bytes(path + '/why.png', { signal: end.signal });
        if (!end.signal.aborted) url = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
      } catch (err) {
        if (!end.signal.aborted) problem = err instanceof ApiError ? err.text : String(err);
      }
      if (!end.signal.aborted) redraw();
    };
    if (!asked) void load();
    const camera = store.camera(e.camera), peak = e.peak ?? 0;
    return html`<div class="ev-why-picture">${url ? html`<img src=${url} alt=${words.whyAlt}>` : nothing}</div>
      ${problem ? html`<p class="problem" role="alert">${words.trouble(problem)}</p>` : nothing}
      ${why ? html`<ul class="ev-because">${why.because.map((b) => html`<li>${b}</li>`)}</ul>
        <dl class="facts"><dt>${words.value}</dt><dd>${words.cells(why.largest_cells, why.cells, percent(why.largest_cells / why.cells))}</dd>
          <dt>${words.threshold}</dt><dd>${words.needed(why.needed_cells, percent(why.needed_cells / why.cells))}</dd>
          <dt>${words.sensitivity}</dt><dd>${words.sensitivityNeeded(why.sensitivity_needed)}</dd>
          ${e.kind === 'sound' && peak ? html`<dt>${words.kinds.sound}</dt><dd>${words.louder(peak.toFixed(0))}</dd>` : nothing}
          ${e.zones?.length ? html`<dt>${words.zone}</dt><dd>${e.zones.join(', ')}</dd>` : nothing}
          <dt>${words.rules}</dt><dd>${words.rulesNow}${store.may('admin') ? html`<br>${set ? words.rulesOf(format(Date.parse(set.at), 'datetime'), set.who) : words.rulesDefault}` : nothing}</dd></dl>` : nothing}
      <div class="ends">${store.may('admin') ? html`<a class="button" href="/setup/${encodeURIComponent(camera ? pathOf(camera) : e.camera)}/zones?t=${encodeURIComponent(link(micros(e.best ?? e.at)))}" @click=${() => close()}>${words.less}</a>` : nothing}
        <a class="button" href=${place(e.camera, Date.parse(e.at), { find: 'start' })} @click=${() => close()}>${words.findStart}</a><v-act local kind="primary" .label=${words.close} .run=${() => close()}></v-act></div>`;
  });
  void done.then(() => { end.abort(); if (url) URL.revokeObjectURL(url); });
  return done;
}
