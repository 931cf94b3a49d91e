// @ts-check
// Which time is where on the tape.

const second = 1000, day = 86400e3;
export const shortest = 20 * second, longest = 31 * day;
/** Zoom stays here when it comes near. */
const detents = [60e3, 600e3, 3600e3, 6 * 3600e3, day, 7 * day];

export class Scale {
  constructor() {
    this.center = Date.now();
    this.span = 3600e3;
    this.width = 1; // CSS px
  }

  get from() { return this.center - this.span / 2; }
  get to() { return this.center + this.span / 2; }
  /** ms of a CSS pixel. */
  get pixel() { return this.span / this.width; }

  /** @param {number} ms */
  x(ms) { return (ms - this.from) / this.pixel; }
  /** @param {number} x */
  ms(x) { return this.from + x * this.pixel; }

  /** Zooms, and what is at x stays there. @param {number} factor below 1: in @param {number} x @param {boolean} [snap] */
  zoom(factor, x, snap = false) {
    const at = this.ms(x);
    let span = Math.min(longest, Math.max(shortest, this.span * factor));
    const near = snap ? detents.find((d) => Math.abs(Math.log(span / d)) < 0.06) : undefined;
    if (near) span = near;
    this.center = at + (this.center - at) * (span / this.span);
    this.span = span;
  }

  /** @param {number} px to the right */
  pan(px) { this.center -= px * this.pixel; }
}

/** "1h" of a URL in ms. @param {string|null} text */
export function spanOf(text) {
  const m = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text ?? '');
  if (!m) return undefined;
  return Math.min(longest, Math.max(shortest, Number(m[1]) * { s: second, m: 60e3, h: 3600e3, d: day }[/** @type {'s'|'m'|'h'|'d'} */ (m[2])]));
}

/** @param {number} ms */
export function spanText(ms) {
  for (const [unit, length] of /** @type {[string, number][]} */ ([['d', day], ['h', 3600e3], ['m', 60e3]])) if (ms % length === 0) return `${ms / length}${unit}`;
  return `${Math.round(ms / 1000)}s`;
}
