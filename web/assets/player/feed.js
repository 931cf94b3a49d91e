// @ts-check
// What one camera's footage is turned into: pictures in the order they are shown, and pieces of sound. It
// runs in the worker and knows nothing of a screen or a clock; how far it may run ahead it is told by how
// many of its pictures were given back.
import { FootageIndex, hole, stands } from './index.js';
import { Reach } from './reach.js';
import { Ring } from './ring.js';
import { SoundCutter } from './cutter.js';
import { isAway } from './request.js';
import { withTables } from './tables.js';

/**
 * @typedef {import('./index.js').Row} Row
 * @typedef {import('./index.js').Gap} Gap
 *
 * @typedef {{type: 'picture', seq: number, us: number, bitmap: ImageBitmap, size: number, hole?: Gap, held?: number}} Picture hole: what lies between it and the one shown before; held: that one stood since then, unusually long
 * @typedef {{type: 'nothing', seq: number, us: number, gap?: Gap, next?: number, before?: number}} Nothing nothing stands at us
 * @typedef {{type: 'sound', seq: number, us: number, samples: Float32Array<ArrayBuffer>, rate: number}} Sound
 * @typedef {{type: 'edge', seq: number, us: number}} Edge nothing comes behind us now
 * @typedef {{type: 'bad', seq: number, us: number}} Bad a picture that cannot be read or fetched
 * @typedef {{type: 'failed', seq: number, why: string, status?: number}} Failed
 * @typedef {{type: 'away', seq: number}} Away the recorder does not answer; it is asked again until it does
 * @typedef {Picture|Nothing|Sound|Edge|Bad|Failed|Away} Message
 */

/** Pictures that are decoded at once: four take as long as two. */
const decoding = 3;
/** From this speed on the recorder leaves pictures out. */
export const fast = 4;
const fastRate = 20;
/** Playing at the end of what is recorded keeps this much behind it, so that it need not stop for each picture. */
const behind = 2.5e6;
/** A picture that stands longer than this (µs), and than four usually do, is told: it is not the page that hangs. */
const holds = 500e3;
/** A recorder that does not answer is asked again after so many s. */
const waits = [1, 2, 4];

export class Feed {
  /**
   * @param {import('./index.js').Source} source
   * @param {(m: Message, hand?: Transferable[]) => void} tell
   */
  constructor(source, tell) {
    this.source = source;
    this.tell = tell;
    this.ring = new Ring(16 << 20);
    this.index = new FootageIndex(source);
    this.reach = new Reach(source, this.index, this.ring);
    this.stopper = new AbortController();
    this.seq = 0;
    /** Pictures that may be with the page at once. */
    this.most = 8;
    this.out = 0;
    this.making = 0;
    /** @type {(() => void)[]} who waits for a picture to be given back */
    this.waiting = [];
  }

  /** A picture was closed by the page. */
  back() {
    this.out--;
    this.#wake();
  }

