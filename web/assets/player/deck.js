// @ts-check
// One camera of the page's player: pictures that the worker made, waiting for their moment, and the canvas
// they are painted on. A bitmap is painted and closed at once; the canvas keeps what is seen.

/**
 * @typedef {import('./feed.js').Message} Message
 * @typedef {import('./feed.js').Picture} Picture
 * @typedef {import('./worker.js').Order} Order
 */

export class Deck {
  /** @param {number} number @param {string} camera @param {HTMLCanvasElement} canvas @param {(order: Order) => void} order */
  constructor(number, camera, canvas, order) {
    this.number = number;
    this.camera = camera;
    this.canvas = canvas;
    this.order = order;
    this.paper = canvas.getContext('2d', { alpha: false });
    /** @type {Picture[]} in the order they are shown */
    this.queue = [];
    this.seq = 0;
    /** Capture time of the picture on the canvas. @type {number|undefined} */
    this.shown = undefined;
    /** Why there is none. @type {import('./feed.js').Nothing|undefined} */
    this.nothing = undefined;
    this.atEdge = false;
    this.skipped = 0;
    /** @type {string|undefined} */
    this.failure = undefined;
    /** The recorder does not answer. */
    this.away = false;
  }

  /** Whatever was wanted before is not any more. */
  begin() {
    for (const p of this.queue.splice(0)) this.#close(p);
    this.atEdge = this.away = false;
    this.failure = undefined;
    return ++this.seq;
  }

  /** @param {Message} m @returns {boolean} whether it was for what is wanted now */
  take(m) {
    if (m.seq !== this.seq) {
      if (m.type === 'picture') this.#close(m);
      return false;
    }
    switch (m.type) {
      case 'picture':
        this.queue.push(m);
        this.nothing = undefined;
        this.atEdge = this.away = false;
        break;
      case 'away':
        this.away = true;
        break;
      case 'nothing':
        this.nothing = m;
        this.away = false;
        break;
      case 'edge':
        this.atEdge = true;
        break;
      case 'bad':
        this.skipped++;
        break;
      case 'failed':
        this.failure = m.why;
    }
    return true;
  }

  /** The hole that comes next, if one does. */
  get hole() {
    return this.queue[0]?.hole;
  }

  /**
   * Paints the picture that stands at a moment; none from behind a hole, until that is said to be over.
   * @param {number} us @param {number} rate @returns {boolean} whether another one is seen
   */
  paint(us, rate) {
    /** @type {Picture|undefined} */
    let due;
    for (let next; (next = this.queue[0]) && !next.hole;) {
      // The picture at a moment is the newest of before: backwards one goes when the moment is before it.
      if (rate < 0 ? (due?.us ?? this.shown ?? Infinity) <= us : next.us > us) break;
      if (due) this.#close(due);
      due = this.queue.shift();
    }
    if (due) this.show(due);
    return due !== undefined;
  }

  /** @param {Picture} p */
  show(p) {
    if (this.canvas.width !== p.bitmap.width || this.canvas.height !== p.bitmap.height) {
      this.canvas.width = p.bitmap.width;
      this.canvas.height = p.bitmap.height;
    }
    this.paper?.drawImage(p.bitmap, 0, 0);
    this.shown = p.us;
    this.canvas.dataset.us = String(p.us);
    this.#close(p);
  }

  /** @param {Picture} p */
  #close(p) {
    p.bitmap.close();
    this.order({ do: 'back', feed: this.number });
  }

  close() {
    this.begin();
    this.order({ do: 'close', feed: this.number });
    this.canvas.width = this.canvas.height = 0; // WebKit frees it now, not some time
  }
}
