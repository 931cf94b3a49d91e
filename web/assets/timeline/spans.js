// @ts-check
// What was recorded, gaps and events, exactly to the pixel, for what is in view and as much again to both sides.
import { api } from '../core/api.js';
import { iso, now } from '../core/time.js';

/**
 * @typedef {{from: number, to: number}} Span ms
 * @typedef {Span & {reason: string, count: number}} Gap
 * @typedef {Span & {id: number, kinds: string[], count: number}} Happening
 */

const refresh = 5e3;
/** One request takes 93 days. */
const most = 92 * 86400e3;

export class Spans {
  /** @param {string} camera @param {() => void} changed */
  constructor(camera, changed) {
    this.camera = camera;
    this.changed = changed;
    /** @type {Span[]} */
    this.recorded = [];
    /** @type {Span[]} Of what was recorded, what has fewer pictures now. */
    this.thinned = [];
    /** @type {Gap[]} */
    this.gaps = [];
    /** @type {Happening[]} */
    this.events = [];
    /** What is known. */
    this.from = 0;
    this.to = 0;
    this.res = Infinity;
    this.asked = 0;
    this.busy = false;
    this.failed = false;
    /** @type {{from: number, to: number, res: number}|undefined} the newest wish */
    this.wish = undefined;
  }

  stale() {
    this.asked = 0;
  }

  /** @param {number} from @param {number} to @param {number} res ms of a pixel */
  want(from, to, res) {
    const known = this.from <= from && (this.to >= Math.min(to, now() - 2 * refresh)) && this.res <= res * 1.5;
    const age = performance.now() - this.asked;
    if (known && this.asked && age < (to > now() - refresh ? Math.max(refresh, res) : 60e3)) return;
    if (this.failed && age < refresh) return;
    this.wish = { from, to, res };
    if (!this.busy) void this.#load();
  }

  async #load() {
    this.busy = true;
    while (this.wish) {
      const { from, to, res } = this.wish;
      this.wish = undefined;
      const more = Math.max(0, Math.min((to - from) / 2, (most - (to - from)) / 2));
      try {
        const query = { from: iso(Math.floor(from - more)), to: iso(Math.ceil(to + more)), res: Math.floor(res / 2) };
        const told = await api.get(`/cameras/${encodeURIComponent(this.camera)}/spans`, { query });
        this.recorded = told.recorded.map(span);
        this.thinned = told.thinned.map(span);
        this.gaps = told.gaps.map((/** @type {any} */ g) => ({ ...g, ...span(g) }));
        this.events = told.events.map((/** @type {any} */ e) => ({ ...e, ...span(e) }));
        [this.from, this.to, this.res] = [from - more, Math.max(Date.parse(told.to), Math.min(to + more, now())), res];
        this.failed = false;
      } catch {
        this.failed = true;
      }
      this.asked = performance.now();
      this.changed();
    }
    this.busy = false;
  }

  /** What is known of a moment. @param {number} ms @returns {Gap|'recorded'|undefined} */
  at(ms) {
    if (ms < this.from || ms > this.to) return undefined;
    return find(this.gaps, ms) ?? (find(this.recorded, ms) ? 'recorded' : undefined);
  }

  /** Where a finger near something should stop. @param {number} ms @param {number} within ms */
  snap(ms, within) {
    let best = ms, least = within;
    for (const at of [...this.events.map((e) => e.from), ...this.recorded.flatMap((r) => [r.from, r.to]), now()]) {
      if (Math.abs(at - ms) < least) [best, least] = [at, Math.abs(at - ms)];
    }
    return best;
  }
}

/** @param {{from: string, to: string}} s */
const span = (s) => ({ from: Date.parse(s.from), to: Date.parse(s.to) });

/** @template {Span} T @param {T[]} list in order @param {number} ms @returns {T|undefined} */
export function find(list, ms) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].from <= ms) low = middle + 1; else high = middle;
  }
  const found = list[low - 1];
  return found && ms < found.to ? found : undefined;
}
