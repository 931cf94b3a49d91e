// @ts-check
// The player: one clock, any number of cameras that follow it, one of them the main one, which is heard and
// whose gaps are crossed. It has no look of its own; element.js draws it.
import { Clock, computer } from './clock.js';
import { Deck } from './deck.js';
import { Speaker } from './sound.js';
import { fast } from './feed.js';
import { hands } from './hands.js';

/**
 * What it tells, as a CustomEvent:
 * - time: a moment of the footage, in µs, once a painted frame of the screen
 * - state: it plays, waits, stands, crosses a gap; `state` has which
 * - gap: {gap, from, to}: it crosses a gap; null: it is behind it
 * - held: {from, to}: the main camera's picture stands for so long, with no gap to be crossed
 * - nothing: nothing stands where it was told to go; what there is beside
 * - trouble: words, when the recorder does not answer
 * @typedef {'standing'|'playing'|'waiting'|'crossing'} State
 */

export const speeds = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32];

/** A card is shown this long (ms) where a gap is crossed. */
const bridge = 600;
/** Forwards a hole is crossed this much (µs) behind the last picture of before. */
const afterLast = 200e3;
/** Sound is waited for so long (ms) when playing begins. */
const patience = 400;
/** Bytes of compressed footage that are kept, and pictures that are decoded. A phone has little memory. */
const phone = () => matchMedia('(max-width: 899px)').matches;

export class Player extends EventTarget {
  constructor() {
    super();
    this.clock = new Clock();
    this.speaker = new Speaker(() => this.#audibility());
    this.hands = hands((m) => this.#take(m));
    this.hands.order({ do: 'bounds', bytes: (phone() ? 16 : 48) << 20, pictures: 8 });
    /** @type {Deck[]} the main one first */
    this.decks = [];
    this.numbers = 0;
    this.rate = 1;
    /** What is wanted; the state tells what is. */
    this.wanted = false;
    /** @type {State} */
    this.state = 'standing';
    this.sound = false;
    /** Gaps pass as slowly as they passed. */
    this.realTime = false;
    /** @type {number|undefined} */
    this.frame = undefined;
    this.since = 0;
    this.longest = 0;
    /** Where frame steps have come to, while they go on. @type {number|undefined} */
    this.stepping = undefined;
    this.queueSteps = 0;
    /** No picture was seen since playing began. */
    this.first = false;
  }

  /** The main camera's deck. */
  get main() {
    return this.decks[0];
  }

  /** The moment of the footage, in µs. */
  get us() {
    return this.clock.now();
  }

  /**
   * Shows a camera on a canvas. The first one is the main one.
   * @param {string} camera @param {HTMLCanvasElement} canvas @param {File} [file] an AVI file in its place
   */
  open(camera, canvas, file) {
    const number = ++this.numbers;
    this.hands.order({ do: 'open', feed: number, camera, file });
    const deck = new Deck(number, camera, canvas, this.hands.order);
    this.decks.push(deck);
    return deck;
  }

  /** @param {Deck} deck */
  shut(deck) {
    this.decks = this.decks.filter((d) => d !== deck);
    deck.close();
  }

  /** Makes a camera the main one, at the same moment. @param {Deck} deck */
  choose(deck) {
    this.decks = [deck, ...this.decks.filter((d) => d !== deck)];
    if (this.wanted) this.#start(); else this.seek(this.us);
  }

  /** Goes to a moment, exactly; what plays goes on playing. @param {number} us */
  seek(us) {
    for (const deck of this.decks) deck.skipped = 0;
    this.clock.hold();
    this.clock.set(us);
    this.speaker.flush();
    if (this.wanted) return this.#start();
    for (const deck of this.decks) this.hands.order({ do: 'show', feed: deck.number, us, seq: deck.begin() });
    this.#goesOn();
  }

  /** @param {number} [rate] below 0: backwards */
  play(rate = this.rate) {
    this.rate = rate;
    this.wanted = true;
    this.#start();
  }

  pause() {
    if (!this.wanted) return;
    this.wanted = false;
    this.clock.hold();
    this.speaker.flush();
    // The picture on the canvas is the one that counts from now on.
    for (const deck of this.decks) this.hands.order({ do: 'stop', feed: deck.number, seq: deck.begin() });
    this.#be('standing');
  }

  /** One picture on or back. @param {1|-1} direction */
  step(direction) {
    this.pause();
    const main = this.main;
    if (!main) return;
    const from = this.stepping ?? main.shown ?? this.us;
    this.queueSteps = this.queueSteps + direction;
    if (this.stepping !== undefined) return; // taps that come faster than pictures are counted
    this.stepping = from;
    this.#stepOnce(from);
  }

  /** @param {number} from */
  #stepOnce(from) {
    const main = this.main;
    const left = this.queueSteps;
    if (!main || left === 0) {
      this.stepping = undefined;
      return;
    }
    const direction = left > 0 ? 1 : -1;
    this.queueSteps = left - direction;
    this.hands.order({ do: 'step', feed: main.number, us: from, direction, seq: main.begin() });
    this.#goesOn();
  }

  /** Sound on or off; to be called in a tap. @param {boolean} on */
  async listen(on) {
    this.sound = on;
    if (on) await this.speaker.wake();
    if (this.wanted) this.seek(this.us);
    this.dispatchEvent(new CustomEvent('state'));
  }

  /** Why nothing is heard now; '' when something is. @returns {''|'off'|'tap'|'fast'|'backwards'|'standing'} */
  get silence() {
    if (!this.sound) return 'off';
    if (!this.speaker.audible) return 'tap';
    if (!this.wanted) return 'standing';
    if (this.rate < 0) return 'backwards';
    return this.rate < 0.5 || this.rate > 2 ? 'fast' : '';
  }

  /** A phone took the sound away for a call, or gave it back: the clock goes on with the computer's, or with it. */
  #audibility() {
    const heard = this.clock.ticker === this.speaker.heard;
    if (this.wanted && heard !== (this.silence === '')) this.#start();
    this.dispatchEvent(new CustomEvent('state'));
  }

