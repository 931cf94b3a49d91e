// @ts-check
// Deletes footage by hand, in two steps: what goes and what stays is told first, and just that is deleted.
import { html, nothing } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { store } from '../core/store.js';
import { words as common } from '../core/strings-footage.js';
import { words } from '../core/strings-select.js';
import { bytes, format, iso, length } from '../core/time.js';
import '../parts/act.js';
import { sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';

/**
 * @typedef {{segments: number, bytes: number, seconds: number, events: number, plan: string, gone: {from: string, to: string}[], stays: {crossing: number, kept: number, elsewhere: number, open: boolean}}} Erasure
 * @typedef {'inside'|'beyond'} Reach
 */

/** Stretches that are named one by one. */
const named = 4;

/** @param {{from: number, to: number}} span ms @param {string[]} cameras @returns {Promise<boolean>} something was deleted, or may have been */
export async function erase(span, cameras) {
  /** @type {Reach} */
  let reach = 'inside';
  /** @type {Map<string, Erasure>} by reach and camera */
  const plans = new Map();
  let problem = '';
  /** @param {string} camera @param {Reach} way */
  const query = (camera, way) => new URLSearchParams({ from: iso(span.from), to: iso(span.to), reach: way });
  const of = (/** @type {string} */ camera) => plans.get(reach + camera);
  const look = async (/** @type {() => void} */ redraw) => {
    problem = '';
    try {
      await Promise.all(cameras.map(async (c) => plans.set(reach + c, await api.get(`/cameras/${encodeURIComponent(c)}/footage/erasure?${query(c, reach)}`))));
    } catch (err) {
      problem = err instanceof ApiError ? err.text : String(err);
    }
    redraw();
  };
  let asked = false, begun = false;
  /** @type {Promise<void>|undefined} */
  let running;
  await sheet(words.deleteTitle, (close, redraw) => {
    if (!asked) { asked = true; void look(redraw); }
    const all = cameras.map(of), ready = all.every((e) => e) && !problem;
    const size = all.reduce((n, e) => n + (e?.bytes ?? 0), 0), seconds = all.reduce((n, e) => n + (e?.seconds ?? 0), 0);
    const go = async () => {
      for (const c of cameras) if (of(c)?.segments) {
        const q = query(c, reach);
        q.set('plan', of(c)?.plan ?? '');
        begun = true;
        try {
          await api.send('DELETE', `/cameras/${encodeURIComponent(c)}/footage?${q}`, undefined, { limit: 300_000 });
        } catch (err) {
          plans.clear();
          await look(redraw); // what it told holds no more
          throw err;
        }
      }
      toast(words.deleted(bytes(size)));
      close(true);
    };
    return html`<fieldset class="field"><legend>${words.reachTitle}</legend>${(/** @type {Reach[]} */ (['inside', 'beyond'])).map((way) => html`<label class="tick">
        <input type="radio" name="reach" value=${way} .checked=${way === reach} @change=${() => { reach = way; redraw(); if (!cameras.every(of)) void look(redraw); }}>${words.reach[way]}</label>`)}</fieldset>
      ${problem ? html`<p class="problem" role="alert">${problem}</p>` : nothing}
      <div class="er-plan" aria-live="polite">${cameras.map((c) => html`<section><b>${store.camera(c)?.name ?? c}</b>${plan(of(c))}</section>`)}</div>
      ${ready && size ? html`<p><b>${words.deleteLast}</b></p>` : nothing}
      <div class="ends"><v-act local .label=${common.cancel} .run=${() => close()}></v-act>
        <v-act kind="danger" .label=${ready && size ? words.deleteYes(length(seconds * 1000), bytes(size)) : words.delete} .off=${!ready || !size} .run=${() => (running = go())}></v-act></div>`;
  });
  await running?.catch(() => {}); // who leaves the sheet meanwhile does not end it; its button tells what failed
  return begun; // of several cameras one may have gone before another failed
}

/** @param {Erasure|undefined} e */
function plan(e) {
  if (!e) return html`<p class="muted">${common.loading}</p>`;
  const stays = [e.stays.crossing && words.stays.crossing(e.stays.crossing), e.stays.kept && words.stays.kept(e.stays.kept), e.stays.elsewhere && words.stays.elsewhere(e.stays.elsewhere), e.stays.open && words.stays.open].filter(Boolean);
  return html`<p>${e.segments ? words.goes(length(e.seconds * 1000), bytes(e.bytes), e.segments, e.events) : words.nothingGoes}</p>
    ${e.gone.length ? html`<ul class="num">${e.gone.slice(0, named).map((g) => html`<li>${format(Date.parse(g.from), 'datetime')} – ${format(Date.parse(g.to), 'time')}</li>`)}
      ${e.gone.length > named ? html`<li>${words.and(e.gone.length - named)}</li>` : nothing}</ul>` : nothing}
    ${stays.length ? html`<p class="muted">${stays.join('. ')}.</p>` : nothing}`;
}
