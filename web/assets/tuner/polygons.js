// @ts-check
// Zones over the picture, to be drawn and shaped by finger, mouse and keys.
import { html, nothing, svg } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { words } from '../core/strings-zones.js';
import { crosses, distance, holds, middle, middles, nearest, nudge, snap, straighten } from './polygon.js';

/** @typedef {import('./polygon.js').Point} Point @typedef {import('./judge.js').Zone} Zone */
/** @typedef {{index: number, points: Point[], moved: boolean, ghost: boolean, touch: boolean, start: [number, number]}} Drag index: of the corner that is moved; −1: a tap that draws */

const grab = { touch: 44, mouse: 18 }, grabMiddle = { touch: 24, mouse: 14 }, closing = { touch: 24, mouse: 14 }; // px
const moves = 6; // px: less is a tap
const step = 0.005, bigStep = 0.02;
const loupe = 112, enlarge = 3; // px

/**
 * Properties: zones, selected (−1: none), drawing (corners of a zone that is drawn; undefined: none is), off, picture (what the loupe shows).
 * Events: zone-change {points} of the selected one, zone-pick {index}, zone-drawn {points}, zone-draw {points}, zone-refused {text}, zone-corner {index}.
 */
class Polygons extends View {
  static properties = { zones: { attribute: false }, selected: { type: Number }, drawing: { attribute: false }, off: { type: Boolean }, picture: { attribute: false }, drag: { state: true }, focused: { state: true } };
  constructor() {
    super();
    /** @type {Zone[]} */
    this.zones = [];
    this.selected = -1;
    /** @type {Point[]|undefined} */
    this.drawing = undefined;
    this.off = false;
    /** @type {HTMLCanvasElement|null} */
    this.picture = null;
    /** @type {Drag|undefined} */
    this.drag = undefined;
    this.focused = -1;
    this.shaped = 0; // performance.now() of the last touch that drew or moved something: the click behind it picks nothing
  }

  get size() { return { width: this.clientWidth || 1, height: this.clientHeight || 1 }; }
  /** What is shaped now: a drag's own corners, those drawn, or the selected zone's. @returns {Point[]} */
  get shape() { return this.drag && this.drag.index >= 0 ? this.drag.points : this.drawing ?? this.zones[this.selected]?.points ?? []; }

