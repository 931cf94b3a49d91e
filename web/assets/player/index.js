// @ts-check
// Where a camera's pictures and sound are, minute by minute. Ends of files do not exist behind it: a row
// names its file, and the next row may name another.
import { isAway } from './request.js';

/**
 * @typedef {object} Row
 * @property {string} file
 * @property {number} offset
 * @property {number} size
 * @property {number} us   capture time; of sound: when its first sample is heard beside the pictures
 *
 * @typedef {object} Minute
 * @property {Row[]} pictures in order of time
 * @property {Row[]} sound
 * @property {boolean} whole  nothing comes to it any more
 * @property {number} asked   when, by performance.now()
 *
 * @typedef {{from: number, to: number, reason: string}} Gap
 * @typedef {{recorded: [number, number][], from: number, to: number, asked: number}} Hour where footage was told to be
 *
 * @typedef {object} Source what the rows come from: the recorder, or a file that somebody opened
 * @property {(from: number, to: number) => Promise<{rows: [string, number, number, number, number][], now: number}>} rows
 * @property {(row: Row, first: number, end: number, signal: AbortSignal) => Promise<Uint8Array>} bytes
 * @property {(from: number, to: number) => Promise<{recorded: [number, number][], gaps: Gap[]}>} spans
 * @property {() => Promise<import('./voice.js').Voice|undefined>} voice how its sound is written; undefined: it cannot be heard
 * @property {(from: number, to: number, step: number, signal: AbortSignal, each: (us: number, jpeg: Uint8Array) => Promise<void>) => Promise<void>} frames
 *   every so manieth picture of a span, as they come; each is waited for
 */

const minute = 60e6;
/** Minutes that are kept: 1200 rows each, some 100 KB. */
const most = 40;
/** Sound may come this much behind pictures, so what is younger is asked for again. */
const late = 2e6;
/** Where footage lies is believed for so long (ms): some may be deleted meanwhile. */
const told = 600e3;
/** A minute that is not over is asked for again after this many ms. */
const again = 800;

export class FootageIndex {
  /** @param {Source} source */
  constructor(source) {
    this.source = source;
    /** @type {Map<number, Minute>} */
    this.minutes = new Map();
    /** @type {Map<number, Promise<Minute>>} */
    this.asking = new Map();
    /** Where the recorder's clock stood when it was asked last. */
    this.now = 0;
    /** @type {Hour|undefined} */
    this.hour = undefined;
    /** It did not answer, and what is known of before was taken. */
    this.away = false;
  }

  /**
   * The minute that a moment is in.
   * @param {number} number @param {boolean} [fresh] what comes to it meanwhile is wanted too
   * @returns {Promise<Minute>}
   */
  async minute(number, fresh = false) {
    const known = this.minutes.get(number);
    if (known && (known.whole || !fresh || performance.now() - known.asked < again)) return known;
    let answer = this.asking.get(number);
    if (!answer) {
      answer = this.#ask(number, known).finally(() => this.asking.delete(number));
      this.asking.set(number, answer);
    }
    try {
      const got = await answer;
      this.away = false;
      return got;
    } catch (err) {
      if (!known || !isAway(err)) throw err;
      this.away = true;
      return known;
    }
  }

  /** What is known of a moment's minute is not so any more. @param {number} us */
  forget(us) {
    this.minutes.delete(Math.floor(us / minute));
  }

