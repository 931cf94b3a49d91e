// @ts-check
// The steps of the sliders: numbers that people choose, and the value that is in force among them.
import { words } from '../../core/strings-storage.js';
import { bytes } from '../../core/time.js';

/** @typedef {string|null} Value as a setting takes it; '': no limit; null: of a camera, as all */

const units = { TB: 1e12, GB: 1e9, MB: 1e6, kB: 1e3, KB: 1e3, B: 1, TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20, KiB: 1024 };
const times = { w: 7 * 86400, d: 86400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** @param {string} text "64GB" or "5%" @param {number} disk bytes of the whole disk */
export function sizeOf(text, disk) {
  const m = /^([\d.]+)(%|[A-Za-z]+)$/.exec(text);
  if (!m) return Infinity;
  return m[2] === '%' ? (Number(m[1]) * disk) / 100 : Number(m[1]) * (/** @type {any} */ (units)[m[2]] || NaN);
}

/** @param {string} text "14d", "1w2d" @returns {number} s */
export const ageOf = (text) => [...text.matchAll(/(\d+)(ms|[wdhms])/g)].reduce((n, m) => n + Number(m[1]) * /** @type {any} */ (times)[m[2]], 0) || Infinity;

/** @param {string} key */
const isAge = (key) => key === 'retention.max_age' || key === 'retention.event_age';

/** 1, 2, 3, 5, 7 of each power of ten up to a disk's size. @param {number} disk */
function sizes(disk) {
  const all = [];
  for (let power = 1e7; power < disk; power *= 10) for (const n of [1, 1.5, 2, 3, 5, 7]) if (n * power < disk) all.push(n * power);
  return all.slice(-24).map((n) => (n >= 1e12 && n % 1e12 === 0 ? `${n / 1e12}TB` : n >= 1e9 && n % 1e9 === 0 ? `${n / 1e9}GB` : `${n / 1e6}MB`));
}

/**
 * The steps of a slider, the least first, with the value in force at its place.
 * @param {string} key @param {Value} value in force @param {number} disk bytes @param {boolean} own of a camera: null is the first step
 * @returns {Value[]}
 */
export function steps(key, value, disk, own) {
  const age = isAge(key), order = age ? ageOf : (/** @type {string} */ text) => sizeOf(text, disk);
  /** @type {string[]} */
  const list = age ? [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365].map((n) => `${n}d`)
    : key === 'retention.min_free' ? [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50].map((n) => `${n}%`) : sizes(disk);
  if (key === 'retention.event_age') list.unshift('');
  else if (key === 'retention.min_free') { if (value === '') list.unshift(''); } else list.push('');
  if (value && !list.includes(value)) {
    const at = list.findIndex((s) => s && order(s) > order(value));
    list.splice(at < 0 ? list.length - (list.at(-1) === '' ? 1 : 0) : at, 0, value);
  }
  return own ? [null, ...list] : list;
}

/** A step in words. @param {string} key @param {Value} value @param {Value} all what holds for all cameras @param {number} disk @returns {string} */
export function stepText(key, value, all, disk) {
  if (value === null) return words.asAll(key === 'retention.max_size' ? words.noLimit : stepText(key, all ?? '', '', disk));
  if (!value) return key === 'retention.event_age' ? words.noDifference : words.noLimit;
  if (isAge(key)) return ageOf(value) % 86400 ? value : words.daysValue(ageOf(value) / 86400);
  return value.endsWith('%') ? `${value} (${bytes(sizeOf(value, disk))})` : bytes(sizeOf(value, disk));
}
