// @ts-check
// The picture that zones are drawn on, now or of a moment in the past, with what moves in it.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { View } from '../core/dom.js';
import { age, live } from '../core/live.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-zones.js';
import { format } from '../core/time.js';
import { text } from '../player/stamp.js';
import { lastPicture } from '../wall/still.js';
import { judge, needOf, partOf } from './judge.js';
import { decodeTrack } from './track.js';

/** @typedef {import('./judge.js').Settings} Settings */
/** @typedef {{at: number, change: import('./track.js').Change, light: boolean, largest: number}} Look at: performance.now(); largest: as the settings say that are tried */

const rate = 8; // pictures a second
const minute = 60e3;
const dead = 15_000, blind = 3000; // ms

/** Properties: camera, at (µs of the picture; 0: live), settings (that are tried). The looks of the last minute are told as the event tuner-look. */
class Stage extends View {
  static properties = { camera: {}, at: { type: Number }, settings: { attribute: false }, trouble: { state: true } };
  constructor() {
    super();
    this.camera = '';
    this.at = 0;
    /** @type {Settings|undefined} */
    this.settings = undefined;
    /** @type {Look[]} */
    this.looks = [];
    this.trouble = '';
    this.pictured = 0; // ms: capture time of the live picture
    this.shown = '';
    /** @type {{key: string, need: Uint8Array}} */
    this.needs = { key: '', need: new Uint8Array(0) };
    this.tried = '';
    /** @type {(() => void)|undefined} */
    this.unwatch = undefined;
    this.since = performance.now();
  }

  connectedCallback() {
    super.connectedCallback();
    this.every(1000);
    this.until(() => { this.unwatch?.(); this.unwatch = undefined; this.shown = ''; });
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    for (const c of this.querySelectorAll('canvas')) c.width = c.height = 0;
  }

  /** @returns {HTMLCanvasElement|null} */
  get picture() { return this.querySelector('canvas.tn-picture'); }

  updated() {
    const what = `${this.camera} ${this.at}`;
    if (what !== this.shown) {
      this.shown = what;
      this.unwatch?.();
      this.unwatch = undefined;
      this.trouble = '';
      this.clear();
      this.pictured = 0; // what stands there is of another camera or time
      this.looks = [];
      if (!this.at) this.blank();
      if (this.at) void this.still(what);
      else {
        this.since = performance.now();
        this.unwatch = live.watch(this.camera, { fps: rate, motion: true }, (jpeg, us) => this.paint(jpeg, us), undefined, (grid) => this.look(grid));
        setTimeout(() => this.last(what), 1500);
      }
    }
    const tried = JSON.stringify(this.settings);
    if (tried !== this.tried && this.settings) {
      this.tried = tried;
      this.needs.key = '';
      for (const l of this.looks) l.largest = this.verdict(l.change)?.largest ?? 0;
      if (!this.at && this.looks.length) this.draw(this.looks[this.looks.length - 1]);
    }
  }

  /** @param {string} what */
  async still(what) {
    try {
      const { bytes } = await api.bytes(`/cameras/${this.camera}/frame.jpg`, { query: { at: text(this.at) } });
      if (this.shown === what) await this.paint(new Uint8Array(bytes), this.at);
    } catch {
      if (this.shown !== what) return;
      this.blank();
      this.trouble = words.gone;
    }
  }

  /** Of a camera that sends nothing, the picture that came last. @param {string} what */
  async last(what) {
    const c = store.camera(this.camera);
    if (this.pictured || this.shown !== what || !c || !this.isConnected) return;
    const still = await lastPicture(c);
    if (still && !this.pictured && this.shown === what) await this.paint(still.jpeg, still.us);
  }

  /** @param {Uint8Array<ArrayBuffer>} jpeg @param {number} us */
  async paint(jpeg, us) {
    const what = this.shown, bitmap = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' })).catch(() => undefined), canvas = this.picture;
    if (bitmap && canvas && what === this.shown && !(this.at && us !== this.at)) {
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      canvas.getContext('2d', { alpha: false })?.drawImage(bitmap, 0, 0);
      if (!this.pictured) this.requestUpdate();
      this.pictured = us / 1000;
      this.dataset.us = String(us);
    }
    bitmap?.close();
  }

