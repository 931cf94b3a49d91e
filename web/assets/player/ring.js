// @ts-check
// Compressed pictures and sound that were fetched, in memory: what was just seen plays backwards at once.

/** @typedef {import('./index.js').Row} Row */

export class Ring {
  /** @param {number} most bytes */
  constructor(most) {
    this.most = most;
    this.bytes = 0;
    /** @type {{file: string, from: number, bytes: Uint8Array}[]} the one used last at the end */
    this.slabs = [];
  }

  /** @param {Row} row @returns {Uint8Array|undefined} */
  get(row) {
    const i = this.slabs.findLastIndex((s) => s.file === row.file && s.from <= row.offset && row.offset + row.size <= s.from + s.bytes.length);
    if (i < 0) return undefined;
    const [slab] = this.slabs.splice(i, 1);
    this.slabs.push(slab);
    return slab.bytes.subarray(row.offset - slab.from, row.offset - slab.from + row.size);
  }

  /** @param {Row} row */
  has(row) {
    return this.slabs.some((s) => s.file === row.file && s.from <= row.offset && row.offset + row.size <= s.from + s.bytes.length);
  }

  /** @param {string} file @param {number} from @param {Uint8Array} bytes */
  put(file, from, bytes) {
    this.slabs.push({ file, from, bytes });
    this.bytes += bytes.length;
    this.#fit();
  }

  /** @param {number} most */
  limit(most) {
    this.most = most;
    this.#fit();
  }

  #fit() {
    while (this.bytes > this.most && this.slabs.length > 1) this.bytes -= this.slabs.shift()?.bytes.length ?? 0;
  }
}
