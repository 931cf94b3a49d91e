// @ts-check
// Sound at another speed and the same pitch (WSOLA: Verhelst and Roelands, 1993): overlapping windows are
// laid nearer together or farther apart, each moved a little to where it fits what was laid before.

/** Halves of windows: two windows of 40 ms hold two periods of a low voice. By how much they may move, to either side. In s. */
const half = 0.02, reach = 0.01;

export class Stretcher {
  /** @param {number} speed 0.25 to 4 @param {number} rate samples a second */
  constructor(speed, rate) {
    this.speed = speed;
    this.hop = Math.round(half * rate);
    this.search = Math.round(reach * rate);
    /** Places and samples that are compared lie this far apart: what counts is below 4 kHz. */
    this.coarse = Math.max(2, Math.round(rate / 4000));
    /** Rises and falls so that two halves, one over the other, are 1 everywhere. */
    this.hann = Float32Array.from({ length: 2 * this.hop }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / this.hop));
    this.in = new Float32Array(0);
    this.at = 0; // where the next window would be, without search
    this.half = new Float32Array(this.hop); // second half of the window that was laid last
    /** @type {Float32Array|undefined} what would follow it in the sound as it was */
    this.natural = undefined;
  }

  /** @param {Float32Array} piece @returns {Float32Array<ArrayBuffer>} what is finished */
  push(piece) {
    const all = new Float32Array(this.in.length + piece.length);
    all.set(this.in);
    all.set(piece, this.in.length);
    /** @type {number[]} */
    const out = [];
    const { hop, search, hann } = this;
    while (this.at + search + 3 * hop <= all.length) {
      const place = this.natural ? this.#fit(all, Math.round(this.at), this.natural) : Math.round(this.at);
      for (let i = 0; i < hop; i++) out.push(this.half[i] + all[place + i] * (this.natural ? hann[i] : 1));
      for (let i = 0; i < hop; i++) this.half[i] = all[place + hop + i] * hann[hop + i];
      this.natural = all.slice(place + hop, place + 3 * hop);
      this.at += hop * this.speed;
    }
    const used = Math.max(0, Math.floor(this.at) - search);
    this.in = all.slice(used);
    this.at -= used;
    return Float32Array.from(out);
  }

  /** @param {Float32Array} all @param {number} at @param {Float32Array} like */
  #fit(all, at, like) {
    let best = at, most = -Infinity;
    for (let place = Math.max(0, at - this.search); place <= at + this.search; place += this.coarse) {
      let sum = 0;
      for (let i = 0; i < this.hop; i += this.coarse) sum += all[place + i] * like[i];
      if (sum > most) [best, most] = [place, sum];
    }
    return best;
  }
}