  /** @param {Uint8Array} body of a grid: three parts, flags, the record */
  look(body) {
    const change = decodeTrack(body.subarray(7));
    if (!change) return;
    const now = performance.now();
    const look = { at: now, change, light: (body[6] & 4) !== 0, largest: this.verdict(change)?.largest ?? 0 };
    this.looks.push(look);
    while (this.looks[0].at < now - minute) this.looks.shift();
    this.dataset.grids = String(Number(this.dataset.grids || 0) + 1);
    this.draw(look);
    this.dispatchEvent(new CustomEvent('tuner-look', { detail: this.looks }));
  }

  /** @param {import('./track.js').Change} change */
  verdict(change) {
    const s = this.settings, key = `${change.width}×${change.height}`;
    if (!s || !change.width) return undefined;
    if (this.needs.key !== key) this.needs = { key, need: needOf(s, change.width, change.height) };
    return judge(change, this.needs.need, partOf(s.min_size));
  }

  /** Takes the picture away. */
  blank() {
    const canvas = this.picture;
    if (canvas) canvas.width = canvas.width;
    delete this.dataset.us;
    this.requestUpdate();
  }
  clear() { this.grid?.getContext('2d')?.clearRect(0, 0, 1e4, 1e4); }
  /** @returns {HTMLCanvasElement|null} */
  get grid() { return this.querySelector('canvas.tn-grid'); }

  /** Cells as strong as they changed, with a line around those that count. @param {Look} look */
  draw({ change }) {
    const canvas = this.grid, pen = canvas?.getContext('2d');
    if (!canvas || !pen || this.at) return;
    const { width, height, levels } = change, cell = 8;
    if (width && (canvas.width !== width * cell || canvas.height !== height * cell)) [canvas.width, canvas.height] = [width * cell, height * cell];
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const counts = this.verdict(change)?.cells;
    for (let i = 0; i < levels.length; i++) {
      if (!levels[i]) continue;
      pen.fillStyle = `rgb(242 193 78 / ${(0.08 + 0.05 * levels[i]).toFixed(2)})`;
      pen.fillRect((i % width) * cell, Math.floor(i / width) * cell, cell, cell);
    }
    if (!counts) return;
    pen.fillStyle = '#FFE08A';
    for (let i = 0; i < counts.length; i++) {
      if (!counts[i]) continue;
      const x = i % width, y = Math.floor(i / width);
      if (!x || !counts[i - 1]) pen.fillRect(x * cell - 1, y * cell, 2, cell);
      if (x === width - 1 || !counts[i + 1]) pen.fillRect(x * cell + cell - 1, y * cell, 2, cell);
      if (!y || !counts[i - width]) pen.fillRect(x * cell, y * cell - 1, cell, 2);
      if (y === height - 1 || !counts[i + width]) pen.fillRect(x * cell, y * cell + cell - 1, cell, 2);
    }
  }

  /** What is to be said about the picture; '': nothing. */
  word() {
    if (this.trouble) return this.trouble;
    if (this.at) return '';
    const c = store.camera(this.camera), old = this.pictured ? age(this.pictured) : Infinity;
    if (c && !c.online && old > dead) return this.pictured || c.last_seen ? words.offline(c.last_seen ? format(Date.parse(c.last_seen), 'datetime') : '') : words.noPicture;
    if (!this.pictured) return performance.now() - this.since > 2000 ? words.noPicture : '';
    const looked = this.looks[this.looks.length - 1]?.at ?? this.since;
    return performance.now() - looked > blind && old < blind ? words.noLook : '';
  }

  render() {
    const word = this.word(), grey = !this.at && this.pictured > 0 && age(this.pictured) > dead;
    this.className = `tn-stage${grey ? ' grey' : ''}`;
    return html`<canvas class="tn-picture" width="640" height="480" aria-hidden="true"></canvas><canvas class="tn-grid" width="640" height="480" role="img" aria-label=${words.grid} ?hidden=${!!this.at}></canvas>
      ${word ? html`<p class="tn-word" role="status">${word}</p>` : nothing}`;
  }
}
customElements.define('v-stage', Stage);
