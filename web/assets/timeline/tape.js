// @ts-check
// The tape. On a phone it moves under a playhead that stands in the middle; on a desk the playhead moves. It
// knows what is where in time, and tells what a person wants; who plays is the view's.
import { html, nothing, repeat } from '../lib/lit.js';
import { View, kept } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { store } from '../core/store.js';
import { live } from '../core/live.js';
import { reasons, words } from '../core/strings-footage.js';
import { words as keeping } from '../core/strings-select.js';
import { dayOf, format, now, zone } from '../core/time.js';
import * as drawing from './draw.js';
import { Keeps } from './keeps.js';
import { gestures } from './gestures.js';
import { Minimap } from './minimap.js';
import { colours, pattern, patternOf } from './paint.js';
import { Scale } from './scale.js';
import { Sheets } from './sheets.js';
import { find, Spans } from './spans.js';
import { Tiles } from './tiles.js';
import './look.js';

/**
 * What it tells, as a CustomEvent: seek (ms), scrub ({ms, phase}), view (the scale changed), pick (a camera's id),
 * gap (a gap that was tapped), keep (a keep that was), select ({from, to}), goto, list.
 * @typedef {{id: string, spans: Spans, tiles: Tiles, keeps: Keeps}} Row
 */

/** What was deleted or kept since: everything is asked for again. @param {Row} row */
function stale(row) {
  row.tiles.stale();
  row.spans.stale();
  row.keeps.stale();
}

const narrow = matchMedia('(max-width: 899px)');
const snap = 8; // px
const mostHolds = 200;

class Tape extends View {
  static properties = { cameras: { attribute: false }, selection: { attribute: false }, selecting: { type: Boolean }, listed: { type: Boolean }, lag: { attribute: false } };

  constructor() {
    super();
    /** Ids, the main one first. @type {string[]} */
    this.cameras = [];
    /** @type {{from: number, to: number}|undefined} */
    this.selection = undefined;
    this.selecting = this.listed = false;
    this.lag = '';
    this.scale = new Scale();
    this.ms = now();
    this.dragging = false;
    this.dirty = false;
    this.legend = false;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    /** @type {Minimap|undefined} */
    this.mini = undefined;
    /** @type {Sheets|undefined} */
    this.sheets = undefined;
    /** @type {number|undefined} */
    this.hovered = undefined;
    this.said = -Infinity;
    this.missing = '';
    /** Where the main camera's picture stood for long while it played, newest last. @type {{from: number, to: number}[]} */
    this.holds = [];
    /** What drawings took, in ms: for who measures. @type {number[]} */
    this.took = [];
  }