  #wake() {
    for (const go of this.waiting.splice(0)) go();
  }

  /** Ends what it does; pictures of before are not sent any more. @param {number} seq */
  stop(seq) {
    this.seq = seq;
    this.stopper.abort();
    this.stopper = new AbortController();
    this.#wake();
    return this.stopper.signal;
  }

  /** The picture that stands at a moment. @param {number} us @param {number} seq */
  async show(us, seq) {
    const signal = this.stop(seq);
    await this.#guard(seq, async () => {
      const row = await this.#patient(seq, signal, () => this.index.at(us));
      if (seq !== this.seq) return;
      if (row) await this.#send(row, seq, signal);
      else await this.#patient(seq, signal, () => this.#nothing(us, seq));
    });
  }

  /** The picture before or behind one, exactly. @param {number} us @param {1|-1} direction @param {number} seq */
  async step(us, direction, seq) {
    const signal = this.stop(seq);
    await this.#guard(seq, async () => {
      const row = await this.#patient(seq, signal, () => this.index.beside(us, direction));
      if (seq !== this.seq) return;
      if (row) await this.#send(row, seq, signal, await this.#hole(us, row.us));
      else this.tell({ type: 'edge', seq, us });
    });
  }

  /** @param {number} us @param {number} rate @param {number} seq @param {number} [soundRate] samples a second of the page's sound; none: silent */
  async play(us, rate, seq, soundRate) {
    const signal = this.stop(seq);
    const direction = rate < 0 ? -1 : 1;
    await this.#guard(seq, () => Math.abs(rate) >= fast ? this.#playFast(us, rate, direction, seq, signal) : this.#playAll(us, rate, direction, seq, signal, soundRate));
  }

  /** @param {number} us @param {number} rate @param {1|-1} direction @param {number} seq @param {AbortSignal} signal @param {number} [soundRate] */
  async #playAll(us, rate, direction, seq, signal, soundRate) {
    const voice = soundRate ? await this.source.voice() : undefined;
    const cutter = soundRate && voice ? new SoundCutter(soundRate, rate, voice) : undefined;
    let soundAt = us;
    let row = await this.#patient(seq, signal, async () => await this.index.at(us) ?? await this.index.beside(us, direction));
    let before = us;
    /** @type {Promise<unknown>} */
    let line = Promise.resolve();
    while (seq === this.seq) {
      if (!row) {
        row = await this.#edge(before, direction, seq, signal);
        continue;
      }
      this.reach.ahead(row, direction, signal);
      await this.#room(seq);
      if (seq !== this.seq) return;
      const shown = row, gap = await this.#hole(before, row.us);
      const held = !gap && before !== us && Math.abs(row.us - before) > Math.max(holds, 4e6 / this.index.rate(row.us)) ? before : undefined;
      if (gap && cutter) soundAt = row.us;
      line = this.#inTurn(line, this.#make(shown, seq, signal), (bitmap) => this.#give(shown, bitmap, seq, gap, held));
      if (cutter) soundAt = await this.#sound(cutter, soundAt, row.us + 1.5e6, seq, signal);
      before = row.us;
      row = await this.#patient(seq, signal, () => this.index.beside(shown.us, direction));
      // The minute that is not over is asked for again before its end is reached.
      if (direction > 0 && this.index.now && before > this.index.now - 2 * behind) await this.#patient(seq, signal, () => this.index.minute(Math.floor(before / 60e6), true));
    }
    await line;
  }

  /** Every so manieth picture, from the recorder. @param {number} us @param {number} rate @param {1|-1} direction @param {number} seq @param {AbortSignal} signal */
  async #playFast(us, rate, direction, seq, signal) {
    await this.index.minute(Math.floor(us / 60e6)).catch(() => undefined);
    const step = Math.max(1, Math.ceil(this.index.rate(us) * Math.abs(rate) / fastRate));
    const window = step * fastRate * 2 / this.index.rate(us) * 1e6; // two seconds of what is seen
    const usual = Math.max(hole, 3 * step / this.index.rate(us) * 1e6);
    let before = us;
    /** @type {Promise<unknown>} */
    let line = Promise.resolve();
    /** @param {number} at @param {Uint8Array} jpeg */
    const put = async (at, jpeg) => {
      await this.#room(seq);
      if (seq !== this.seq) return;
      const gap = Math.abs(at - before) > usual ? await this.#hole(before, at) : undefined;
      line = this.#inTurn(line, decode(jpeg).catch(() => undefined), (bitmap) => this.#give({ us: at, size: jpeg.length }, bitmap, seq, gap));
      before = at;
    };
    while (seq === this.seq) {
      const start = before;
      if (direction > 0) {
        await this.#patient(seq, signal, () => this.source.frames(before + 1, Math.min(before + 6 * 3600e6, (this.index.now || before) + 3600e6), step, signal, put));
      } else {
        /** @type {[number, Uint8Array][]} */
        let list = [];
        await this.#patient(seq, signal, () => {
          list = [];
          return this.source.frames(start - window, start, step, signal, async (at, jpeg) => void list.push([at, jpeg]));
        });
        for (const [at, jpeg] of list.reverse()) await put(at, jpeg);
      }
      if (seq !== this.seq || before !== start) continue;
      const there = await this.#patient(seq, signal, () => this.index.beside(start, direction));
      if (!there) {
        await line;
        if (seq === this.seq) this.tell({ type: 'edge', seq, us: before });
        return;
      }
      await put(there.us, await this.#patient(seq, signal, () => this.reach.bytes(there, signal)));
    }
    await line;
  }

  /** Waits at the end of what is recorded until enough has come. @param {number} us @param {1|-1} direction @param {number} seq @param {AbortSignal} signal @returns {Promise<Row|undefined>} */
  async #edge(us, direction, seq, signal) {
    this.tell({ type: 'edge', seq, us });
    while (seq === this.seq && direction > 0) {
      await new Promise((go) => setTimeout(go, 500));
      const newest = (await this.#patient(seq, signal, () => this.index.minute(Math.floor((us + behind) / 60e6), true))).pictures.at(-1);
      if (this.index.away) this.tell({ type: 'away', seq });
      if (newest && newest.us - us >= behind) return this.index.beside(us, direction);
      // A camera that comes back after a gap has more than that soon; one that ended here is asked for seldom.
    }
    await new Promise((go) => this.waiting.push(() => go(undefined)));
    return undefined;
  }

  /** Sound of what is fetched, until a moment. @param {SoundCutter} cutter @param {number} from @param {number} to @param {number} seq @param {AbortSignal} signal @returns {Promise<number>} where it goes on */
  async #sound(cutter, from, to, seq, signal) {
    for (const row of this.index.sound(from - 20e3, to)) {
      if (row.us <= cutter.last) continue;
      if (!this.ring.has(row) && row.us > from + 0.5e6) break; // it is being fetched
      const bytes = await this.reach.bytes(row, signal).catch(() => undefined);
      if (seq !== this.seq) break;
      if (bytes) for (const piece of cutter.push(row.us, bytes)) this.tell({ type: 'sound', seq, ...piece }, [piece.samples.buffer]);
      from = row.us + row.size / cutter.voice.bytes * 1e6;
    }
    return from;
  }

  /** @param {number} from @param {number} to @returns {Promise<Gap|undefined>} */
  async #hole(from, to) {
    if (Math.abs(to - from) <= hole) return undefined;
    const [a, b] = from < to ? [from, to] : [to, from];
    const known = await this.index.gap((a + b) / 2).catch(() => undefined);
    return known ?? { from: a, to: b, reason: b - a < stands ? 'silent' : 'unknown' };
  }

  /** @param {number} us @param {number} seq */
  async #nothing(us, seq) {
    const [gap, next, before] = await Promise.all([this.index.gap(us), this.index.footage(us, 1), this.index.footage(us, -1)]);
    if (seq === this.seq) this.tell({ type: 'nothing', seq, us, gap, next, before });
  }

  /** Waits until another picture may be made. @param {number} seq */
  async #room(seq) {
    while (seq === this.seq && (this.out + this.making >= this.most || this.making >= decoding)) await new Promise((go) => this.waiting.push(() => go(undefined)));
  }

  /**
   * Gives a picture when those before it were given, and counts it until then.
   * @param {Promise<unknown>} line @param {Promise<ImageBitmap|undefined>} making @param {(bitmap: ImageBitmap|undefined) => void} give
   */
  async #inTurn(line, making, give) {
    this.making++;
    const [bitmap] = await Promise.all([making, line]);
    this.making--;
    give(bitmap);
    this.#wake();
  }

  /** @param {Row} row @param {number} seq @param {AbortSignal} signal @returns {Promise<ImageBitmap|undefined>} */
  async #make(row, seq, signal) {
    try {
      return await decode(await this.#patient(seq, signal, () => this.#bytes(row, signal)));
    } catch {
      return undefined; // skipped with a mark
    }
  }

  /** @param {Row} row @param {AbortSignal} signal */
  async #bytes(row, signal) {
    try {
      return await this.reach.bytes(row, signal);
    } catch (err) {
      if (/** @type {any} */ (err)?.status !== 404) throw err;
      this.index.forget(row.us); // a recorder that was killed finished its files under other names
      const now = await this.index.at(row.us);
      if (now?.us !== row.us) throw err;
      return this.reach.bytes(now, signal);
    }
  }

  /**
   * Does what needs the recorder, again while that does not answer: it comes back, and what was wanted goes on.
   * @template T
   * @param {number} seq @param {AbortSignal} signal @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async #patient(seq, signal, work) {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (err) {
        if (seq !== this.seq || signal.aborted || !isAway(err)) throw err;
        this.tell({ type: 'away', seq });
        await new Promise((go) => {
          const timer = setTimeout(go, waits[Math.min(tries, waits.length - 1)] * 1000);
          signal.addEventListener('abort', () => { clearTimeout(timer); go(undefined); }, { once: true });
        });
        signal.throwIfAborted();
      }
    }
  }

  /** @param {Row} row @param {number} seq @param {AbortSignal} signal @param {Gap} [gap] */
  async #send(row, seq, signal, gap) {
    this.#give(row, await this.#make(row, seq, signal), seq, gap);
    if (!signal.aborted) for (const direction of /** @type {(1|-1)[]} */ ([1, -1])) this.reach.ahead(row, direction, signal);
  }

  /** @param {{us: number, size: number}} row @param {ImageBitmap|undefined} bitmap @param {number} seq @param {Gap} [gap] @param {number} [held] */
  #give(row, bitmap, seq, gap, held) {
    if (seq !== this.seq) return bitmap?.close();
    if (!bitmap) return this.tell({ type: 'bad', seq, us: row.us });
    this.out++;
    this.tell({ type: 'picture', seq, us: row.us, size: row.size, bitmap, hole: gap, held }, [bitmap]);
  }

  /** @param {number} seq @param {() => Promise<void>} work */
  async #guard(seq, work) {
    try {
      await work();
    } catch (err) {
      if (seq !== this.seq) return; // it was ended
      const e = /** @type {any} */ (err);
      this.tell({ type: 'failed', seq, why: String(e?.message ?? e), status: e?.status });
    }
  }
}

/** @param {Uint8Array} jpeg */
const decode = (jpeg) => createImageBitmap(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (withTables(jpeg))], { type: 'image/jpeg' }));
