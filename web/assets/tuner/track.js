// @ts-check
// The record that the recorder writes of what changed in a picture: recorder/motion/track.go, AppendTrack.

/** @typedef {{width: number, height: number, levels: Uint8Array}} Change levels: 0 to 10 a cell, row by row; level n is seen by a sensitivity of 11 − n and more */

const version = 1, standing = 2, unseen = 4, doubled = 8, mostCells = 1 << 16;

/**
 * Reads a record. @param {Uint8Array} record @returns {Change|undefined} undefined: none that this page can read. Of an empty one,
 * in which nothing changed, width and height are 0
 */
export function decodeTrack(record) {
  const nothing = { width: 0, height: 0, levels: new Uint8Array(0) };
  if (!record.length) return nothing;
  const flags = record[0] & 15;
  if (record[0] >> 4 !== version) return undefined;
  if (flags & unseen) return nothing;
  let at = 1;
  const number = () => {
    for (let v = 0, scale = 1; at < record.length && scale < 2 ** 35; scale *= 128) {
      const b = record[at++];
      v += (b & 127) * scale;
      if (b < 128) return v;
    }
    return NaN;
  };
  const [width, height, left, top, wide, high] = [number(), number(), number(), number(), number(), number()];
  if (!(width * height <= mostCells && left + wide <= width && top + high <= height)) return undefined;
  if (flags & standing) {
    const tiles = number();
    if (!(tiles <= mostCells)) return undefined;
    for (let i = 0; i < tiles; i++) if (Number.isNaN(number())) return undefined;
  }
  const levels = new Uint8Array(width * height);
  const step = flags & doubled ? 2 : 1, rows = Math.ceil(high / step);
  const part = runs(record, at * 8, wide * rows);
  if (!part) return undefined;
  for (let y = 0; y < high; y++) {
    const row = Math.floor(y / step) * wide;
    levels.set(part.subarray(row, row + wide), (top + y) * width + left);
  }
  return { width, height, levels };
}

/** Reads runs from a bit on. @param {Uint8Array} bytes @param {number} at @param {number} cells @returns {Uint8Array|undefined} */
function runs(bytes, at, cells) {
  const part = new Uint8Array(cells), end = bytes.length * 8;
  const bit = () => (at < end ? (bytes[at >> 3] >> (7 - (at++ & 7))) & 1 : NaN);
  const bits = (/** @type {number} */ n) => { let v = 0; while (n-- > 0) v = v * 2 + bit(); return v; };
  // The first run is of zeros, may be empty, and is told plus one.
  for (let cell = -1, level = 0; cells > 0;) {
    const low = level ? 0 : 1;
    let zeros = 0;
    for (let b = bit(); b !== 1; b = bit()) if (Number.isNaN(b) || ++zeros > 20) return undefined;
    const length = 2 ** (zeros + low) + bits(zeros + low) - low; // less one by the code, plus one for itself; zeros have a bit more below
    const to = cell + length;
    if (!(to <= cells)) return undefined;
    if (level) part.fill(level, Math.max(0, cell), to);
    cell = to;
    if (cell === cells) break;
    let place = bits(3);
    if (place >= 6) place = place * 2 + bit() - 6;
    if (Number.isNaN(place)) return undefined;
    level = place < level ? place : place + 1;
  }
  return part;
}
