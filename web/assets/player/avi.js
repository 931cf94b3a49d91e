// @ts-check
// An MJPEG AVI that somebody opened from his own disk, as a source like the recorder's. Times follow from
// the constant tick of the format; docs/storage.md tells what stands in files of ours.
import { micros } from './stamp.js';

/** @typedef {{begin: number, end: number, rows: [string, number, number, number, number][]}} Contents */

/**
 * @param {File} file
 * @returns {import('./index.js').Source & {contents: () => Promise<Contents>}}
 */
export function local(file) {
  /** @type {Promise<Contents>|undefined} */
  let read;
  const contents = () => (read ??= parse(file));
  return {
    contents,
    async rows(from, to) {
      const { rows } = await contents();
      return { rows: rows.filter((r) => r[3] >= from && r[3] < to), now: 1e15 * 8 };
    },
    async bytes(_, first, end) {
      return new Uint8Array(await file.slice(first, end).arrayBuffer());
    },
    async spans() {
      const { begin, end } = await contents();
      return { recorded: [[begin, end]], gaps: [] };
    },
  };
}

/** Reads small pieces of a file without a request for each. */
class Window {
  /** @param {Blob} file */
  constructor(file) {
    this.file = file;
    this.from = 0;
    this.view = new DataView(new ArrayBuffer(0));
  }

  /** @param {number} at @param {number} size @returns {Promise<DataView|undefined>} undefined behind the end */
  async at(at, size) {
    if (at + size > this.file.size) return undefined;
    if (at < this.from || at + size > this.from + this.view.byteLength) {
      this.from = at;
      this.view = new DataView(await this.file.slice(at, at + Math.max(size, 1 << 20)).arrayBuffer());
    }
    return new DataView(this.view.buffer, at - this.from, size);
  }
}

/** @param {DataView} view @param {number} at */
const four = (view, at) => String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

/** @param {File} file @returns {Promise<Contents>} */
export async function parse(file) {
  const window = new Window(file);
  const head = await window.at(0, 12);
  if (!head || four(head, 0) !== 'RIFF' || four(head, 8) !== 'AVI ') throw new Error('this is no AVI file');
  let tick = 100e3, begin = 0, ticks = 0, heard = 0, bytesASecond = 0;
  /** @type {string[]} kind of each stream */
  const streams = [];
  /** @type {[string, number, number, number, number][]} */
  const rows = [];
  for (let at = 12; ;) {
    const chunk = await window.at(at, 8);
    if (!chunk) break; // the end, or one that a crash cut off
    const id = four(chunk, 0), size = chunk.getUint32(4, true), body = at + 8;
    if (id === 'LIST' || id === 'RIFF') {
      at = body + 4; // what is in it comes next
      continue;
    }
    if (id === 'avih') tick = (await window.at(body, 4))?.getUint32(0, true) || tick;
    if (id === 'strh') {
      const strh = await window.at(body, 8);
      streams.push(strh ? four(strh, 0) : '');
      if (strh && four(strh, 0) === 'vids' && !['MJPG', 'mjpg'].includes(four(strh, 4))) throw new Error(`its pictures are ${four(strh, 4)}, not MJPG`);
    }
    if (id === 'strf' && streams.at(-1) === 'auds') {
      const strf = await window.at(body, 16);
      if (strf && strf.getUint16(0, true) === 6 && strf.getUint16(2, true) === 1) bytesASecond = strf.getUint32(4, true); // A-law alone is heard
    }
    if (id === 'ICRD') begin = Math.max(0, micros(text((await window.at(body, Math.min(size, 40))) ?? new DataView(new ArrayBuffer(0))))) || 0;
    const stream = streams[Number(id.slice(0, 2))];
    if (stream === 'vids' && /^..d[cb]$/.test(id)) {
      if (size) rows.push([file.name, body, size, begin + ticks * tick, 0]);
      ticks++;
    }
    if (stream === 'auds' && id.endsWith('wb') && bytesASecond === 8000) {
      rows.push([file.name, body, size, begin + Math.round(heard * 125), 1]);
      heard += size;
    }
    at = body + size + (size & 1);
  }
  if (!rows.some((r) => r[4] === 0)) throw new Error('there is no picture in it');
  rows.sort((a, b) => a[3] - b[3]);
  return { begin, end: begin + ticks * tick, rows };
}

/** @param {DataView} view */
function text(view) {
  let s = '';
  for (let i = 0; i < view.byteLength && view.getUint8(i); i++) s += String.fromCharCode(view.getUint8(i));
  return s;
}
