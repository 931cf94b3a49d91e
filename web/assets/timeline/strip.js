// @ts-check
// Motion of one camera over a whole time, in one line.
import { html } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { colours } from './paint.js';
import { Spans } from './spans.js';
import { Tiles, columns } from './tiles.js';

/** Properties: camera, from, to (ms). */
class Strip extends View {
  static properties = { camera: {}, from: { type: Number }, to: { type: Number } };

  constructor() {
    super();
    this.camera = '';
    this.from = this.to = 0;
    /** @type {Tiles|undefined} */
    this.tiles = undefined;
    /** @type {Spans|undefined} */
    this.spans = undefined;
    this.dirty = false;
  }

  connectedCallback() {
    super.connectedCallback();
    const watch = new ResizeObserver(this.touch);
    watch.observe(this);
    this.until(() => watch.disconnect());
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('camera')) return;
    this.tiles = new Tiles(this.camera, this.touch);
    this.spans = new Spans(this.camera, this.touch);
  }
  updated() { this.touch(); }

  touch = () => {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => { this.dirty = false; this.#draw(); });
  };

  #draw() {
    const canvas = this.querySelector('canvas'), paper = canvas?.getContext('2d', { alpha: false });
    const { tiles, spans } = this;
    if (!canvas || !paper || !tiles || !spans || !this.clientWidth) return;
    const dpr = Math.min(2, devicePixelRatio), width = Math.round(canvas.clientWidth * dpr), height = Math.round(24 * dpr);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const c = colours(this), wide = Math.max(2, Math.round(dpr)), column = (this.to - this.from) / width * wide;
    spans.want(this.from, this.to, column);
    const level = tiles.want(this.from, this.to), out = columns(Math.ceil(width / wide));
    tiles.columns(level, this.from, column, out);
    paper.fillStyle = c.bg;
    paper.fillRect(0, 0, width, height);
    paper.fillStyle = c.recorded;
    for (const r of spans.recorded) paper.fillRect(Math.round((r.from - this.from) / column * wide), height - 3 * dpr, Math.max(1, Math.round((r.to - r.from) / column * wide)), 3 * dpr);
    paper.fillStyle = c.motion;
    for (let i = 0; i < out.motion.length; i++) if (out.motion[i] > 0) {
      const high = Math.max(1, Math.round(out.motion[i] / 255 * (height - 4 * dpr)));
      paper.fillRect(i * wide, height - 4 * dpr - high, wide, high);
    }
  }

  render() { return html`<canvas height="24" aria-hidden="true"></canvas>`; }
}

customElements.define('v-strip', Strip);