  connectedCallback() {
    super.connectedCallback();
    const watch = new ResizeObserver(() => this.#size());
    watch.observe(this);
    this.until(() => watch.disconnect());
    const timer = setInterval(() => !document.hidden && this.touch(), 5000); // now moves
    this.until(() => clearInterval(timer));
    this.until(live.onAfresh(() => this.afresh()));
    const seen = () => { this.#size(); this.requestUpdate(); };
    narrow.addEventListener('change', seen);
    this.until(() => narrow.removeEventListener('change', seen));
    const theme = new MutationObserver(() => this.touch());
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    this.until(() => theme.disconnect());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sheets?.close();
    this.sheets = undefined;
  }

  get heights() { return narrow.matches ? drawing.phone : drawing.desk; }
  /** @returns {Row|undefined} */
  get main() { return this.rows.get(this.cameras[0]); }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('cameras')) return;
    for (const id of this.cameras) if (!this.rows.has(id)) this.rows.set(id, { id, spans: new Spans(id, this.touch), tiles: new Tiles(id, this.touch), keeps: new Keeps(id, this.touch) });
    for (const id of this.rows.keys()) if (!this.cameras.includes(id)) this.rows.delete(id);
    if (this.sheets?.camera !== this.cameras[0]) {
      this.sheets?.close();
      this.holds = [];
      this.sheets = this.cameras[0] ? new Sheets(this.cameras[0], () => { this.#tip(); this.dispatchEvent(new CustomEvent('sheet')); }) : undefined;
      this.mini = this.cameras[0] ? new Minimap(this.cameras[0], this.touch) : undefined;
    }
    this.touch();
  }

  firstUpdated() {
    const lanes = /** @type {HTMLElement} */ (this.querySelector('.tape-lanes'));
    this.until(gestures(lanes, {
      begin: () => { this.dragging = true; this.#scrub('begin'); },
      pan: (dx) => {
        this.scale.pan(dx);
        this.#bound();
        if (narrow.matches) { this.ms = this.scale.center; this.#scrub('move'); }
        this.#moved();
      },
      zoom: (factor, x) => {
        this.scale.zoom(factor, narrow.matches ? this.scale.width / 2 : x, true);
        this.#moved();
      },
      end: () => { this.dragging = false; this.#scrub('end'); },
      tap: (x, y) => this.#tap(x, y),
      hold: (x) => this.#choose(this.#snapped(this.scale.ms(x))),
      hover: (x) => { this.hovered = x; this.#tip(); },
    }));
    this.#size();
  }

  /** Something was changed at the recorder. */
  afresh() {
    for (const row of this.rows.values()) stale(row);
    this.touch();
  }

  /** Something is to be drawn anew. */
  touch = () => {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => {
      this.dirty = false;
      this.#draw();
    });
  };

  /** Moves the playhead. @param {number} ms @param {boolean} playing */
  at(ms, playing) {
    if (this.dragging) return;
    const before = this.ms;
    this.ms = ms;
    if (narrow.matches) {
      if (Math.abs(ms - this.scale.center) > this.scale.pixel / 4) { this.scale.center = ms; this.touch(); }
    } else if (playing && ms > this.scale.from + this.scale.span * 0.8 && before <= ms && ms < this.scale.to) {
      this.scale.center += this.scale.span * 0.6;
      this.touch();
    } else if (ms < this.scale.from || ms > this.scale.to) {
      this.scale.center = ms;
      this.touch();
    }
    this.#head();
  }

  /** The picture stood there, with no gap: a tick tells it. @param {{from: number, to: number}} span ms */
  held(span) {
    if (this.holds.some((h) => h.from === span.from)) return;
    this.holds.push(span);
    if (this.holds.length > mostHolds) this.holds.shift();
    this.touch();
  }

  /** @param {number} span @param {number} [center] */
  look(span, center = this.ms) {
    this.scale.span = span;
    this.scale.center = center;
    this.scale.zoom(1, this.scale.width / 2);
    this.#moved();
  }

  /** @param {number} factor */
  zoom(factor) {
    const x = narrow.matches || this.ms < this.scale.from || this.ms > this.scale.to ? this.scale.width / 2 : this.scale.x(this.ms);
    this.scale.zoom(factor, x, true);
    this.#moved();
  }

  day() {
    const { start, end } = dayOf(this.ms);
    this.look(end - start, narrow.matches ? this.ms : (start + end) / 2);
  }

  #moved() {
    this.touch();
    this.dispatchEvent(new CustomEvent('view'));
  }

  #bound() {
    this.scale.center = Math.min(this.scale.center, narrow.matches ? now() : now() + this.scale.span * 0.4);
  }

  /** @param {'begin'|'move'|'end'} phase */
  #scrub(phase) {
    if (narrow.matches) this.dispatchEvent(new CustomEvent('scrub', { detail: { ms: this.ms, phase } }));
  }

  /** @param {number} ms */
  #snapped(ms) {
    return this.main?.spans.snap(ms, snap * this.scale.pixel) ?? ms;
  }

  /** @param {number} x @param {number} y */
  #tap(x, y) {
    const h = this.heights, ms = this.scale.ms(x);
    const gap = this.main?.spans.at(ms);
    // The rail is thin: what is near to it is meant too, where it holds something.
    const near = y > h.ruler - 8 && y < h.ruler + h.rail + 3 && this.main?.keeps.at(ms, 6 * this.scale.pixel);
    if (near) {
      this.dispatchEvent(new CustomEvent('keep', { detail: near }));
      return;
    }
    const inCoverage = y > h.ruler && y < h.ruler + h.rail + h.coverage;
    if (inCoverage && gap && gap !== 'recorded') {
      this.dispatchEvent(new CustomEvent('gap', { detail: gap }));
      return;
    }
    const top = h.ruler + h.rail + h.coverage + h.motion + h.sound + 3 * h.pad;
    const event = y > top && this.main?.spans.events.find((e) => drawing.seen(e.kinds) && Math.abs(this.scale.x(e.from) - x) < 16);
    this.dispatchEvent(new CustomEvent('seek', { detail: event ? event.from : Math.min(now(), this.#snapped(ms)) }));
  }

  /** @param {number} ms */
  #choose(ms) {
    const half = Math.min(this.scale.span / 8, 30e3);
    this.dispatchEvent(new CustomEvent('select', { detail: { from: ms - half, to: Math.min(now(), ms + half) } }));
  }

  #size() {
    this.scale.width = Math.max(1, this.clientWidth);
    this.touch();
  }

  /** @param {string} selector @param {number} height @returns {import('./draw.js').Board|undefined} */
  #board(selector, height) {
    const canvas = /** @type {HTMLCanvasElement|null} */ (this.querySelector(selector));
    const paper = canvas?.getContext('2d', { alpha: false });
    if (!canvas || !paper) return undefined;
    const dpr = Math.min(2, devicePixelRatio || 1);
    const width = Math.round(this.scale.width * dpr), tall = Math.round(height * dpr);
    if (canvas.width !== width || canvas.height !== tall) [canvas.width, canvas.height] = [width, tall];
    return { paper, dpr, scale: this.scale, colours: this.inks ?? colours(this) };
  }

  #draw() {
    if (!this.isConnected || !this.main) return;
    const began = performance.now();
    this.inks = colours(this);
    const { scale, main } = this;
    for (const row of this.rows.values()) {
      row.spans.want(scale.from, scale.to, scale.pixel);
      row.tiles.want(scale.from, scale.to);
    }
    main.keeps.want(scale.from, scale.to);
    const board = this.#board('.tape-lanes > canvas', drawing.heightOf(this.heights));
    if (board) {
      drawing.draw(board, main, this.heights, this.selection);
      drawing.holds(board, this.holds, this.heights);
    }
    for (const id of this.cameras.slice(1)) {
      const row = this.rows.get(id), b = this.#board(`canvas[data-row="${id}"]`, drawing.compact);
      if (row && b) {
        b.paper.fillStyle = b.colours.bg;
        b.paper.fillRect(0, 0, b.paper.canvas.width, b.paper.canvas.height);
        drawing.coverage(b, row.spans, 1, drawing.compact - 2, false);
        drawing.compactMotion(b, row.tiles, drawing.compact);
      }
    }
    const small = this.#board('.tape-mini canvas', 16);
    if (small) this.mini?.draw(small);
    this.took.push(performance.now() - began);
    if (this.took.length > 200) this.took.shift();
    this.#head();
    if (this.listed) this.requestUpdate();
  }

