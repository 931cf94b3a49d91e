// @ts-check
// The sheets in which somebody says which events to show.
import { html, nothing } from '../lib/lit.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { sheet } from '../parts/sheet.js';
import { awayHours, kinds, others, setAwayHours } from './filter.js';

/** @typedef {import('./filter.js').Filter} Filter */

/** @param {Filter} f @param {string[]} zones that there are @returns {Promise<Record<string, string|undefined>|undefined>} what of the URL is to change */
export function askFilter(f, zones) {
  const cams = new Set(f.cams.map((c) => store.camera(c)?.id ?? c));
  let { kind, zone, state } = f, min = String(f.min || ''), keptOnly = f.kept;
  if (zone && !zones.includes(zone)) zones = [zone, ...zones];
  const choice = (/** @type {string} */ label, /** @type {string} */ name, /** @type {string} */ value, /** @type {[string, string][]} */ options, /** @type {(value: string) => void} */ set) => html`<label class="field"><span>${label}</span>
    <select name=${name} @change=${(/** @type {any} */ e) => set(e.target.value)}>${options.map(([v, text]) => html`<option value=${v} ?selected=${v === value}>${text}</option>`)}</select></label>`;
  return sheet(words.filter, (close) => html`
    ${store.cameras.length > 1 ? html`<fieldset class="card"><legend>${words.cameras}</legend>${store.cameras.map((c) => html`<label class="tick"><input type="checkbox" name="cam" value=${c.id} ?checked=${cams.has(c.id)}
      @change=${(/** @type {any} */ e) => { if (e.target.checked) cams.add(c.id); else cams.delete(c.id); }}>${c.name}</label>`)}</fieldset>` : nothing}
    ${choice(words.kind, 'kind', kind, [['', words.all], ...[...kinds, ...others].map((k) => /** @type {[string, string]} */ ([k, words.kinds[k]]))], (v) => { kind = v; })}
    ${zones.length ? choice(words.zone, 'zone', zone, [['', words.all], ...zones.map((z) => /** @type {[string, string]} */ ([z, z]))], (v) => { zone = v; }) : nothing}
    ${choice(words.minLength, 'min', min, [['', words.anyLength], ['2', '2 s'], ['10', '10 s'], ['60', '1 min']], (v) => { min = v; })}
    ${choice(words.state, 'state', state, /** @type {[string, string][]} */ (Object.entries(words.states)), (v) => { state = v; })}
    <label class="tick"><input type="checkbox" name="kept" ?checked=${keptOnly} @change=${(/** @type {any} */ e) => { keptOnly = e.target.checked; }}>${words.keptOnly}</label>
    <div class="ends"><v-act local .label=${words.cancel} .run=${() => close()}></v-act>
      <v-act local kind="primary" .label=${words.show} .run=${() => close({ cam: cams.size === store.cameras.length ? undefined : [...cams].join(',') || undefined, kind, zone, min, state, kept: keptOnly ? '1' : undefined })}></v-act></div>`);
}

/** Asks in which hours nobody is at home. @returns {Promise<boolean|undefined>} */
export function askAway() {
  let [from, to] = awayHours();
  return sheet(words.awayAbout, (close) => html`
    <div class="row"><label class="field grow"><span>${words.awayFrom}</span><input type="time" name="from" .value=${from} required @input=${(/** @type {any} */ e) => { from = e.target.value; }}></label>
      <label class="field grow"><span>${words.awayTo}</span><input type="time" name="to" .value=${to} required @input=${(/** @type {any} */ e) => { to = e.target.value; }}></label></div>
    <div class="ends"><v-act local .label=${words.cancel} .run=${() => close()}></v-act>
      <v-act local kind="primary" .label=${words.show} .run=${() => { if (from && to && from !== to) { setAwayHours(from, to); close(true); } }}></v-act></div>`);
}
