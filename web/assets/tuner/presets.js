// @ts-check
// Where people begin: settings for places, zones for parts of the picture, and the sizes that the slider goes through.

/** @typedef {import('./judge.js').Settings} Settings @typedef {import('./judge.js').Zone} Zone */

/** @type {Record<'indoor'|'doorway'|'yard'|'road', Partial<Settings>>} */
export const places = {
  indoor: { sensitivity: 5, min_size: '0.5%', hold: '2s' },
  doorway: { sensitivity: 5, min_size: '1%', hold: '4s' },
  yard: { sensitivity: 4, min_size: '0.3%', hold: '5s' },
  road: { sensitivity: 4, min_size: '0.5%', hold: '2s' }, // with the upper third left out, where the road is
};

/** @param {number} left @param {number} top @param {number} right @param {number} bottom @returns {import('./polygon.js').Point[]} */
const box = (left, top, right, bottom) => [[left, top], [right, top], [right, bottom], [left, bottom]];
const third = 0.3333, thirds = 0.6667, strip = 0.08;

/** Parts of the picture. @type {Record<string, import('./polygon.js').Point[]>} */
export const parts = {
  whole: box(0, 0, 1, 1), left: box(0, 0, 0.5, 1), right: box(0.5, 0, 1, 1), top: box(0, 0, 1, 0.5), bottom: box(0, 0.5, 1, 1),
  left3: box(0, 0, third, 1), middle3: box(third, 0, thirds, 1), right3: box(thirds, 0, 1, 1), top3: box(0, 0, 1, third), bottom3: box(0, thirds, 1, 1),
};
/** Where a camera writes its clock into the picture: what changes there each second moves nowhere. @type {Record<'clockTop'|'clockBottom', import('./polygon.js').Point[]>} */
export const clocks = { clockTop: box(0, 0, 1, strip), clockBottom: box(0, 1 - strip, 1, 1) };
/** In the middle, to be shaped by keys or finger. */
export const square = box(0.35, 0.3, 0.65, 0.7);

/** Sizes of the slider, in percent of the picture. */
export const sizes = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50];

/** The step of the slider that is nearest to a size. @param {number} percent */
export function stepOf(percent) {
  let best = 0;
  sizes.forEach((s, i) => { if (Math.abs(Math.log(s / percent)) < Math.abs(Math.log(sizes[best] / percent))) best = i; });
  return best;
}

/** How far away a person is who is so large: 0.2 % is one at 15 m (docs/motion.md). @param {number} percent @returns {number} m */
export const metres = (percent) => 15 * Math.sqrt(0.2 / percent);