  #head() {
    const head = /** @type {HTMLElement|null} */ (this.querySelector('.tape-head'));
    const x = narrow.matches ? this.scale.width / 2 : this.scale.x(this.ms);
    if (head) head.style.transform = `translateX(${Math.round(x)}px)`;
    for (const end of /** @type {('from'|'to')[]} */ (['from', 'to'])) {
      const grip = /** @type {HTMLElement|null} */ (this.querySelector(`.tape-grip[data-end=${end}]`));
      if (grip && this.selection) grip.style.transform = `translateX(${Math.round(this.scale.x(this.selection[end]))}px)`;
    }
    if (performance.now() - this.said < 1000) return;
    this.said = performance.now();
    const missing = this.cameras.slice(1).map((id) => this.#missing(id)).join();
    if (missing !== this.missing) { this.missing = missing; this.requestUpdate(); }
    const lanes = this.querySelector('.tape-lanes');
    lanes?.setAttribute('aria-valuetext', this.#spoken());
    lanes?.setAttribute('aria-valuenow', String(Math.round(this.ms / 1000)));
    lanes?.setAttribute('aria-valuemin', String(Math.round(this.scale.from / 1000)));
    lanes?.setAttribute('aria-valuemax', String(Math.round(Math.max(now(), this.ms) / 1000)));
  }

  /** Tells at once where the playhead is: somebody jumped. */
  say() {
    this.said = -Infinity;
    this.#head();
  }

  #spoken() {
    const what = this.main?.spans.at(this.ms), bucket = this.main?.tiles.second(this.ms);
    const motion = !bucket ? '' : bucket.motion < 20 ? words.motion.none : bucket.motion < 80 ? words.motion.low : words.motion.high;
    const state = what === 'recorded' ? [words.recorded, find(this.main?.spans.thinned ?? [], this.ms) ? words.thinned : '', motion] : what ? [words.notRecorded, (reasons[what.reason] ?? reasons.unknown)[0]] : [words.unknown];
    return [format(this.ms, 'datetime'), store.camera(this.cameras[0])?.name, ...state].filter(Boolean).join(', ');
  }

