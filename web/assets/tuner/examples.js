// @ts-check
// Pictures of this camera that show what a slider means: what just counts at its place, and what just does not.
import { api } from '../core/api.js';
import { micros, text } from '../player/stamp.js';
import { replay } from './effect.js';

/** @typedef {{us: number, size: number, needs: number, box: {x: number, y: number, width: number, height: number}}} Example us: capture time; size: largest part of the picture that moved, needs: the lowest sensitivity that sees it */
/** @typedef {{inside?: Example, outside?: Example}} Pair */

const most = 8; // events that are asked about
const least = '0.05%'; // as small as things are looked for

/** Looks for examples among all that moved, by the highest sensitivity. @param {string} camera @param {number} from ms @param {number} to ms @param {AbortSignal} signal @returns {Promise<Example[]>} */
export async function gather(camera, from, to, signal) {
  const all = (await replay(camera, { sensitivity: 10, min_size: least, zones: [] }, from, to, signal)).events.filter((e) => e.kind === 'motion').sort((a, b) => a.peak - b.peak);
  const some = all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]);
  /** @type {Example[]} */
  const examples = [];
  for (const e of some) {
    const why = await api.get(`/cameras/${camera}/motion/why.json`, { query: { at: text(micros(e.peak_at)), min_size: least, zones: '[]' }, signal }).catch(() => undefined);
    signal.throwIfAborted();
    const [x, y, width, height] = e.box;
    if (why) examples.push({ us: micros(e.peak_at), size: e.peak, needs: why.sensitivity_needed || 11, box: { x, y, width, height } });
  }
  return examples;
}

/** @param {Example[]} all @param {number} size that counts, a part of the picture @returns {Pair} */
export function bySize(all, size) {
  const sorted = [...all].sort((a, b) => a.size - b.size);
  return { inside: sorted.find((e) => e.size >= size), outside: sorted.findLast((e) => e.size < size) };
}

/** @param {Example[]} all @param {number} sensitivity @returns {Pair} */
export function byStrength(all, sensitivity) {
  const sorted = [...all].sort((a, b) => a.needs - b.needs);
  return { inside: sorted.findLast((e) => e.needs <= sensitivity), outside: sorted.find((e) => e.needs > sensitivity) };
}
