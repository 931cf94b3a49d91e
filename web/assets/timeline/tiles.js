// @ts-check
// Motion, loudness and coverage in buckets: a pyramid of tiles of 1024 buckets each (docs/api.md, Timelines).
import { api } from '../core/api.js';
import { words } from '../core/strings-footage.js';
import { now } from '../core/time.js';

/** @type {[string, number][]} name and ms of a bucket */
const levels = [['1s', 1e3], ['10s', 10e3], ['1m', 60e3], ['10m', 600e3], ['1h', 3600e3]];
const buckets = 1024;
/** Finer than so many buckets in view is not asked for. */
const mostInView = 4500;
/** Tiles that are kept: 4 KB each. */
const most = 400;
/** The tile with now in it is asked for again after this many ms; others when they are a minute old. */
const againNow = 5e3, again = 60e3;

/** @typedef {{bytes: Uint8Array|undefined, asked: number, asking: Promise<void>|undefined, failed: number}} Tile */

export class Tiles {
  /** @param {string} camera @param {() => void} changed */
  constructor(camera, changed) {
    this.camera = camera;
    this.changed = changed;
    /** @type {Map<string, Tile>} */
    this.tiles = new Map();
  }

  /** What was deleted may be gone: everything is asked for again when it is looked at. */
  stale() {
    for (const tile of this.tiles.values()) tile.asked = 0;
  }

  /** The level for a span. @param {number} span ms */
  level(span) {
    const i = levels.findIndex(([, length]) => span / length <= mostInView);
    return i < 0 ? levels.length - 1 : i;
  }

  /**
   * Loads what a view needs; changed is called when something came.
   * @param {number} from @param {number} to @returns {number} the level
   */
  want(from, to) {
    const level = this.level(to - from);
    const length = levels[level][1] * buckets;
    for (let n = Math.floor(from / length); n * length < Math.min(to, now()); n++) this.#load(level, n);
    return level;
  }

  /** @param {number} level @param {number} number @returns {Promise<void>|undefined} when it is there; nothing is asked for twice */
  #load(level, number) {
    if (number < 0) return undefined;
    const key = `${levels[level][0]}/${number}`;
    let tile = this.tiles.get(key);
    if (!tile) this.tiles.set(key, tile = { bytes: undefined, asked: 0, asking: undefined, failed: 0 });
    const end = (number + 1) * levels[level][1] * buckets;
    const age = performance.now() - tile.asked;
    if (tile.asking || (tile.asked && age < (end > now() ? Math.max(againNow, levels[level][1] / 2) : again) * (1 + tile.failed))) return tile.asking;
    return tile.asking = this.#ask(tile, key);
  }

  /** @param {Tile} tile @param {string} key */
  async #ask(tile, key) {
    try {
      const answer = await api.bytes(`/cameras/${encodeURIComponent(this.camera)}/tiles/${key}`);
      tile.bytes = new Uint8Array(answer.bytes);
      tile.failed = 0;
    } catch {
      tile.failed = Math.min(12, tile.failed + 1);
    }
    tile.asking = undefined;
    tile.asked = performance.now();
    if (this.tiles.size > most) this.tiles.delete(this.tiles.keys().next().value ?? '');
    this.changed();
  }

  /**
   * The largest of each column of a view: motion, sound and coverage from 0 to 255, -1 where nothing is loaded.
   * @param {number} level @param {number} from @param {number} column ms of a column @param {Columns} out
   */
  columns(level, from, column, out) {
    const length = levels[level][1];
    const { motion, sound, coverage } = out;
    /** @type {Uint8Array|undefined} */
    let bytes;
    let number = NaN;
    for (let i = 0; i < motion.length; i++) {
      const first = Math.floor((from + i * column) / length);
      const last = Math.max(first, Math.ceil((from + (i + 1) * column) / length) - 1);
      let m = -1, s = -1, c = -1;
      for (let b = first; b <= last; b++) {
        const n = Math.floor(b / buckets);
        if (n !== number) {
          number = n;
          bytes = this.tiles.get(`${levels[level][0]}/${n}`)?.bytes;
        }
        if (!bytes) continue;
        const at = (b - n * buckets) * 4;
        if (bytes[at] > m) m = bytes[at];
        if (bytes[at + 1] > s) s = bytes[at + 1];
        if (bytes[at + 2] > c) c = bytes[at + 2];
      }
      if (m < 0 && level + 1 < levels.length) [m, s, c] = this.#coarser(level + 1, from + (i + 0.5) * column);
      motion[i] = m;
      sound[i] = s;
      coverage[i] = c;
    }
  }

  /** What is loaded of a coarser level is better than nothing. @param {number} level @param {number} ms @returns {[number, number, number]} */
  #coarser(level, ms) {
    for (let l = level; l < levels.length; l++) {
      const bucket = Math.floor(ms / levels[l][1]), n = Math.floor(bucket / buckets);
      const bytes = this.tiles.get(`${levels[l][0]}/${n}`)?.bytes;
      const at = (bucket - n * buckets) * 4;
      if (bytes) return [bytes[at], bytes[at + 1], bytes[at + 2]];
    }
    return [-1, -1, -1];
  }

  /** One bucket of a second, if it is loaded. @param {number} ms */
  second(ms) {
    const bucket = Math.floor(ms / 1000), n = Math.floor(bucket / buckets);
    const bytes = this.tiles.get(`1s/${n}`)?.bytes;
    const at = (bucket - n * buckets) * 4;
    return bytes && { motion: bytes[at], sound: bytes[at + 1], coverage: bytes[at + 2] };
  }

  /** The seconds of a tile, loaded if need be: for who looks for something in them. @param {number} number @returns {Promise<Uint8Array>} */
  async seconds(number) {
    await this.#load(0, number);
    const tile = this.tiles.get(`1s/${number}`);
    if (!tile?.bytes) throw new Error(words.noTile);
    return tile.bytes;
  }
}

/** @typedef {{motion: Int16Array, sound: Int16Array, coverage: Int16Array}} Columns */

/** @param {number} count @returns {Columns} */
export const columns = (count) => ({ motion: new Int16Array(count), sound: new Int16Array(count), coverage: new Int16Array(count) });
