// @ts-check
// Why a picture is motion, or is not, by the settings that are tried: in words, and drawn when it is asked for.
import { html, nothing } from '../lib/lit.js';
import { api, ApiError } from '../core/api.js';
import { View } from '../core/dom.js';
import { words } from '../core/strings-zones.js';
import { text } from '../player/stamp.js';

/** Properties: camera, at (µs), settings. */
class Why extends View {
  static properties = { camera: {}, at: { type: Number }, settings: { attribute: false }, because: { state: true }, url: { state: true } };
  constructor() {
    super();
    this.camera = this.url = this.asked = '';
    this.at = 0;
    /** @type {import('./judge.js').Settings|undefined} */
    this.settings = undefined;
    /** @type {string[]|undefined} */
    this.because = undefined;
    this.draws = false;
    /** @type {AbortController|undefined} */
    this.stop = undefined;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.stop?.abort();
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = this.asked = '';
  }
  updated() {
    const what = JSON.stringify([this.camera, this.at, this.settings, this.draws]);
    if (what === this.asked || !this.at || !this.settings) return;
    this.asked = what;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 200);
  }
  async ask() {
    const s = this.settings;
    if (!s) return;
    this.stop?.abort();
    const { signal } = (this.stop = new AbortController());
    const query = { at: text(this.at), sensitivity: s.sensitivity, min_size: s.min_size, hold: s.hold, zones: JSON.stringify(s.zones) };
    try {
      const told = await api.get(`/cameras/${this.camera}/motion/why.json`, { query, signal });
      this.because = told.because;
      if (!this.draws) return;
      const { bytes } = await api.bytes(`/cameras/${this.camera}/motion/why.png`, { query, signal });
      if (this.url) URL.revokeObjectURL(this.url);
      this.url = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
    } catch (err) {
      if (!signal.aborted) this.because = [err instanceof ApiError ? err.text : String(err)];
    }
  }
  render() {
    return html`<h2>${words.why}</h2><ul class="tn-because" aria-live="polite">${(this.because ?? ['…']).map((b) => html`<li>${b}</li>`)}</ul>
      <details @toggle=${(/** @type {Event} */ e) => { this.draws = /** @type {HTMLDetailsElement} */ (e.target).open; this.requestUpdate(); }}><summary>${words.draw}</summary>${this.url ? html`<img src=${this.url} alt=${(this.because ?? []).join('; ')}>` : nothing}</details>`;
  }
}
customElements.define('v-why-now', Why);
