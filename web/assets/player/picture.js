// @ts-check
// Looking closer at a picture: two fingers or the wheel, to the point, 1 to 8 times; a finger moves it; two taps are
// 2.5 times and back. A wheel over a picture that is as large as usual scrolls the page, unless Ctrl is held.

const most = 8, twice = 2.5;

export class Zoom {
  /** @param {HTMLElement} stage @param {HTMLElement} picture @param {(factor: number) => void} changed */
  constructor(stage, picture, changed) {
    this.stage = stage;
    this.picture = picture;
    this.changed = changed;
    this.factor = 1;
    this.x = this.y = 0;
    /** @type {Map<number, PointerEvent>} */
    this.fingers = new Map();
    this.lastTap = 0;
    this.stop = new AbortController();
    const on = (/** @type {string} */ type, /** @type {(e: any) => void} */ fn) => stage.addEventListener(type, fn, { signal: this.stop.signal, passive: false });
    on('wheel', (/** @type {WheelEvent} */ e) => {
      if (this.factor === 1 && !e.ctrlKey) return;
      e.preventDefault();
      this.#to(this.factor * Math.exp(-e.deltaY * 0.003), e.clientX, e.clientY);
    });
    on('pointerdown', (/** @type {PointerEvent} */ e) => this.fingers.set(e.pointerId, e));
    on('pointermove', (/** @type {PointerEvent} */ e) => this.#move(e));
    for (const type of ['pointerup', 'pointercancel', 'pointerleave']) on(type, (e) => this.fingers.delete(e.pointerId));
    on('dblclick', (/** @type {MouseEvent} */ e) => {
      if (!(e.target instanceof HTMLButtonElement)) this.#to(this.factor > 1 ? 1 : twice, e.clientX, e.clientY);
    });
  }

  /** @param {PointerEvent} e */
  #move(e) {
    const before = this.fingers.get(e.pointerId);
    if (!before) return;
    const other = [...this.fingers.values()].find((f) => f.pointerId !== e.pointerId);
    if (other) {
      const old = Math.hypot(before.clientX - other.clientX, before.clientY - other.clientY), wide = Math.hypot(e.clientX - other.clientX, e.clientY - other.clientY);
      this.#to(this.factor * wide / Math.max(10, old), (e.clientX + other.clientX) / 2, (e.clientY + other.clientY) / 2);
    } else if (this.factor > 1) {
      this.x += e.clientX - before.clientX;
      this.y += e.clientY - before.clientY;
      this.#place();
    }
    this.fingers.set(e.pointerId, e);
  }

  /** @param {number} factor @param {number} clientX @param {number} clientY what is there stays there */
  #to(factor, clientX, clientY) {
    const box = this.stage.getBoundingClientRect();
    const px = clientX - box.left - box.width / 2, py = clientY - box.top - box.height / 2;
    const to = Math.min(most, Math.max(1, factor));
    this.x = px - (px - this.x) * to / this.factor;
    this.y = py - (py - this.y) * to / this.factor;
    this.factor = to;
    this.#place();
    this.changed(to);
  }

  #place() {
    const w = this.picture.offsetWidth * (this.factor - 1) / 2, h = this.picture.offsetHeight * (this.factor - 1) / 2;
    this.x = Math.min(w, Math.max(-w, this.x));
    this.y = Math.min(h, Math.max(-h, this.y));
    this.picture.style.transform = this.factor === 1 ? '' : `translate(${this.x}px, ${this.y}px) scale(${this.factor})`;
    this.stage.classList.toggle('zoomed', this.factor > 1);
  }

  reset() {
    this.factor = 1;
    this.x = this.y = 0;
    this.#place();
    this.changed(1);
  }

  end() {
    this.stop.abort();
  }
}
