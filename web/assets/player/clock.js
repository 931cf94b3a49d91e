// @ts-check
// The one clock that all pictures follow. While sound is heard it is the sound card's; else the computer's.

/** @typedef {() => number} Ticker seconds that go on by themselves */

/** @type {Ticker} */
export const computer = () => performance.now() / 1000;

export class Clock {
  constructor() {
    /** @type {Ticker} */
    this.ticker = computer;
    this.rate = 1;
    this.running = false;
    this.us = 0; // at tick
    this.tick = 0;
  }

  /** The moment of the footage that should be seen now, in µs. */
  now() {
    if (!this.running) return this.us;
    return this.us + Math.max(0, this.ticker() - this.tick) * this.rate * 1e6;
  }

  /** @param {number} us */
  set(us) {
    this.us = us;
    this.tick = this.ticker();
  }

  /**
   * Goes on from where it stands.
   * @param {number} rate @param {Ticker} [ticker] @param {number} [delay] s until it begins: sound needs a moment to be heard
   */
  run(rate, ticker = this.ticker, delay = 0) {
    const us = this.now();
    this.ticker = ticker;
    this.rate = rate;
    this.us = us;
    this.tick = ticker() + delay;
    this.running = true;
  }

  hold() {
    this.us = this.now();
    this.running = false;
  }

  /** When, by its ticker, a moment of the footage is due. @param {number} us */
  due(us) {
    return this.tick + (us - this.us) / 1e6 / this.rate;
  }
}