  #tip() {
    const tip = /** @type {HTMLElement|null} */ (this.querySelector('.tape-tip'));
    const mark = /** @type {HTMLElement|null} */ (this.querySelector('.tape-mark'));
    if (!tip || !mark) return;
    tip.hidden = mark.hidden = this.hovered === undefined;
    if (this.hovered === undefined) return;
    const ms = this.scale.ms(this.hovered);
    tip.style.transform = `translateX(${Math.round(Math.min(Math.max(82, this.hovered), this.scale.width - 82))}px)`;
    mark.style.transform = `translateX(${Math.round(this.hovered)}px)`;
    const canvas = /** @type {HTMLCanvasElement} */ (tip.querySelector('canvas'));
    const paper = canvas.getContext('2d');
    canvas.hidden = !(ms < now() && paper && this.sheets?.draw(ms, paper));
    const gap = this.main?.spans.at(ms), held = this.holds.find((h) => ms >= h.from - 4 * this.scale.pixel && ms < h.to + 4 * this.scale.pixel);
    const time = /** @type {HTMLElement} */ (tip.querySelector('time'));
    time.textContent = format(ms, this.scale.span > 12 * 3600e3 ? 'datetime' : 'time') + (gap && gap !== 'recorded' ? ' · ' + (reasons[gap.reason] ?? reasons.unknown)[0] : this.main && find(this.main.spans.thinned, ms) ? ' · ' + words.lanes.thinned.toLowerCase() : held ? ' · ' + words.held(((held.to - held.from) / 1000).toFixed(1)) : '');
  }

  /** @param {PointerEvent} e @param {'from'|'to'} end */
  #grip(e, end) {
    e.stopPropagation();
    e.preventDefault();
    const grip = /** @type {HTMLElement} */ (e.currentTarget);
    grip.setPointerCapture(e.pointerId);
    const left = this.getBoundingClientRect().left;
    let edge = 0;
    const turn = () => {
      if (!grip.hasPointerCapture(e.pointerId)) return;
      if (edge) { this.scale.pan(-edge * 8); place(last); this.#moved(); }
      requestAnimationFrame(turn);
    };
    let last = e.clientX;
    const place = (/** @type {number} */ clientX) => {
      if (!this.selection) return;
      last = clientX;
      const x = clientX - left;
      edge = x < 32 ? -1 : x > this.scale.width - 32 ? 1 : 0;
      const ms = Math.min(now(), this.#snapped(this.scale.ms(x)));
      const selection = { ...this.selection, [end]: ms };
      if (selection.to - selection.from >= 100) this.dispatchEvent(new CustomEvent('select', { detail: selection }));
    };
    grip.onpointermove = (m) => place(m.clientX);
    grip.onlostpointercapture = () => { grip.onpointermove = null; };
    requestAnimationFrame(turn);
  }

  /** @param {MouseEvent} e */
  #mini(e) {
    if (!this.mini) return;
    const ms = Math.min(now(), this.mini.scale.ms(e.clientX - this.getBoundingClientRect().left));
    this.scale.center = ms;
    this.#moved();
    if (narrow.matches) this.dispatchEvent(new CustomEvent('seek', { detail: ms }));
  }

  updated() {
    const draw = () => {
      for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (this.querySelectorAll('.tape-legend canvas'))) this.#swatch(canvas);
    };
    if (this.legend) draw();
    this.#head();
  }

  /** @param {HTMLCanvasElement} canvas */
  #swatch(canvas) {
    const paper = canvas.getContext('2d'), kind = canvas.dataset.kind ?? '', c = colours(this);
    if (!paper) return;
    paper.fillStyle = c.bg;
    paper.fillRect(0, 0, 36, 16);
    const lanes = /** @type {Record<string, string>} */ ({ recorded: c.recorded, motion: c.motion, sound: c.sound, events: c.event, kept: c.kept, held: c.recorded, thinned: c.recorded });
    const p = lanes[kind] ? 'lane' : patternOf(kind);
    paper.fillStyle = lanes[kind] ?? (p === 'solid' ? c.danger : p === 'fade' || p === 'gone' ? c.line : p === 'question' ? c.hair : p === 'line' ? c.line : pattern(paper, /** @type {any} */ (p), p === 'dots' ? c.warn : c.line, 1));
    if (p === 'line') paper.fillRect(0, 13, 36, 1); else if (p === 'question') paper.fillRect(0, 8, 36, 8); else if (p === 'fade' || p === 'gone') { for (let y = 0; y < 16; y++) { paper.globalAlpha = 1 - y / 16; paper.fillRect(0, y, 36, 1); } paper.globalAlpha = 1; } else paper.fillRect(0, 0, 36, 16);
    if (kind === 'thinned') drawing.slits(paper, c.bg, 0, 0, 36, 16, 1);
    if (kind === 'held') { paper.fillStyle = c.bg; paper.fillRect(15, 0, 6, 16); paper.fillStyle = c.warn; paper.fillRect(17, 0, 2, 16); }
    if (p === 'question' || p === 'gone' || p === 'solid') { paper.fillStyle = c.text; paper.font = '12px system-ui'; if (p === 'solid') paper.fillStyle = c.bg; paper.fillText(p === 'gone' ? '✕' : p === 'solid' ? '!' : '?', 15, 13); }
  }

  /** Why a camera has nothing at the playhead; '' when it has. @param {string} id */
  #missing(id) {
    const what = this.rows.get(id)?.spans.at(this.ms);
    return what && what !== 'recorded' ? ': ' + (reasons[what.reason] ?? reasons.unknown)[0] : '';
  }

  #list() {
    const { scale, main } = this;
    if (!main) return nothing;
    const inView = (/** @type {{from: number, to: number}} */ s) => s.to >= scale.from && s.from <= scale.to;
    const list = [
      ...main.spans.events.filter((e) => inView(e) && drawing.seen(e.kinds)).map((e) => ({ ...e, text: e.kinds.map((k) => words.kinds[k] ?? k).join(', ') + (e.count > 1 ? ` (${e.count})` : '') })),
      ...main.keeps.list.filter(inView).map((k) => ({ ...k, text: keeping.keptLane + (k.note ? `: ${k.note}` : ''), keep: k })),
      ...main.spans.gaps.filter(inView).map((g) => ({ ...g, text: (reasons[g.reason] ?? reasons.unknown)[0] + (g.count > 1 ? ` (${g.count})` : '') })),
    ].sort((a, b) => a.from - b.from).slice(0, 500);
    return html`<div class="tape-list" tabindex="0" role="region" aria-label=${words.list}><table><tbody>${list.map((l) => html`<tr>
      <td><button class="button plain num" @click=${() => this.dispatchEvent(new CustomEvent('seek', { detail: l.from }))}>${format(l.from, 'datetime')}</button></td>
      <td class="num">${l.to > l.from ? format(l.to, 'time') : ''}</td><td>${l.text}</td><td>${'keep' in l ? html`<button class="button plain" @click=${() => this.dispatchEvent(new CustomEvent('keep', { detail: l.keep }))}>${keeping.keptLane}</button>` : nothing}</td></tr>`)}</tbody></table></div>`;
  }

  render() {
    const h = drawing.heightOf(this.heights);
    const tell = (/** @type {string} */ what, /** @type {unknown} */ detail = undefined) => () => this.dispatchEvent(new CustomEvent(what, { detail }));
    return html`
      <div class="tape-mini" @click=${this.#mini} aria-hidden="true"><canvas></canvas></div>
      <div class="tape-top"><div class="tape-tip" hidden><canvas width="160" height="120"></canvas><time></time></div>
        <div class="tape-lanes" .style=${`height:${h}px`} role="slider" tabindex="0" aria-label=${words.tape} aria-valuemin="0" aria-valuemax="0" aria-valuenow="0">
          <canvas aria-hidden="true"></canvas><div class="tape-mark" hidden></div><div class="tape-head"></div>
          ${this.selection ? html`${['from', 'to'].map((end) => html`<div class="tape-grip" data-end=${end}
            @pointerdown=${(/** @type {PointerEvent} */ e) => this.#grip(e, /** @type {'from'|'to'} */ (end))}></div>`)}` : nothing}
        </div></div>
      ${this.cameras.length > 1 ? html`<div class="tape-rows">${repeat(this.cameras.slice(1, 9), (id) => id, (id) => html`<button @click=${tell('pick', id)}>
        <canvas data-row=${id} aria-hidden="true"></canvas><span>${store.camera(id)?.name ?? id}${this.#missing(id)}</span></button>`)}</div>` : nothing}
      <div class="tape-tools">
        <button class="button" aria-label=${words.zoomOut} title=${words.zoomOut} @click=${() => this.zoom(2)}>${icon('minus')}</button>
        <button class="button" aria-label=${words.zoomIn} title=${words.zoomIn} @click=${() => this.zoom(0.5)}>${icon('plus')}</button>
        <button class="button" @click=${() => this.day()}>${words.day}</button>
        <button class="button" @click=${tell('now')}>${words.now}${this.lag ? html` <span class="muted small num wide-only">−${this.lag}</span>` : nothing}</button>
        <button class="button" aria-label=${words.goTo} title=${words.goTo} @click=${tell('goto')}>${icon('clock')}<span class="wide-only">${words.goTo}</span></button>
        <span class="grow"></span>
        ${zone.differs() ? html`<span class="chip">${words.zoneChip(zone.name)}</span>` : nothing}
        <button class="button" aria-label=${words.list} aria-pressed=${this.listed} @click=${() => { this.listed = !this.listed; kept.set('list', this.listed ? '1' : ''); }}>${icon('list')}<span class="wide-only">${words.list}</span></button>
        <button class="button" aria-label=${words.legend} aria-expanded=${this.legend} @click=${() => { this.legend = !this.legend; this.requestUpdate(); }}>${icon('info')}<span class="wide-only">${words.legend}</span></button>
      </div>
      ${this.legend ? html`<ul class="tape-legend">${Object.entries(words.lanes).filter(([k]) => k !== 'future').map(([kind, text]) => html`<li><canvas width="36" height="16" data-kind=${kind}></canvas>${text}</li>`)}
        ${Object.entries(reasons).map(([kind, [short, long]]) => html`<li title=${long}><canvas width="36" height="16" data-kind=${kind}></canvas>${short}</li>`)}</ul>` : nothing}
      ${this.listed ? this.#list() : nothing}`;
  }
}

customElements.define('v-tape', Tape);
/** @typedef {Tape} TapeElement */
