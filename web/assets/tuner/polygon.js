// @ts-check
// What polygons need, in parts of the picture: 0, 0 is its upper left corner. Pure. What is measured by eye and finger is in pixels of
// the picture as it is shown, so the size is told.

/** @typedef {[number, number]} Point @typedef {{width: number, height: number}} Size px */

const snapWithin = 8, straightWithin = 3; // px

/** @param {Point} a @param {Point} b @param {Point} p above 0 on one side of the line, below on the other */
const side = (a, b, p) => (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
/** @param {number} a @param {number} b */
const apart = (a, b) => (a > 0 && b < 0) || (a < 0 && b > 0);
/** @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
const lines = (a, b, c, d) => apart(side(a, b, c), side(a, b, d)) && apart(side(c, d, a), side(c, d, b));

/**
 * Two edges that cross, by the corners that they begin at; as recorder/motion/cross.go. @param {Point[]} points
 * @param {boolean} [open] the last corner is not joined to the first yet @returns {[number, number]|undefined}
 */
export function crosses(points, open = false) {
  const n = points.length, edges = open ? n - 1 : n;
  for (let a = 0; a < edges; a++) {
    for (let b = a + 2; b < edges; b++) if (lines(points[a], points[a + 1], points[b], points[(b + 1) % n])) return [a, b];
  }
  return undefined;
}

/** As it is kept: in the picture, to a ten-thousandth. @param {number} v */
const tidy = (v) => Math.round(Math.min(1, Math.max(0, v)) * 1e4) / 1e4;

/** A place in the picture, on its edge where that is near. @param {Point} p @param {Size} size @returns {Point} */
export function snap([x, y], { width, height }) {
  const near = (/** @type {number} */ v, /** @type {number} */ all) => (v * all <= snapWithin ? 0 : (1 - v) * all <= snapWithin ? 1 : tidy(v));
  return [near(x, width), near(y, height)];
}

/** Moves a corner, and leaves it in the picture. @param {Point} p @param {number} dx @param {number} dy @returns {Point} */
export const nudge = ([x, y], dx, dy) => [tidy(x + dx), tidy(y + dy)];

/** How far apart two places are, in px. @param {Point} a @param {Point} b @param {Size} size */
export const distance = (a, b, { width, height }) => Math.hypot((a[0] - b[0]) * width, (a[1] - b[1]) * height);

/** The nearest of some points. @param {Point[]} points @param {Point} p @param {Size} size @returns {{index: number, px: number}} index −1: there are none */
export function nearest(points, p, size) {
  let index = -1, px = Infinity;
  points.forEach((q, i) => {
    const d = distance(p, q, size);
    if (d < px) [index, px] = [i, d];
  });
  return { index, px };
}

/** The middle of each edge. @param {Point[]} points @returns {Point[]} */
export const middles = (points) => points.map((a, i) => {
  const b = points[(i + 1) % points.length];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
});

/** Without corners that bend nothing: nearer than 3 px to the line between their neighbours. Three stay. @param {Point[]} points @param {Size} size @returns {Point[]} */
export function straighten(points, size) {
  const left = [...points];
  for (let i = 0; i < left.length && left.length > 3;) {
    const a = left[(i + left.length - 1) % left.length], b = left[(i + 1) % left.length];
    if (offLine(left[i], a, b, size) < straightWithin) left.splice(i, 1);
    else i++;
  }
  return left;
}

/** @param {Point} p @param {Point} a @param {Point} b @param {Size} size */
function offLine(p, a, b, size) {
  const [px, py] = [(p[0] - a[0]) * size.width, (p[1] - a[1]) * size.height], [bx, by] = [(b[0] - a[0]) * size.width, (b[1] - a[1]) * size.height];
  const along = Math.min(1, Math.max(0, (px * bx + py * by) / (bx * bx + by * by || 1)));
  return Math.hypot(px - along * bx, py - along * by);
}

/** A place is within: an odd number of edges is on its right. @param {Point[]} points @param {Point} p */
export function holds(points, [x, y]) {
  let within = false;
  points.forEach(([ax, ay], i) => {
    const [bx, by] = points[(i + 1) % points.length];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) within = !within;
  });
  return within;
}

/** Where a name stands: the middle of the corners. @param {Point[]} points @returns {Point} */
export const middle = (points) => [points.reduce((n, p) => n + p[0], 0) / points.length, points.reduce((n, p) => n + p[1], 0) / points.length];
