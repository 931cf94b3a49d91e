// @ts-check
// A piece that was marked: its ends to the picture, what it weighs, and what can be done with it.
import { html, nothing, repeat } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { store } from '../core/store.js';
import { api } from '../core/api.js';
import { words } from '../core/strings-footage.js';
import { words as doing } from '../core/strings-select.js';
import { bytes, format, iso, length, parse } from '../core/time.js';
import { erase } from './erasing.js';
import { save } from './exporting.js';
import { keep } from './keeping.js';
import './thumb.js';

/** A picture of an end is asked for when the end rested so long (ms). */
const rest = 120;

/** @typedef {{from: number, to: number}} Selection */
/** @typedef {{size?: number, fits?: number, problem?: string, gaps?: number, missing?: number}} Weight missing: ms in gaps */

/** Tells, as a CustomEvent: mark (the changed selection, or null; select is what browsers tell of text that is marked), cameras (ids that are marked, the main one first), changed (something was kept or deleted). */
class Select extends View {
  static properties = { selection: { attribute: false }, cameras: { attribute: false } };

  constructor() {
    super();
    /** @type {Selection} */
    this.selection = { from: 0, to: 0 };
    /** @type {string[]} */
    this.cameras = [];
    /** @type {Map<string, Weight>} */
    this.weights = new Map();
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.soon = undefined;
    this.asked = '';
    /** What the pictures of the ends show. @type {{camera: string, from: number, to: number}|undefined} µs */
    this.pictured = undefined;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.soon);
    clearTimeout(this.resting);
    this.asked = '';
  }

  /** @param {string} camera */
  #address(camera) {
    const query = new URLSearchParams({ from: iso(this.selection.from), to: iso(this.selection.to) });
    return `/api/v1/cameras/${encodeURIComponent(camera)}/footage.avi?${query}`;
  }

  updated() {
    const wanted = JSON.stringify([this.selection, this.cameras]);
    if (wanted === this.asked) return;
    this.asked = wanted;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#weigh(wanted), 250);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const { from, to } = this.selection;
      this.pictured = { camera: this.cameras[0], from: Math.floor(from) * 1000, to: Math.floor(to - 1) * 1000 }; // what begins at the end is not in it
      this.requestUpdate();
    }, rest);
  }

  /** Asks how large each file would be: the recorder knows it to the byte. @param {string} wanted */
  async #weigh(wanted) {
    for (const camera of this.cameras) {
      /** @type {Weight} */
      let weight = {};
      try {
        const query = { from: iso(this.selection.from), to: iso(this.selection.to) };
        const covered = await api.get(`/cameras/${encodeURIComponent(camera)}/coverage`, { query });
        const answer = await fetch(this.#address(camera), { method: 'HEAD' });
        const fits = answer.headers.get('X-Footage-Fits');
        if (answer.ok) weight = { size: Number(answer.headers.get('Content-Length')) };
        else weight = fits ? { fits: Date.parse(fits) } : { problem: answer.status === 404 ? words.nothing : words.trouble(String(answer.status)) };
        weight.gaps = covered.gaps.length;
        weight.missing = covered.gaps.reduce((/** @type {number} */ n, /** @type {{from: string, to: string}} */ g) => n + Date.parse(g.to) - Date.parse(g.from), 0);
      } catch {
        weight = { problem: words.trouble('') };
      }
      if (wanted !== this.asked) return;
      this.weights.set(camera, weight);
      this.requestUpdate();
    }
  }

  /** @param {Selection|null} selection */
  #tell(selection) {
    this.dispatchEvent(new CustomEvent('mark', { detail: selection }));
  }

  /** @param {'from'|'to'} end @param {number} ms */
  #set(end, ms) {
    const s = { ...this.selection, [end]: ms };
    if (s.to - s.from >= 100) this.#tell(s);
  }

  /** A camera is marked, or no longer. @param {string} id */
  #mark(id) {
    const cameras = this.cameras.includes(id) ? this.cameras.filter((c) => c !== id) : [...this.cameras, id];
    this.dispatchEvent(new CustomEvent('cameras', { detail: cameras }));
  }

  /** Keeps what is marked. */
  async keep() {
    if (store.may('control') && await keep({ ...this.selection }, this.cameras)) this.dispatchEvent(new CustomEvent('changed'));
  }

  /** Asks what to make of everything marked: a file a camera. */
  async export() {
    await save({ ...this.selection }, this.cameras);
  }

  /** @param {'from'|'to'} end */
  #end(end) {
    const steps = /** @type {[number, string][]} */ ([[-10e3, words.nudge.ten], [-1000, words.nudge.second], [-100, words.nudge.frame], [100, words.nudge.frame], [1000, words.nudge.second], [10e3, words.nudge.ten]]);
    const p = this.pictured;
    return html`<div class="end"><div class="end-picture">${p ? html`<v-thumb .camera=${p.camera} .us=${p[end]} .label=${doing.ends[end]} .none=${doing.noPicture}></v-thumb>` : nothing}</div><label class="field"><span>${words[end]}</span><input class="num" @focus=${(/** @type {any} */ e) => e.target.select()} .value=${format(this.selection[end], 'date') + ' ' + format(this.selection[end], 'tenths')}
        @change=${(/** @type {any} */ e) => { const ms = parse(e.target.value, this.selection[end]); if (ms !== undefined) this.#set(end, ms); else this.requestUpdate(); }}></label>
      <div class="nudges">${steps.map(([ms, text]) => html`<button class="button" aria-label="${words[end]}: ${text} ${ms < 0 ? words.earlier : words.later}" title="${text} ${ms < 0 ? words.earlier : words.later}"
        @click=${() => this.#set(end, this.selection[end] + ms)}>${Math.abs(ms) === 100 ? icon(ms < 0 ? 'stepBack' : 'stepForward', 16) : (ms < 0 ? '−' : '+') + text}</button>`)}</div></div>`;
  }

  render() {
    const { from, to } = this.selection;
    const ready = this.cameras.some((c) => this.weights.get(c)?.size || this.weights.get(c)?.fits), sum = this.cameras.reduce((n, c) => n + (this.weights.get(c)?.size ?? 0), 0);
    const more = async (/** @type {typeof keep} */ what) => { if (await what({ from, to }, this.cameras)) this.dispatchEvent(new CustomEvent('changed')); };
    return html`<section class="tl-select" aria-label=${words.selection}>
      <div class="row"><b class="num">${length(to - from)}</b>${this.cameras.length > 1 && sum ? html`<span class="num">${doing.sum(bytes(sum))}</span>` : nothing}
        <span class="grow"></span><button class="button" name="end" @click=${() => this.#tell(null)}>${icon('close')}${words.selectEnd}</button></div>
      <div class="ends">${this.#end('from')}${this.#end('to')}</div>
      ${store.cameras.length > 1 ? html`<div class="row" role="group" aria-label=${doing.ofCameras}>${store.cameras.map((c) => html`<button class="button chip-button" aria-pressed=${this.cameras.includes(c.id)}
        ?disabled=${this.cameras.length === 1 && this.cameras[0] === c.id} @click=${() => this.#mark(c.id)}>${c.name}</button>`)}</div>` : nothing}
      <div class="tl-weights">${repeat(this.cameras, (c) => c, (c) => {
          const w = this.weights.get(c);
          return html`<span class="num muted" data-camera=${c} data-bytes=${w?.size ?? ''}>${w?.gaps ? html`<span class="chip warn">${doing.gaps(w.gaps, length(w.missing ?? 0))}</span> ` : nothing}${store.camera(c)?.name ?? c}: ${w?.size ? bytes(w.size) : w?.problem ?? (w?.fits ? html`${words.exportFits(format(w.fits))}
            <button class="button" @click=${() => this.#set('to', w.fits ?? to)}>${words.shorten}</button>` : words.loading)}</span>`;
        })}</div>
      <div class="row tl-doing"><button class="button primary" name="export" ?disabled=${!ready} @click=${() => void this.export()}>${icon('download')}${words.export}</button>
        ${store.may('control') ? html`<button class="button" name="keep" @click=${() => more(keep)}>${icon('lock')}${doing.keep}</button>` : nothing}
        ${store.may('admin') ? html`<button class="button" name="erase" @click=${() => more(erase)}>${icon('trash')}${doing.delete}</button>` : nothing}</div></section>`;
  }
}

customElements.define('v-select', Select);
/** @typedef {Select} SelectElement */