  #start() {
    const us = this.clock.now();
    this.clock.hold();
    this.speaker.flush();
    this.stepping = undefined;
    this.queueSteps = 0;
    this.clock.ticker = this.silence === '' ? this.speaker.heard : computer;
    this.clock.set(us);
    for (const deck of this.decks) {
      deck.shown = undefined; // what is seen is of before: the first picture comes whatever it is
      const soundRate = deck === this.main && this.silence === '' ? this.speaker.context?.sampleRate : undefined;
      this.hands.order({ do: 'play', feed: deck.number, us, rate: this.rate, seq: deck.begin(), soundRate });
    }
    this.since = performance.now();
    this.first = true;
    this.#be('waiting');
    this.#goesOn();
  }

  #goesOn() {
    this.frame ??= requestAnimationFrame(this.#tick);
  }

  #tick = () => {
    this.frame = undefined;
    const began = performance.now();
    if (this.wanted) {
      this.#lead();
      for (const deck of this.decks) this.#follow(deck);
      this.speaker.schedule(this.clock);
      this.#goesOn();
    }
    this.dispatchEvent(new CustomEvent('time', { detail: this.us }));
    this.longest = Math.max(this.longest, performance.now() - began);
  };

  /** What the main camera has decides whether the clock goes on. */
  #lead() {
    const main = this.main;
    if (!main || this.state === 'crossing') return;
    const backwards = this.rate < 0;
    const us = this.us;
    const enough = main.queue.length >= (Math.abs(this.rate) >= fast ? 3 : 2) || main.queue[0]?.hole;
    if (!this.clock.running) {
      const deaf = this.clock.ticker === this.speaker.heard && !this.speaker.waiting.length && performance.now() - this.since < patience;
      if (!enough || deaf) return;
      if (this.first && !main.queue[0].hole && !backwards && main.queue[0].us > us) this.clock.set(main.queue[0].us);
      this.first = false;
      this.clock.run(this.rate, this.clock.ticker, this.clock.ticker === this.speaker.heard ? this.speaker.delay : 0);
      this.#be('playing');
      return;
    }
    const shown = main.shown ?? us;
    if (main.hole && !this.realTime && (backwards ? us < shown : us > shown + afterLast * Math.max(1, this.rate))) return this.#cross(main);
    if (main.hole && this.realTime && (backwards ? us <= main.queue[0].us : us >= main.queue[0].us)) main.queue[0].hole = undefined;
    if (!main.queue.length && (backwards ? us < shown : us > shown + 150e3 * Math.max(1, this.rate))) {
      this.clock.hold();
      this.#be('waiting');
    }
  }

  /** @param {Deck} main */
  #cross(main) {
    const gap = /** @type {import('./index.js').Gap} */ (main.hole), to = main.queue[0].us;
    this.clock.hold();
    this.speaker.silence();
    this.#be('crossing');
    this.dispatchEvent(new CustomEvent('gap', { detail: { gap, to } }));
    const seq = main.seq;
    setTimeout(() => {
      this.dispatchEvent(new CustomEvent('gap', { detail: null }));
      if (main !== this.main || seq !== main.seq || !this.wanted) return;
      for (const p of main.queue) if (p.us === to) p.hole = undefined;
      this.clock.set(to);
      // The other cameras jump with it.
      for (const deck of this.decks.slice(1)) this.hands.order({ do: 'play', feed: deck.number, us: to, rate: this.rate, seq: deck.begin() });
      this.#be('waiting');
    }, bridge);
  }

  /** @param {Deck} deck */
  #follow(deck) {
    const us = this.us;
    if (deck !== this.main && deck.hole) {
      const inside = us >= deck.hole.from && us < deck.hole.to && Math.abs(us - (deck.shown ?? 0)) > 2e6;
      deck.nothing = inside ? { type: 'nothing', seq: deck.seq, us, gap: deck.hole } : undefined;
      if (this.rate < 0 ? us <= deck.queue[0].us : us >= deck.queue[0].us) deck.queue[0].hole = undefined;
    }
    deck.paint(us, this.rate);
  }

  /** @param {import('./feed.js').Message & {feed: number}} m */
  #take(m) {
    const deck = this.decks.find((d) => d.number === m.feed);
    if (!deck) {
      if (m.type === 'picture') m.bitmap.close();
      return;
    }
    if (m.type === 'sound') {
      if (m.seq === deck.seq && deck === this.main) this.speaker.push(m);
      return;
    }
    if (m.type === 'picture' && m.held !== undefined && m.seq === deck.seq && deck === this.main) this.dispatchEvent(new CustomEvent('held', { detail: { from: Math.min(m.held, m.us), to: Math.max(m.held, m.us) } }));
    const was = deck.away, skipped = deck.skipped;
    if (!deck.take(m)) return;
    if (deck === this.main && (deck.away !== was || deck.skipped !== skipped)) this.dispatchEvent(new CustomEvent('state'));
    if (m.type === 'failed') this.dispatchEvent(new CustomEvent('trouble', { detail: m.why }));
    if (m.type === 'nothing' && deck === this.main) this.dispatchEvent(new CustomEvent('nothing', { detail: m }));
    if (this.wanted) {
      if (m.type === 'edge' && deck === this.main && this.rate < 0 && !deck.queue.length) this.pause();
      return;
    }
    this.#stand(deck, m);
  }

  /** What comes while it stands: the picture asked for. @param {Deck} deck @param {import('./feed.js').Message} m */
  #stand(deck, m) {
    if (m.type === 'picture') {
      const picture = deck.queue.shift();
      if (picture) deck.show(picture);
    }
    if (deck !== this.main || this.stepping === undefined) {
      this.dispatchEvent(new CustomEvent('time', { detail: this.us }));
      return;
    }
    if (m.type === 'picture' || m.type === 'edge' || m.type === 'bad') {
      const at = m.type === 'edge' ? this.stepping : m.us;
      if (m.type === 'edge') this.queueSteps = 0;
      this.stepping = at;
      this.clock.set(at);
      if (m.type === 'bad') this.queueSteps = this.queueSteps + (at > (deck.shown ?? 0) ? 1 : -1);
      for (const other of this.decks.slice(1)) this.hands.order({ do: 'show', feed: other.number, us: at, seq: other.begin() });
      this.#stepOnce(at);
    }
    this.dispatchEvent(new CustomEvent('time', { detail: this.us }));
  }

  /** @param {State} state */
  #be(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: state }));
  }

  async close() {
    this.wanted = false;
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    for (const deck of [...this.decks]) this.shut(deck);
    this.hands.end();
    await this.speaker.close();
  }
}
