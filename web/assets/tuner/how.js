// @ts-check
// How strong and how big: two sliders with pictures, presets for places, and the numbers behind them.
import { html, live, nothing } from '../lib/lit.js';
import { words } from '../core/strings-zones.js';
import { format } from '../core/time.js';
import '../timeline/look.js';
import '../timeline/thumb.js';
import { bySize, byStrength } from './examples.js';
import { partOf } from './judge.js';
import { metres, parts, places, sizes, stepOf } from './presets.js';
import { percent } from './strip.js';

/**
 * @typedef {{camera: string, draft: import('./tuning.js').Draft, off: boolean, examples: import('./examples.js').Example[]|undefined, set: (change: Partial<import('./tuning.js').Draft>) => void, look: (us: number) => void}} How
 */

/** @param {How} h */
export function sliders(h) {
  const { draft, off, set } = h, size = partOf(draft.min_size), step = stepOf(size * 100), strong = 11 - draft.sensitivity;
  const big = words.bigWords(percent(size), metres(size * 100));
  return html`<section class="card tn-how"><div class="field"><label for="tn-strong"><b>${words.strong}</b></label>
      <input id="tn-strong" type="range" min="1" max="10" aria-valuetext=${words.strongSteps[strong - 1]} ?disabled=${off} .value=${live(String(strong))} @input=${(/** @type {Event} */ e) => set({ sensitivity: 11 - Number(/** @type {HTMLInputElement} */ (e.target).value) })}>
      <div class="tn-ends small muted"><span>${words.strongEnds[0]}</span><b>${words.strongSteps[strong - 1]}</b><span>${words.strongEnds[1]}</span></div>${pair(h, h.examples && byStrength(h.examples, draft.sensitivity))}</div>
    <div class="field"><label for="tn-big"><b>${words.big}</b></label>
      <input id="tn-big" type="range" min="0" max=${sizes.length - 1} aria-valuetext=${big} ?disabled=${off} .value=${live(String(step))} @input=${(/** @type {Event} */ e) => set({ min_size: `${sizes[Number(/** @type {HTMLInputElement} */ (e.target).value)]}%` })}>
      <div class="tn-ends small muted"><span>${words.bigEnds[0]}</span><b>${big}</b><span>${words.bigEnds[1]}</span></div>${pair(h, h.examples && bySize(h.examples, size))}</div>
    ${presets(h)}${numbers(h)}</section>`;
}

/** @param {How} h @param {import('./examples.js').Pair|undefined} found */
function pair(h, found) {
  if (!found) return html`<p class="small muted tn-pair-none">${words.looking}</p>`;
  const one = (/** @type {string} */ label, /** @type {import('./examples.js').Example|undefined} */ e) => html`<figure>
    ${e ? html`<button type="button" class="tn-thumb" aria-label=${`${label}: ${format(e.us / 1000, 'datetime')}`} @click=${() => h.look(e.us)}><v-thumb .camera=${h.camera} .us=${e.us} .box=${e.box}></v-thumb></button>` : html`<div class="tn-none small muted">${words.noExample}</div>`}
    <figcaption class="small">${label}</figcaption></figure>`;
  return html`<div class="tn-pair" role="group" aria-label=${words.examples}>${one(words.outside, found.outside)}${one(words.inside, found.inside)}</div>`;
}

/** @param {How} h */
function presets({ draft, off, set }) {
  const take = (/** @type {keyof typeof places} */ name) => set({
    ...places[name],
    ...(name === 'road' && !draft.zones.some((z) => z.name === words.places.road[0]) ? { zones: [...draft.zones, { name: words.places.road[0], kind: 'exclude', points: parts.top3 }] } : {}),
  });
  return html`<details><summary>${words.presets}</summary><div class="tn-presets">${Object.keys(places).map((name) => html`
    <button type="button" class="button" ?disabled=${off} @click=${() => take(/** @type {keyof typeof places} */ (name))}><span><b>${words.places[name][0]}</b><br><span class="small muted">${words.places[name][1]}</span></span></button>`)}</div></details>`;
}

/** @param {How} h */
function numbers({ draft, off, set }) {
  const field = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string} */ hint, /** @type {unknown} */ input) => html`<div class="field"><label for=${id}><b>${label}</b></label>${input}<span class="hint" id="${id}-hint">${hint}</span></div>`;
  /** @param {Event} e @param {RegExp} form @param {string} why @param {(v: string) => void} take */
  const typed = (e, form, why, take) => {
    const el = /** @type {HTMLInputElement} */ (e.target), v = el.value.trim().replace(/\s+%/, '%');
    const right = form.test(v) && !(v.endsWith('%') && !(Number.parseFloat(v) > 0 && Number.parseFloat(v) <= 100));
    el.setCustomValidity(right ? '' : why);
    el.setAttribute('aria-invalid', String(!right));
    if (right) take(v);
    else el.reportValidity();
  };
  const number = (/** @type {string} */ id, /** @type {number} */ value, /** @type {number} */ least, /** @type {(n: number) => void} */ take) => html`<input id=${id} type="number" inputmode="numeric" min=${least} max="10" aria-describedby="${id}-hint" ?disabled=${off} .value=${live(String(value))}
    @change=${(/** @type {Event} */ e) => { const el = /** @type {HTMLInputElement} */ (e.target); if (el.reportValidity() && el.value) take(Math.round(el.valueAsNumber)); }}>`;
  return html`<details><summary>${words.advanced}</summary><div class="tn-numbers">
    ${field('tn-sensitivity', words.sensitivity, words.sensitivityHint, number('tn-sensitivity', draft.sensitivity, 1, (n) => set({ sensitivity: n })))}
    ${field('tn-size', words.minSize, words.minSizeHint, html`<input id="tn-size" autocomplete="off" aria-describedby="tn-size-hint" ?disabled=${off} .value=${live(draft.min_size)} @change=${(/** @type {Event} */ e) => typed(e, /^\d+(\.\d+)?%$/, words.badSize, (v) => set({ min_size: v }))}>`)}
    ${field('tn-hold', words.hold, words.holdHint, html`<input id="tn-hold" autocomplete="off" aria-describedby="tn-hold-hint" ?disabled=${off} .value=${live(draft.hold)} @change=${(/** @type {Event} */ e) => typed(e, /^(\d+(\.\d+)?(ms|s|m))+$/, words.badHold, (v) => set({ hold: v }))}>`)}
    ${draft.sound === undefined ? nothing : field('tn-sound', words.sound, words.soundHint, number('tn-sound', draft.sound, 0, (n) => set({ sound: n })))}</div></details>`;
}
