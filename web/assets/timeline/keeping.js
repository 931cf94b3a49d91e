// @ts-check
// Keeps footage: asks for a note and how long, of all cameras that are marked.
import { html, nothing } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { words as common } from '../core/strings-footage.js';
import { words } from '../core/strings-select.js';
import { iso, length, now } from '../core/time.js';
import '../parts/act.js';
import { sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';

const day = 86400e3;
/** Days that can be chosen; 0: until it is unlocked. */
const choices = [0, 7, 30, 90, 365];

/** @param {{from: number, to: number}} span ms @param {string[]} cameras @returns {Promise<boolean>} something is kept now */
export async function keep(span, cameras) {
  let note = '', days = 0;
  return await sheet(words.keepTitle(length(span.to - span.from)), (close) => html`<p>${words.keepText}</p>
    <label class="field"><span>${words.note}</span><input name="note" maxlength="200" autofocus autocomplete="off" placeholder=${words.noteHint} @input=${(/** @type {any} */ e) => { note = e.target.value.trim(); }}></label>
    <label class="field"><span>${words.until}</span><select name="until" @change=${(/** @type {any} */ e) => { days = Number(e.target.value); }}>
      ${choices.map((n) => html`<option value=${n} ?selected=${n === 0}>${n ? words.days(n) : words.forever}</option>`)}</select></label>
    <div class="ends"><v-act local .label=${common.cancel} .run=${() => close()}></v-act>
      <v-act kind="primary" .label=${words.keep} .run=${async () => { if (await keepAll(span, cameras, note, days)) close(true); }}></v-act></div>${nothing}`) === true;
}

/** @param {{from: number, to: number}} span @param {string[]} cameras @param {string} note @param {number} days */
async function keepAll(span, cameras, note, days) {
  let done = 0, why = '';
  for (const camera of cameras) {
    try {
      await api.send('POST', '/keeps', { camera, from: iso(span.from), to: iso(span.to), note, ...(days ? { until: iso(Math.round(now()) + days * day) } : {}) });
      done++;
    } catch (err) {
      why = err instanceof ApiError ? err.text : String(err);
    }
  }
  if (why) toast(words.keptPart(done, cameras.length, why), { bad: true }); else toast(words.kept(done));
  return done > 0;
}
