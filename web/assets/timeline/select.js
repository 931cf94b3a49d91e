// @ts-check
// A piece that was marked: its ends to the picture, what it weighs, and what can be done with it.
import { html, nothing, repeat } from '../lib/lit.js';
import { View, download } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { store, pathOf } from '../core/store.js';
import { words } from '../core/strings-footage.js';
import { bytes, format, iso, length, parse } from '../core/time.js';

/** @typedef {{from: number, to: number}} Selection */
/** @typedef {{size?: number, fits?: number, problem?: string}} Weight */

/** Tells, as a CustomEvent: select (the changed selection, or null). */
class Select extends View {
  static properties = { selection: { attribute: false }, cameras: { attribute: false }, gaps: { attribute: false } };

  constructor() {
    super();
    /** @type {Selection} */
    this.selection = { from: 0, to: 0 };
    /** @type {string[]} */
    this.cameras = [];
    this.gaps = 0;
    /** @type {Map<string, Weight>} */
    this.weights = new Map();
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.soon = undefined;
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
  }

  /** Asks how large each file would be: the recorder knows it to the byte. @param {string} wanted */
  async #weigh(wanted) {
    for (const camera of this.cameras) {
      /** @type {Weight} */
      let weight = {};
      try {
        const answer = await fetch(this.#address(camera), { method: 'HEAD' });
        const fits = answer.headers.get('X-Footage-Fits');
        if (answer.ok) weight = { size: Number(answer.headers.get('Content-Length')) };
        else weight = fits ? { fits: Date.parse(fits) } : { problem: answer.status === 404 ? words.nothing : words.trouble(String(answer.status)) };
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
    this.dispatchEvent(new CustomEvent('select', { detail: selection }));
  }

  /** @param {'from'|'to'} end @param {number} ms */
  #set(end, ms) {
    const s = { ...this.selection, [end]: ms };
    if (s.to - s.from >= 100) this.#tell(s);
  }

  /** Everything marked, a file a camera. */
  export() {
    for (const camera of this.cameras) {
      const c = store.camera(camera);
      if (this.weights.get(camera)?.size) download(this.#address(camera), `${c ? pathOf(c) : camera}_${format(this.selection.from, 'file')}.avi`);
    }
  }

  /** @param {'from'|'to'} end */
  #end(end) {
    const steps = /** @type {[number, string][]} */ ([[-10e3, words.nudge.ten], [-1000, words.nudge.second], [-100, words.nudge.frame], [100, words.nudge.frame], [1000, words.nudge.second], [10e3, words.nudge.ten]]);
    return html`<div class="end"><label class="field"><span>${words[end]}</span><input class="num" .value=${format(this.selection[end], 'date') + ' ' + format(this.selection[end], 'tenths')}
        @change=${(/** @type {any} */ e) => { const ms = parse(e.target.value, this.selection[end]); if (ms !== undefined) this.#set(end, ms); else this.requestUpdate(); }}></label>
      <div class="nudges">${steps.map(([ms, text]) => html`<button class="button" aria-label="${words[end]}: ${text} ${ms < 0 ? words.earlier : words.later}" title="${text} ${ms < 0 ? words.earlier : words.later}"
        @click=${() => this.#set(end, this.selection[end] + ms)}>${Math.abs(ms) === 100 ? icon(ms < 0 ? 'stepBack' : 'stepForward', 16) : (ms < 0 ? '−' : '+') + text}</button>`)}</div></div>`;
  }

  render() {
    const { from, to } = this.selection;
    const ready = this.cameras.some((c) => this.weights.get(c)?.size);
    return html`<section class="tl-select" aria-label=${words.selection}>
      <div class="ends">${this.#end('from')}${this.#end('to')}</div>
      <div class="row"><b class="num">${length(to - from)}</b>${this.gaps ? html`<span class="chip warn">${words.gapsInside(this.gaps)}</span>` : nothing}
        ${repeat(this.cameras, (c) => c, (c) => {
          const w = this.weights.get(c);
          return html`<span class="num muted">${store.camera(c)?.name ?? c}: ${w?.size ? bytes(w.size) : w?.problem ?? (w?.fits ? html`${words.exportFits(format(w.fits))}
            <button class="button" @click=${() => this.#set('to', w.fits ?? to)}>${words.shorten}</button>` : words.loading)}</span>`;
        })}<span class="grow"></span>
        <button class="button primary" ?disabled=${!ready} @click=${() => this.export()}>${icon('download')}${words.export}</button>
        <button class="button" @click=${() => this.#tell(null)}>${words.selectEnd}</button></div></section>`;
  }
}

customElements.define('v-select', Select);
/** @typedef {Select} SelectElement */
