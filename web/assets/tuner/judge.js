// @ts-check
// What settings make of a change, as recorder/motion/judge.go does: so that a slider shows at once what it does.
import { holds } from './polygon.js';

/**
 * @typedef {import('./polygon.js').Point} Point
 * @typedef {{name?: string, kind: 'include'|'exclude', points: Point[], sensitivity?: number}} Zone
 * @typedef {{sensitivity: number, min_size: string, hold: string, zones: Zone[]}} Settings as the API has them
 * @typedef {{largest: number, motion: boolean, cells: Uint8Array}} Verdict largest: the largest thing, a part of the picture; cells: 1 of those that count
 */

const unseen = 11, most = 10;

/** "0.2%" as a part of the picture. @param {string} size */
export const partOf = (size) => Number.parseFloat(size) / 100;

/** The level that each cell of a grid needs to count. @param {Settings} s @param {number} width @param {number} height @returns {Uint8Array} */
export function needOf(s, width, height) {
  const need = new Uint8Array(width * height), own = 11 - s.sensitivity;
  const included = s.zones.filter((z) => z.kind === 'include'), excluded = s.zones.filter((z) => z.kind === 'exclude');
  for (let i = 0; i < need.length; i++) {
    /** @type {Point} */
    const middle = [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height];
    let n = included.length ? unseen : own;
    for (const z of included) if (holds(z.points, middle)) n = z.sensitivity ? 11 - Math.min(most, z.sensitivity) : own;
    need[i] = excluded.some((z) => holds(z.points, middle)) ? unseen : n;
  }
  return need;
}

/**
 * @param {import('./track.js').Change} change @param {Uint8Array} need of its grid @param {number} size how large a thing must be, a part of the picture
 * @returns {Verdict}
 */
export function judge({ width, height, levels }, need, size) {
  const all = width * height, cells = new Uint8Array(all), least = Math.max(1, Math.floor(Math.min(1, size) * all + 0.5));
  const solid = new Uint8Array(all);
  const each = (/** @type {number} */ i, /** @type {(n: number) => void} */ fn) => {
    const x = i % width, y = (i - x) / width;
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) if (u !== x || v !== y) fn(v * width + u);
    }
  };
  // Grain, snow and insects come in ones and twos: a cell counts with two neighbours.
  for (let i = 0; i < all; i++) {
    if (levels[i] < need[i] || !levels[i]) continue;
    let n = 0;
    each(i, (k) => { if (levels[k] && levels[k] >= need[k]) n++; });
    if (n >= 2) solid[i] = 1;
  }
  let largest = 0;
  for (let i = 0; i < all; i++) {
    if (solid[i] !== 1) continue;
    const region = [i];
    solid[i] = 2;
    for (let k = 0; k < region.length; k++) each(region[k], (n) => { if (solid[n] === 1) { solid[n] = 2; region.push(n); } });
    largest = Math.max(largest, region.length);
    if (region.length >= least) for (const n of region) cells[n] = 1;
  }
  return { largest: all ? largest / all : 0, motion: largest >= least, cells };
}
