// @ts-check
// Has footage saved as a file: asks for the format, tells what it weighs to the byte, and leaves progress and cancelling to the
// browser, which keeps no file in the page's memory.
import { html, nothing } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { download } from '../core/dom.js';
import { pathOf, store } from '../core/store.js';
import { words as common } from '../core/strings-footage.js';
import { words } from '../core/strings-export.js';
import { bytes, format as shown, iso, length } from '../core/time.js';
import '../parts/act.js';
import { sheet } from '../parts/sheet.js';

/** @typedef {keyof typeof words.formats} Format */
/** What a camera's file would be; size 0: nobody knows before it is made. @typedef {{size?: number, problem?: string}} Weight */

const formats = /** @type {Format[]} */ (Object.keys(words.formats));
/** Seconds between the pictures of a timelapse of 20 a second; 0: none. */
const paces = [0, 3, 30];
const ofTimelapse = ['mkv', 'mp4', 'zip'];

/** @param {{from: number, to: number}} span ms @param {string[]} cameras @returns {Promise<boolean>} something is being saved */
export async function save(span, cameras) {
  /** @type {Format} */
  let chosen = 'avi';
  let every = 0, asked = '', opened = false;
  /** Why a format cannot be made here. @type {Map<string, string>} */
  const cannot = new Map();
  /** @type {Map<string, Weight>} by camera, of what is chosen */
  const weights = new Map();
  const query = () => ({ from: iso(span.from), to: iso(span.to), format: chosen, ...(every && ofTimelapse.includes(chosen) ? { every: String(every) } : {}) });
  const path = (/** @type {string} */ camera) => `/cameras/${encodeURIComponent(camera)}/footage`;
  const why = (/** @type {Format} */ f) => cannot.get(f) ?? (f === 'mp4' && cameras.length > 1 ? words.oneAtATime : every && !ofTimelapse.includes(f) ? words.noTimelapse : '');
  const weigh = async (/** @type {() => void} */ redraw) => {
    const wanted = asked = JSON.stringify(query());
    weights.clear();
    redraw();
    for (const camera of cameras) {
      /** @type {Weight} */
      let weight;
      try {
        weight = { size: Number((await api.head(path(camera), { query: query() })).get('Content-Length') ?? 0) };
      } catch (err) {
        weight = { problem: err instanceof ApiError ? err.text : String(err) };
        try { // an answer to HEAD has no words: this one says why
          if (err instanceof ApiError && err.status >= 400) await api.get(path(camera), { query: query(), signal: AbortSignal.timeout(5000) });
        } catch (said) {
          if (said instanceof ApiError) weight.problem = said.text;
        }
      }
      if (wanted !== asked) return;
      weights.set(camera, weight);
      redraw();
    }
  };
  return await sheet(words.title(length(span.to - span.from)), (close, redraw) => {
    if (!opened) {
      opened = true;
      void api.get('/exports').then((/** @type {{formats: {format: string, why?: string}[]}} */ told) => {
        for (const f of told.formats) if (f.why) cannot.set(f.format, f.why);
        redraw();
      }, () => {}); // what cannot be made is then refused when it is asked for
      queueMicrotask(() => void weigh(redraw));
    }
    const ready = cameras.filter((c) => weights.get(c)?.size !== undefined), sum = ready.reduce((n, c) => n + (weights.get(c)?.size ?? 0), 0);
    const go = () => {
      for (const camera of ready) {
        const c = store.camera(camera);
        download(`/api/v1${path(camera)}?${new URLSearchParams(query())}`, `${c ? pathOf(c) : camera}_${shown(span.from, 'file')}.${chosen}`);
      }
      close(true);
    };
    return html`<fieldset class="field"><legend>${words.format}</legend>${formats.map((f) => html`<label class="tick"><input type="radio" name="format" value=${f} .checked=${f === chosen} ?disabled=${why(f) !== ''}
        @change=${() => { chosen = f; void weigh(redraw); }}><span><b>${words.formats[f][0]}</b><br><span class="muted">${why(f) || words.formats[f][1]}</span></span></label>`)}</fieldset>
      <label class="field"><span>${words.timelapse}</span><select name="every" @change=${(/** @type {any} */ e) => {
        every = Number(e.target.value);
        if (why(chosen)) chosen = 'mkv';
        void weigh(redraw);
      }}>${paces.map((s) => html`<option value=${s}>${s ? words.faster(s * 20) : words.noFaster}</option>`)}</select></label>
      <div class="tl-weights" aria-live="polite">${cameras.map((c) => {
        const w = weights.get(c);
        return html`<span class="num ${w?.problem ? 'problem' : 'muted'}" data-export=${c} data-bytes=${w?.size ?? ''}>${store.camera(c)?.name ?? c}: ${w ? w.problem ?? (w.size ? bytes(w.size) : words.unknownSize) : common.loading}</span>`;
      })}</div>
      <p class="muted">${sum ? words.browserShows : nothing}</p>
      <div class="ends"><v-act local .label=${common.cancel} .run=${() => close()}></v-act>
        <v-act kind="primary" icon="download" .label=${sum ? words.save(bytes(sum)) : common.export} .off=${!ready.length || weights.size < cameras.length} .run=${go}></v-act></div>`;
  }) === true;
}
