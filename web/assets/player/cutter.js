// @ts-check
// Pieces of sound, as the index has them, turned into blocks of 200 ms for the sound card.
import { Resampler } from './alaw.js';
import { Stretcher } from './stretch.js';

const block = 0.2;
/** What is off by more than this (µs) is another sound, not the next piece of this one. */
const seam = 40e3;

export class SoundCutter {
  /** @param {number} out samples a second of the sound card @param {number} speed @param {import('./voice.js').Voice} voice */
  constructor(out, speed, voice) {
    this.voice = voice;
    this.out = out;
    this.speed = speed;
    /** Time of the newest piece. */
    this.last = -Infinity;
    this.resampler = new Resampler(voice.rate, out);
    /** @type {Stretcher|undefined} */
    this.stretcher = undefined;
    /** @type {Float32Array[]} */
    this.kept = [];
    this.length = 0;
    this.start = NaN; // of this sound
    this.made = 0; // samples of it that were cut
    this.begin = NaN; // of what is kept
    this.end = NaN; // of what was pushed
  }

  /** @param {number} us */
  #restart(us) {
    this.resampler = new Resampler(this.voice.rate, this.out);
    this.stretcher = this.speed === 1 ? undefined : new Stretcher(this.speed, this.voice.rate);
    this.made = 0;
    this.start = this.begin = this.end = us;
  }

  /**
   * @param {number} us when the piece's first sample is heard @param {Uint8Array} bytes
   * @returns {{us: number, samples: Float32Array<ArrayBuffer>, rate: number}[]} blocks that became full, each with the time of its first sample
   */
  push(us, bytes) {
    /** @type {{us: number, samples: Float32Array<ArrayBuffer>, rate: number}[]} */
    const full = [];
    if (!(Math.abs(us - this.end) < seam)) {
      if (this.length) full.push(this.#cut());
      this.#restart(us);
    }
    let heard = this.voice.samples(bytes);
    if (this.stretcher) heard = this.stretcher.push(heard);
    const piece = this.resampler.push(heard);
    // Stretched sound comes a window late: its time follows from what was made of it.
    if (this.length === 0) this.begin = this.stretcher ? this.start + this.made / this.out * this.speed * 1e6 : us;
    this.kept.push(piece);
    this.length += piece.length;
    this.last = us;
    this.end = us + bytes.length / this.voice.bytes * 1e6;
    if (this.length >= block * this.out) full.push(this.#cut());
    return full;
  }

  #cut() {
    const whole = new Float32Array(this.length);
    let at = 0;
    for (const piece of this.kept) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.kept = [];
    this.made += this.length;
    this.length = 0;
    return { us: this.begin, samples: whole, rate: this.out };
  }
}
