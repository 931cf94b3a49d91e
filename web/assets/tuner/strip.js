// @ts-check
// The last minute of the largest thing that changed, with the line from which on it counts: the line is a slider.
import { html } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { words } from '../core/strings-zones.js';
import { sizes, stepOf } from './presets.js';

const minute = 60e3;

/** "0.2 %", "12 %". @param {number} part of the picture */
export const percent = (part) => `${(part * 100).toFixed(part < 0.01 ? 2 : part < 0.1 ? 1 : 0).replace(/\.?0+$/, '')} %`;

/** Properties: looks ({at, largest}, the last minute's), size (that counts, a part of the picture), off. Event: size-change {percent}, one of the slider's steps. */
class Strip extends View {
  static properties = { size: { type: Number }, off: { type: Boolean } };
  constructor() {
    super();
    /** @type {{at: number, largest: number}[]} */
    this.looks = [];
    this.size = 0.002;
    this.off = this.drags = false;
    this.frame = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    const seen = new ResizeObserver(() => this.soon());
    seen.observe(this);
    this.until(() => { seen.disconnect(); cancelAnimationFrame(this.frame); this.frame = 0; });
  }

  /** Shows other looks. @param {{at: number, largest: number}[]} looks */
  show(looks) { this.looks = looks; this.soon(); }
  soon() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.draw(); }); }
  updated() { this.soon(); }

  /** The part of the picture at the upper edge. */
  get top() { return Math.min(1, Math.max(0.05, this.size * 2.5, ...this.looks.map((l) => l.largest * 1.15))); }

  draw() {
    const canvas = this.querySelector('canvas'), pen = canvas?.getContext('2d');
    if (!canvas || !pen || !canvas.clientWidth) return;
    const scale = Math.min(2, devicePixelRatio || 1), w = Math.round(canvas.clientWidth * scale), h = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const css = getComputedStyle(this), now = performance.now(), top = this.top;
    const y = (/** @type {number} */ part) => h - Math.round(Math.sqrt(part / top) * (h - 2));
    pen.clearRect(0, 0, w, h);
    const column = Math.max(2, Math.ceil(w / 480));
    for (const l of this.looks) {
      if (!l.largest) continue;
      pen.fillStyle = css.getPropertyValue(l.largest >= this.size ? '--lane-motion' : '--line');
      pen.fillRect(Math.round(w - ((now - l.at) / minute) * w), y(l.largest), column, h);
    }
    pen.fillStyle = css.getPropertyValue('--accent');
    pen.fillRect(0, y(this.size) - scale, w, 2 * scale);
    const label = /** @type {HTMLElement|null} */ (this.querySelector('.tn-line'));
    if (label) label.style.top = `${Math.min(h - 13 * scale, Math.max(13 * scale, y(this.size))) / scale}px`;
  }

  /** @param {PointerEvent} e */
  drag(e) {
    if (this.off || (e.type === 'pointermove' && !this.drags)) return;
    const el = /** @type {HTMLElement} */ (e.currentTarget), r = el.getBoundingClientRect();
    if (e.type === 'pointerdown') { this.drags = true; el.setPointerCapture(e.pointerId); this.held = this.top; }
    const part = Math.min(1, Math.max(0.02, (r.bottom - e.clientY) / r.height)) ** 2 * (this.held ?? this.top);
    this.tell(stepOf(part * 100));
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[e.key];
    if (!by || this.off) return;
    e.preventDefault();
    this.tell(stepOf(this.size * 100) + by);
  }

  /** @param {number} step */
  tell(step) { this.dispatchEvent(new CustomEvent('size-change', { detail: sizes[Math.min(sizes.length - 1, Math.max(0, step))], bubbles: true })); }

  render() {
    const now = this.looks[this.looks.length - 1]?.largest ?? 0;
    this.className = 'tn-strip';
    return html`<div class="tn-lane" role="slider" tabindex=${this.off ? -1 : 0} aria-disabled=${this.off} aria-label=${words.strip} aria-valuemin="0" aria-valuemax=${sizes.length - 1} aria-valuenow=${stepOf(this.size * 100)}
        aria-valuetext=${words.stripNow(percent(now), percent(this.size))} @pointerdown=${this.drag} @pointermove=${this.drag} @pointerup=${() => { this.drags = false; }} @pointercancel=${() => { this.drags = false; }} @keydown=${this.key}>
        <canvas aria-hidden="true"></canvas><span class="tn-line num" aria-hidden="true">${words.counts} ≥ ${percent(this.size)}</span></div>
      <p class="small muted">${words.largest}, ${words.minute}</p>`;
  }
}
customElements.define('v-energy', Strip);
