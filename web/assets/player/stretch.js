// @ts-check
// Sound at another speed and the same pitch (WSOLA: Verhelst and Roelands, 1993): overlapping windows are
// laid nearer together or farther apart, each moved a little to where it fits what was laid before.

const window = 320; // 40 ms of 8000 a second: two periods of a low voice
const hop = window / 2;
const search = 80; // 10 ms to either side

/** Rises and falls so that two halves, one over the other, are 1 everywhere. */
const hann = Float32Array.from({ length: window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / window));

export class Stretcher {
  /** @param {number} speed 0.25 to 4 */
  constructor(speed) {
    this.speed = speed;
    this.in = new Float32Array(0);
    this.at = 0; // where the next window would be, without search
    this.half = new Float32Array(hop); // second half of the window that was laid last
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
    while (this.at + search + window + hop <= all.length) {
      const place = this.natural ? this.#fit(all, Math.round(this.at), this.natural) : Math.round(this.at);
      for (let i = 0; i < hop; i++) out.push(this.half[i] + all[place + i] * (this.natural ? hann[i] : 1));
      for (let i = 0; i < hop; i++) this.half[i] = all[place + hop + i] * hann[hop + i];
      this.natural = all.slice(place + hop, place + hop + window);
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
    for (let place = Math.max(0, at - search); place <= at + search; place += 2) {
      let sum = 0;
      for (let i = 0; i < hop; i += 2) sum += all[place + i] * like[i];
      if (sum > most) [best, most] = [place, sum];
    }
    return best;
  }
}
