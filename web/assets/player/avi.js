// @ts-check
// An MJPEG AVI that somebody opened from his own disk, as a source like the recorder's. Times follow from
// the constant tick of the format; docs/storage.md tells what stands in files of ours.
import { words } from '../core/strings-player.js';
import { micros } from './stamp.js';
import { voice } from './voice.js';

/** @typedef {{begin: number, end: number, dated: boolean, rows: [string, number, number, number, number][], voice?: import('./voice.js').Voice}} Contents dated: it says when it begins */

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
    voice: async () => (await contents()).voice,
    async frames(from, to, step, signal, each) {
      const pictures = (await contents()).rows.filter((r) => !r[4] && r[3] >= from && r[3] < to);
      for (let i = 0; i < pictures.length && !signal.aborted; i += step) {
        const [, offset, size, us] = pictures[i];
        await each(us, new Uint8Array(await file.slice(offset, offset + size).arrayBuffer()));
      }
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
  if (!head || four(head, 0) !== 'RIFF' || four(head, 8) !== 'AVI ') throw new Error(words.noAVI);
  let tick = 100e3, begin = NaN, ticks = 0, heard = 0;
  /** @type {import('./voice.js').Voice|undefined} */
  let spoken;
  /** @type {string[]} kind of each stream; only the first of a kind is played */
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
      const strh = await window.at(body, 28), kind = strh ? four(strh, 0) : '';
      streams.push(streams.includes(kind) ? '' : kind);
      if (strh && streams.at(-1) === 'vids') {
        const scale = strh.getUint32(20, true), rate = strh.getUint32(24, true);
        if (scale && rate) tick = scale * 1e6 / rate; // finer than avih has it
      }
    }
    if (id === 'strf' && streams.at(-1) === 'vids') {
      const strf = await window.at(body, 20), codec = strf ? four(strf, 16) : '';
      if (codec.toUpperCase() !== 'MJPG') throw new Error(words.notMJPG(codec.replace(/[^ -~]/g, '').trim() || words.unnamed));
    }
    if (id === 'strf' && streams.at(-1) === 'auds') {
      const strf = await window.at(body, 16);
      spoken = strf && voice(strf);
    }
    if (id === 'ICRD') begin = micros(text((await window.at(body, Math.min(size, 40))) ?? new DataView(new ArrayBuffer(0))));
    const stream = streams[Number(id.slice(0, 2))];
    if (stream === 'vids' && /^..d[cb]$/.test(id)) {
      if (size && body + size <= file.size) rows.push([file.name, body, size, Math.round(ticks * tick), 0]);
      ticks++;
    }
    if (stream === 'auds' && id.endsWith('wb') && spoken && body + size <= file.size) {
      rows.push([file.name, body, size, Math.round(heard / spoken.bytes * 1e6), 1]);
      heard += size;
    }
    at = body + size + (size & 1);
  }
  if (!rows.some((r) => r[4] === 0)) throw new Error(words.noPicture);
  const dated = begin > 0, from = dated ? begin : 0; // where ICRD stands behind movi it is known only now
  for (const row of rows) row[3] += from;
  rows.sort((a, b) => a[3] - b[3]);
  return { begin: from, end: from + Math.round(ticks * tick), dated, rows, voice: spoken };
}

/** @param {DataView} view */
function text(view) {
  let s = '';
  for (let i = 0; i < view.byteLength && view.getUint8(i); i++) s += String.fromCharCode(view.getUint8(i));
  return s;
}
