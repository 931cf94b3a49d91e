// @ts-check
// What is kept of a camera, for the rail on top of the lanes.
import { api } from '../core/api.js';
import { iso, now } from '../core/time.js';

/** @typedef {{id: number, from: number, to: number, note: string, until: number|undefined, who: string, bytes: number}} Keep ms */

const refresh = 30e3;

export class Keeps {
  /** @param {string} camera @param {() => void} changed */
  constructor(camera, changed) {
    this.camera = camera;
    this.changed = changed;
    /** Those in force, by their begin. @type {Keep[]} */
    this.list = [];
    this.from = this.to = this.asked = 0;
    this.busy = this.old = false;
  }

  /** What is on its way already may be of before. */
  stale() {
    this.asked = 0;
    this.old = this.busy;
  }

  /** @param {number} from @param {number} to */
  want(from, to) {
    const known = this.asked && this.from <= from && this.to >= to;
    if (this.busy || (known && performance.now() - this.asked < refresh)) return;
    if (!known && this.asked && performance.now() - this.asked < 300) return; // a drag asks once in a while
    void this.#load(from - (to - from), to + (to - from));
  }

  /** @param {number} from @param {number} to */
  async #load(from, to) {
    this.busy = true;
    try {
      const told = await api.list('/keeps', 'keeps', { query: { camera: this.camera, from: iso(Math.floor(from)), to: iso(Math.ceil(to)) } }, 4);
      this.list = told.filter((k) => k.in_force).map((k) => ({ ...k, from: Date.parse(k.from), to: Date.parse(k.to), until: k.until ? Date.parse(k.until) : undefined }));
      [this.from, this.to] = [from, to];
    } catch { /* what was known stays; it is asked again */ }
    this.asked = this.old ? 0 : performance.now();
    this.busy = this.old = false;
    this.changed();
  }

  /** The keep at a moment, and within so many ms beside it. @param {number} ms @param {number} within */
  at(ms, within) {
    return this.list.find((k) => k.from - within <= ms && ms < k.to + within && (k.until ?? Infinity) > now());
  }
}