  /** @param {string} name @param {unknown} detail */
  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true })); }

  /** @param {PointerEvent} e @returns {Point} */
  at(e) {
    const r = this.getBoundingClientRect();
    return [(e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height];
  }

  /** @param {PointerEvent} e */
  down(e) {
    if (this.off || e.button || this.drag) return;
    const p = this.at(e), size = this.size, touch = e.pointerType !== 'mouse', how = touch ? 'touch' : 'mouse';
    const points = this.drawing ?? this.zones[this.selected]?.points, corner = nearest(points ?? [], p, size);
    /** @type {Drag} */
    const drag = { index: -1, points: [...(points ?? [])], moved: false, ghost: false, touch, start: [e.clientX, e.clientY] };
    if (points && !this.drawing) {
      const between = nearest(middles(points), p, size);
      if (between.px < Math.min(grabMiddle[how], corner.px)) {
        drag.index = between.index + 1;
        drag.ghost = true;
        drag.points.splice(drag.index, 0, snap(middles(points)[between.index], size));
      } else if (corner.px < grab[how] && (corner.px < grabMiddle[how] * 1.5 || holdsNone(this.zones, this.selected, p))) drag.index = corner.index;
    } else if (points && corner.px < closing[how]) drag.index = corner.index; // a drag moves it; a tap on the first one closes
    if (!this.drawing && drag.index < 0) return; // the click picks a zone, and the page may be scrolled
    e.preventDefault();
    this.setPointerCapture(e.pointerId);
    this.drag = drag;
    if (drag.index >= 0 && !this.drawing) this.focusOn(drag.index);
  }

  /** @param {PointerEvent} e */
  move(e) {
    const d = this.drag;
    if (!d) return;
    if (!d.moved && Math.hypot(e.clientX - d.start[0], e.clientY - d.start[1]) < moves) return;
    d.moved = true;
    if (d.index >= 0) d.points[d.index] = snap(this.at(e), this.size);
    this.requestUpdate();
    if (d.touch && d.index >= 0) this.updateComplete.then(() => this.look(d));
  }

  /** @param {PointerEvent} e */
  up(e) {
    const d = this.drag;
    if (!d) return;
    this.drag = undefined;
    this.shaped = performance.now();
    const p = snap(this.at(e), this.size);
    if (this.drawing) return d.moved && d.index >= 0 ? this.take(d.points, true) : this.draw(p, d);
    if (d.moved || d.ghost) this.take(d.points);
  }

  cancel() { this.drag = undefined; }

  /** A tap while a zone is drawn. @param {Point} p @param {Drag} d */
  draw(p, d) {
    const points = this.drawing ?? [];
    if (d.index === 0 && points.length > 2) return this.close();
    if (d.index >= 0 && distance(points[d.index], p, this.size) < moves) return; // the same once more
    const next = [...points, p];
    if (crosses(next, true)) return this.tell('zone-refused', words.crossing);
    this.tell('zone-draw', next);
  }

  /** Ends drawing. */
  close() {
    const points = this.drawing ?? [];
    if (points.length < 3) return this.tell('zone-refused', words.fewCorners);
    if (crosses(points)) return this.tell('zone-refused', words.crossingClose);
    this.tell('zone-drawn', points);
  }

  /** Takes other corners, if they can be. @param {Point[]} points @param {boolean} [open] */
  take(points, open = false) {
    if (crosses(points, open)) return this.tell('zone-refused', words.crossing);
    this.tell(open ? 'zone-draw' : 'zone-change', open ? points : straighten(points, this.size));
  }

  /** @param {MouseEvent} e a click where nothing was dragged: the smallest zone there is picked */
  tapped(e) {
    if (this.off || this.drawing || performance.now() - this.shaped < 500 || /** @type {HTMLElement} */ (e.target).closest('button')) return;
    const p = this.at(/** @type {PointerEvent} */ (e));
    const there = this.zones.map((z, index) => ({ z, index })).filter(({ z }) => holds(z.points, p));
    there.sort((a, b) => extent(a.z) - extent(b.z));
    if (there.some((o) => o.index === this.selected) && there.length === 1) return;
    const pick = there.find((o) => o.index !== this.selected)?.index ?? -1;
    this.tell('zone-pick', pick);
  }

  /** @param {KeyboardEvent} e @param {number} i */
  key(e, i) {
    const by = e.shiftKey ? bigStep : step, points = this.zones[this.selected]?.points;
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    if (!points || this.off) return;
    if (ways[e.key]) {
      e.preventDefault();
      const next = [...points];
      next[i] = nudge(points[i], ...ways[e.key]);
      if (crosses(next)) this.tell('zone-refused', words.crossing);
      else this.tell('zone-change', next);
    } else if (e.key === 'Delete' || e.key === 'Backspace') {
      e.preventDefault();
      this.takeAway(i);
    }
  }

  /** Takes a corner away. @param {number} i */
  takeAway(i) {
    const points = this.zones[this.selected]?.points ?? [];
    const next = points.filter((_, k) => k !== i);
    if (next.length < 3) return this.tell('zone-refused', words.fewCorners);
    if (crosses(next)) return this.tell('zone-refused', words.crossing);
    this.tell('zone-change', next);
    this.focusOn(Math.min(i, next.length - 1));
  }

  /** @param {number} i */
  focusOn(i) {
    this.focused = i;
    this.tell('zone-corner', i);
    this.updateComplete.then(() => /** @type {HTMLElement|null} */ (this.querySelector(`[data-corner="${i}"]`))?.focus({ preventScroll: true }));
  }

  /** By keys, a corner between two. @param {number} i */
  insert(i) {
    const points = [...this.zones[this.selected].points];
    points.splice(i + 1, 0, snap(middles(points)[i], this.size));
    this.tell('zone-change', points); // it bends nothing yet, and is kept until something is dragged
    this.focusOn(i + 1);
  }

  /** Shows what is under the finger. @param {Drag} d */
  look(d) {
    const glass = /** @type {HTMLCanvasElement|null} */ (this.querySelector('.tn-loupe')), from = this.picture;
    const [x, y] = d.points[d.index], pen = glass?.getContext('2d');
    if (!glass || !from || !pen) return;
    const scale = from.width / this.size.width, part = (loupe / enlarge) * scale;
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, loupe, loupe);
    pen.drawImage(from, x * from.width - part / 2, y * from.height - part / 2, part, part, 0, 0, loupe, loupe);
    pen.strokeStyle = '#fff';
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(loupe / 2, 8); pen.lineTo(loupe / 2, loupe - 8); pen.moveTo(8, loupe / 2); pen.lineTo(loupe - 8, loupe / 2);
    pen.stroke();
  }

  render() {
    const points = this.shape, wrong = crosses(points, !!this.drawing), shaped = this.drawing ? -1 : this.selected;
    const path = (/** @type {Point[]} */ list) => list.map((p) => p.map((v) => (v * 1000).toFixed(1)).join(',')).join(' ');
    const place = ([x, y] = /** @type {Point} */ ([0, 0])) => `left:${x * 100}%;top:${y * 100}%`;
    this.className = `tn-polygons${this.drawing || this.selected >= 0 ? ' edits' : ''}${this.drawing ? ' draws' : ''}`;
    const at = this.drag && this.drag.index >= 0 && this.drag.moved ? points[this.drag.index] : undefined;
    return html`<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true" @pointerdown=${this.down} @click=${this.tapped}>
      ${this.zones.map((z, i) => svg`<polygon class="${z.kind}${i === shaped ? ' on' : ''}${i === shaped && wrong ? ' wrong' : ''}" points=${path(i === shaped ? points : z.points)}></polygon>`)}
      ${this.drawing ? svg`<polyline class=${wrong ? 'wrong' : ''} points=${path(points)}></polyline>${points.length > 2 ? svg`<polyline class="closing" points=${path([points[points.length - 1], points[0]])}></polyline>` : nothing}` : nothing}</svg>
      ${this.zones.map((z, i) => html`<span class="tn-name ${i === shaped ? 'on' : ''}" .style=${place(middle(i === shaped ? points : z.points))}>${z.name || words.unnamed(i + 1)}</span>`)}
      ${this.drawing ? points.map((p, i) => html`<i class="tn-dot ${i === 0 && points.length > 2 ? 'first' : ''}" .style=${place(p)}></i>`) : nothing}
      ${shaped >= 0 && !this.off ? points.map((p, i) => html`<button type="button" class="tn-corner ${i === this.focused ? 'on' : ''}" data-corner=${i} .style=${place(p)} aria-label=${words.corner(i + 1, points.length, p[0], p[1])}
        @focus=${() => { this.focused = i; this.tell('zone-corner', i); }} @keydown=${(/** @type {KeyboardEvent} */ e) => this.key(e, i)}></button>`) : nothing}
      ${shaped >= 0 && !this.off && !this.drag ? middles(points).map((p, i) => html`<button type="button" class="tn-ghost" .style=${place(p)} aria-label=${words.ghost(i + 1)} @click=${() => this.insert(i)}></button>`) : nothing}
      ${at && this.drag?.touch ? html`<canvas class="tn-loupe ${at[1] * this.size.height < loupe + 40 ? 'below' : ''}" width=${loupe} height=${loupe} .style=${place([Math.min(1 - loupe / 2 / this.size.width, Math.max(loupe / 2 / this.size.width, at[0])), at[1]])} aria-hidden="true"></canvas>` : nothing}
      ${wrong ? html`<p class="tn-wrong" role="alert">${words.crossingNow}</p>` : nothing}`;
  }

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener('pointermove', this.move);
    this.addEventListener('pointerup', this.up);
    this.addEventListener('pointercancel', this.cancel);
  }
}
customElements.define('v-polygons', Polygons);

/** How large a zone is, roughly. @param {Zone} z */
const extent = ({ points }) => (Math.max(...points.map((p) => p[0])) - Math.min(...points.map((p) => p[0]))) * (Math.max(...points.map((p) => p[1])) - Math.min(...points.map((p) => p[1])));

/** A finger far off a corner means the zone under it, if there is another one. @param {Zone[]} zones @param {number} selected @param {Point} p */
const holdsNone = (zones, selected, p) => !zones.some((z, i) => i !== selected && holds(z.points, p));
