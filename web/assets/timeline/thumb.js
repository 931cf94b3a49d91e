// @ts-check
// A small picture of a moment, fetched when it comes into view, with what moved outlined.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { text } from '../player/stamp.js';

const seen = new IntersectionObserver((entries) => {
  for (const e of entries) /** @type {Thumb} */ (e.target).near(e.isIntersecting);
}, { rootMargin: '300px' });

/** Properties: camera, us, box ({x, y, width, height}, 0 to 1), full (as large as it was captured), label (what it is of, for who cannot see it), none (what is said where there is no picture). */
class Thumb extends View {
  static properties = { camera: {}, us: { type: Number }, box: { attribute: false }, full: { type: Boolean }, label: {}, none: {}, url: { state: true }, failed: { state: true } };

  constructor() {
    super();
    this.camera = '';
    this.us = 0;
    /** @type {{x: number, y: number, width: number, height: number}|undefined} */
    this.box = undefined;
    this.full = this.failed = false;
    this.label = this.none = this.url = '';
    this.is = '';
  }

  connectedCallback() {
    super.connectedCallback();
    seen.observe(this);
    this.until(live.onAfresh(() => { if (this.failed && this.is) void this.#load(this.is); })); // the recorder was away, and is back
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    seen.unobserve(this);
    this.near(false);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!this.is || !(changed.has('camera') || changed.has('us')) || this.is === `${this.camera} ${this.us}`) return;
    this.near(false);
    this.near(true);
  }

  /** Many cards keep few pictures: those that were scrolled away are dropped. @param {boolean} is */
  near(is) {
    const what = `${this.camera} ${this.us}`;
    if (is && this.is !== what) void this.#load(what);
    if (!is && this.is) {
      this.stop?.abort();
      if (this.url) URL.revokeObjectURL(this.url);
      this.url = this.is = '';
    }
  }

  /** @param {string} what */
  async #load(what) {
    this.is = what;
    this.failed = false;
    const stop = this.stop = new AbortController();
    try {
      const { bytes } = await api.bytes(`/cameras/${encodeURIComponent(this.camera)}/${this.full ? 'frame' : 'thumb'}.jpg`, { query: { at: text(this.us) }, signal: stop.signal });
      if (this.is === what) this.url = URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' }));
    } catch {
      if (!stop.signal.aborted) this.failed = true;
    }
  }

  render() {
    const b = this.box, percent = (/** @type {number} */ n) => `${(n * 100).toFixed(1)}%`;
    return html`<div class="ev-picture">${this.url ? html`<img src=${this.url} alt=${this.label}>` : !this.failed ? nothing : this.none ? html`<span class="ev-none">${this.none}</span>` : icon('hidden')}
      ${b && this.url ? html`<div class="tl-box" .style=${`left:${percent(b.x)};top:${percent(b.y)};width:${percent(b.width)};height:${percent(b.height)}`}></div>` : nothing}</div>`;
  }
}

customElements.define('v-thumb', Thumb);