  /** @param {number} number @param {Minute} [known] */
  async #ask(number, known) {
    const begin = number * minute;
    const newest = known?.pictures.at(-1)?.us ?? begin;
    const from = Math.max(begin, newest - late);
    const asked = performance.now();
    const { rows, now } = await this.source.rows(from, begin + minute);
    this.now = Math.max(this.now, now);
    /** @type {Minute} */
    const m = { pictures: known?.pictures.filter((r) => r.us < from) ?? [], sound: known?.sound.filter((r) => r.us < from) ?? [], whole: now > begin + minute + 2 * late, asked };
    for (const [file, offset, size, us, kind] of rows) (kind ? m.sound : m.pictures).push({ file, offset, size, us });
    // Where the clock was set back, times go back: each picture is found by its time all the same.
    m.pictures.sort((a, b) => a.us - b.us);
    m.sound.sort((a, b) => a.us - b.us);
    this.minutes.delete(number);
    this.minutes.set(number, m);
    if (this.minutes.size > most) this.minutes.delete(this.minutes.keys().next().value ?? 0);
    return m;
  }

  /**
   * The picture that stands at a moment: the newest captured at it or before. Inside a gap nothing stands.
   * @param {number} us @returns {Promise<Row|undefined>}
   */
  async at(us) {
    const number = Math.floor(us / minute);
    let row = last((await this.minute(number, true)).pictures, us);
    if (!row && us % minute < stands) row = last((await this.minute(number - 1)).pictures, us);
    if (!row || us - row.us > stands) return undefined;
    return us - row.us > hole && await this.gap(us) ? undefined : row;
  }

  /**
   * The next picture in a direction, over holes of any length.
   * @param {number} us @param {1|-1} direction @returns {Promise<Row|undefined>} nothing: that is all there is now
   */
  async beside(us, direction) {
    const number = Math.floor(us / minute);
    const found = (/** @type {Minute} */ { pictures }) => direction > 0 ? pictures.find((r) => r.us > us) : last(pictures, us - 1);
    const here = found(await this.minute(number, direction > 0));
    if (here) return here;
    // Minutes without footage are not asked for. A span ends when its last picture has stood long enough, so there may be no
    // further picture in the one that is found.
    for (let tries = 0, n = number; tries < 5; tries++) {
      const from = (direction > 0 ? n + 1 : n) * minute;
      if (from > Math.max(this.now, us)) return undefined;
      const there = this.minutes.has(n + direction) ? from : await this.#near(from, direction);
      if (there === undefined) return undefined;
      n = Math.floor((direction > 0 ? there : there - 1) / minute);
      const row = found(await this.minute(n, true));
      if (row) return row;
    }
    return undefined;
  }

  /**
   * Where footage begins (or ends, backwards) beside a moment without any.
   * @param {number} us @param {1|-1} direction @returns {Promise<number|undefined>}
   */
  async footage(us, direction) {
    for (const span of [3600e6, 24 * 3600e6, 92 * 24 * 3600e6]) {
      const { recorded } = direction > 0 ? await this.source.spans(us, us + span) : await this.source.spans(us - span, us);
      const found = direction > 0 ? recorded.find((r) => r[1] > us) : recorded.findLast((r) => r[0] < us);
      if (found) return direction > 0 ? Math.max(found[0], us) : Math.min(found[1], us);
    }
    return undefined;
  }

  /**
   * footage, from what was told of the hour around: playing on asks for no more than that an hour.
   * @param {number} us @param {1|-1} direction @returns {Promise<number|undefined>}
   */
  async #near(us, direction) {
    const near = 1800e6, h = this.hour;
    if (!h || us < h.from + minute || us > h.to - minute || performance.now() - h.asked > told) {
      const [from, to] = direction > 0 ? [us - 2 * minute, us + 2 * near] : [us - 2 * near, us + 2 * minute];
      const { recorded } = await this.source.spans(from, to);
      // Where now is in it more comes to it: it holds until a little before.
      this.hour = { recorded, from, to: Math.min(to, this.now - 2 * late), asked: performance.now() };
    }
    const { recorded } = /** @type {Hour} */ (this.hour);
    const found = direction > 0 ? recorded.find((r) => r[1] > us) : recorded.findLast((r) => r[0] < us);
    if (found) return direction > 0 ? Math.max(found[0], us) : Math.min(found[1], us);
    return this.footage(us, direction);
  }

  /**
   * Why nothing stands at a moment.
   * @param {number} us @returns {Promise<Gap|undefined>}
   */
  async gap(us) {
    for (const around of [3600e6, 46 * 24 * 3600e6]) {
      const { gaps } = await this.source.spans(us - around, us + around);
      const found = gaps.find((g) => g.from <= us && us < g.to);
      if (found && (found.from > us - around || around > 1e13)) return found;
    }
    return undefined;
  }

  /**
   * Sound that begins within a span, as far as it is known.
   * @param {number} from @param {number} to
   */
  *sound(from, to) {
    for (let n = Math.floor(from / minute); n * minute < to; n++) {
      for (const row of this.minutes.get(n)?.sound ?? []) if (row.us >= from && row.us < to) yield row;
    }
  }

  /**
   * All rows that a range of bytes around a picture may have, as far as they are known.
   * @param {Row} row @param {1|-1} direction @returns {Row[]} in the direction
   */
  neighbours(row, direction) {
    const number = Math.floor(row.us / minute);
    const list = [number, number + direction].flatMap((n) => [...(this.minutes.get(n)?.pictures ?? []), ...(this.minutes.get(n)?.sound ?? [])]);
    return list.filter((r) => r.file === row.file && (r.offset - row.offset) * direction >= 0).sort((a, b) => (a.offset - b.offset) * direction);
  }

  /** Pictures a second around a moment, as far as known. @param {number} us */
  rate(us) {
    const list = this.minutes.get(Math.floor(us / minute))?.pictures ?? [];
    if (list.length < 2) return 10;
    return Math.max(1, (list.length - 1) / ((list[list.length - 1].us - list[0].us) / 1e6 || 1));
  }
}

/** A picture stands for this long at most (µs) where none follows; of thinned footage of 0.1 pictures a second some do for 20 s. */
export const stands = 30e6;
/** Time without a picture of more than this may be a gap, with a reason. */
export const hole = 2e6;

/** @param {Row[]} list @param {number} us */
function last(list, us) {
  let low = 0, high = list.length; // the first one later than us is at low
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].us <= us) low = middle + 1; else high = middle;
  }
  return list[low - 1];
}
