// @ts-check
// Bytes of pictures and sound: out of the ring, or by Range in pieces of some 256 KB, ahead of who plays.

/** @typedef {import('./index.js').Row} Row */
/** @typedef {import('./index.js').FootageIndex} FootageIndex */

const piece = 256 << 10;
/** Playing begins to fetch when less than low is there, and goes on until high is (µs of footage). */
const low = 2e6, high = 4e6;

export class Reach {
  /** @param {import('./index.js').Source} source @param {FootageIndex} index @param {import('./ring.js').Ring} ring */
  constructor(source, index, ring) {
    this.source = source;
    this.index = index;
    this.ring = ring;
    /** @type {Promise<void>|undefined} */
    this.filling = undefined;
  }

  /**
   * The bytes of one row, two tries.
   * @param {Row} row @param {AbortSignal} signal @returns {Promise<Uint8Array>}
   */
  async bytes(row, signal) {
    for (let tries = 1; ; tries++) {
      const there = this.ring.get(row);
      if (there) return there;
      if (this.filling) {
        await this.filling.catch(() => {});
        if (this.ring.has(row)) continue;
      }
      signal.throwIfAborted();
      try {
        this.ring.put(row.file, row.offset, await this.source.bytes(row, row.offset, row.offset + row.size, signal));
      } catch (err) {
        if (signal.aborted || tries === 2) throw err;
      }
    }
  }

  /**
   * Fetches what comes behind a picture, where little of it is there. It returns at once.
   * @param {Row} row @param {1|-1} direction @param {AbortSignal} signal
   */
  ahead(row, direction, signal) {
    if (this.filling || signal.aborted) return;
    const missing = this.#missing(row, direction, low);
    if (!missing) return;
    this.filling = this.#fill(row, missing, direction, signal).catch(() => {}).finally(() => { this.filling = undefined; });
  }

  /** @param {Row} row @param {1|-1} direction @param {number} within @returns {Row[]|undefined} the run of rows that should be fetched next */
  #missing(row, direction, within) {
    const n = Math.floor(row.us / 60e6);
    const list = [n, n + direction].flatMap((m) => this.index.minutes.get(m)?.pictures ?? []);
    const first = (direction > 0 ? list : list.reverse()).find((r) => (r.us - row.us) * direction > 0 && (r.us - row.us) * direction < within && !this.ring.has(r));
    return first && this.index.neighbours(first, direction);
  }

  /** @param {Row} row @param {Row[]} run @param {1|-1} direction @param {AbortSignal} signal */
  async #fill(row, run, direction, signal) {
    /** @type {Row[]|undefined} */
    let rows = run;
    while (rows && !signal.aborted) {
      let from = rows[0].offset, end = from + rows[0].size;
      for (const r of rows.slice(1)) {
        if (this.ring.has(r) || Math.max(end, r.offset + r.size) - Math.min(from, r.offset) > piece) break;
        from = Math.min(from, r.offset);
        end = Math.max(end, r.offset + r.size);
      }
      this.ring.put(rows[0].file, from, await this.source.bytes(rows[0], from, end, signal));
      rows = this.#missing(row, direction, high);
    }
  }
}
