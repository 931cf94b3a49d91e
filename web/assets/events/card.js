// @ts-check
// One card: what it looked like, where it moved, which camera and when, and what can be done with it. A finger that
// goes to the left turns its pictures over, one that goes to the right has seen it, one that stays selects it.
import { LitElement, html, nothing } from '../lib/lit.js';
import { icon } from '../core/icons.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { format, length } from '../core/time.js';
import { micros } from '../player/stamp.js';
import '../timeline/thumb.js';
import { Flip } from './flip.js';
import { nameOf, playing } from './place.js';

/** @typedef {import('./groups.js').Card} CardOf */
/** @typedef {'watch'|'seen'|'new'|'keep'|'why'|'choose'|'apart'} What */

const hold = 400, slop = 10, swipe = 96; // ms, px
/** @type {Flip|undefined} one at a time */
let flip;

/** Properties: card, chosen, choosing (there are check boxes), act (told what somebody wants with the card). */
class EventCard extends LitElement {
  static properties = { card: { attribute: false }, chosen: { type: Boolean }, choosing: { type: Boolean }, apart: { type: Boolean } };

  constructor() {
    super();
    /** @type {CardOf|undefined} */
    this.card = undefined;
    this.chosen = this.choosing = this.apart = false;
    /** @type {(what: What, card: CardOf) => void} */
    this.act = () => {};
    this.dragged = false;
    /** @type {Flip|undefined} */
    this.flip = undefined;
  }

  createRenderRoot() { return this; }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop();
  }

  #stop() {
    clearTimeout(this.waits);
    this.flip?.stop();
    if (flip === this.flip) flip = undefined;
    this.flip = undefined;
  }

  /** @returns {Flip|undefined} */
  #flip() {
    const canvas = this.querySelector('canvas'), g = this.card?.shown;
    if (this.flip || !canvas || !g) return this.flip;
    flip?.stop();
    return this.flip = flip = new Flip(g.camera, g.from, g.to, canvas);
  }

  /** @param {PointerEvent} e */
  #enter(e) {
    if (e.pointerType !== 'mouse' || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.waits = setTimeout(() => this.#flip()?.play(), 200);
  }

  /** @param {PointerEvent} e */
  #down(e) {
    if (e.pointerType === 'mouse' || e.button || /** @type {HTMLElement} */ (e.target).closest('button, input')) return;
    const box = /** @type {HTMLElement} */ (this.querySelector('article')), x = e.clientX, y = e.clientY, id = e.pointerId;
    let moved = 0, way = '';
    this.dragged = false;
    const held = setTimeout(() => {
      if (way) return;
      way = 'held';
      this.dragged = true;
      navigator.vibrate?.(8);
      this.#do('choose');
    }, hold);
    const move = (/** @type {PointerEvent} */ m) => {
      if (m.pointerId !== id || way === 'held') return;
      moved = m.clientX - x;
      if (!way && Math.abs(m.clientY - y) > slop && Math.abs(m.clientY - y) > Math.abs(moved)) return end();
      if (!way && Math.abs(moved) < slop) return;
      if (!way) {
        clearTimeout(held);
        way = 'side';
        this.dragged = true;
        box.setPointerCapture(id);
      }
      box.style.transform = moved > 0 ? `translateX(${Math.min(moved, 2 * swipe)}px)` : '';
      box.classList.toggle('swiped', moved > swipe);
      if (moved < 0) this.#flip()?.seek(-moved / 160);
    };
    const end = () => {
      clearTimeout(held);
      this.removeEventListener('pointermove', move);
      this.removeEventListener('pointerup', up);
      this.removeEventListener('pointercancel', end);
      box.style.transform = '';
      box.classList.remove('swiped');
      if (way === 'side') this.#stop();
      setTimeout(() => { this.dragged = false; });
    };
    const up = () => {
      const done = way === 'side' && moved > swipe;
      end();
      if (done) this.#do('seen');
    };
    this.addEventListener('pointermove', move);
    this.addEventListener('pointerup', up);
    this.addEventListener('pointercancel', end);
  }

  /** @param {What} what */
  #do(what) { if (this.card) this.act(what, this.card); }

  /** A tap plays it; in a selection it chooses. @param {MouseEvent} e */
  #tap(e) {
    if (this.dragged || this.choosing) {
      e.preventDefault();
      if (!this.dragged) this.#do('choose');
      return;
    }
    this.#do('watch');
  }

  render() {
    const card = this.card;
    if (!card) return nothing;
    const g = card.shown, e = g.best, cameras = card.groups.map((o) => nameOf(o.camera)), zones = [...new Set(card.groups.flatMap((o) => o.zones))], kinds = [...new Set(card.groups.flatMap((o) => o.kinds))];
    const count = card.groups.reduce((n, o) => n + o.events.length, 0), peak = Math.max(...card.groups.map((o) => o.peak)), told = card.groups.every((o) => o.events.every((x) => x.told));
    const what = `${cameras.join(', ')}, ${format(card.from, 'datetime')}`;
    const facts = [format(card.from), card.to > card.from ? length(card.to - card.from) : '', count > card.groups.length ? words.moments(count) : ''].filter(Boolean).join(' · ');
    return html`<article class="ev-card ${card.fresh ? 'fresh' : ''} ${this.chosen ? 'chosen' : ''} ${card.groups.length > 1 ? 'stack' : ''}" @pointerdown=${this.#down} @contextmenu=${(/** @type {PointerEvent} */ m) => { if (m.pointerType !== 'mouse') m.preventDefault(); }}>
      <a class="ev-shot" href=${playing(card)} draggable="false" aria-label="${words.play}: ${what}${card.fresh ? `, ${words.newOne}` : ''}" @click=${this.#tap} @pointerenter=${this.#enter} @pointerleave=${() => this.#stop()}>
        <v-thumb .camera=${g.camera} .us=${micros(e.best ?? e.at)} .box=${e.best_box}></v-thumb><canvas hidden aria-hidden="true"></canvas>
        ${peak ? html`<span class="ev-bar" role="img" aria-label="${words.peak}: ${percent(peak)}"><i .style=${`transform:scaleX(${Math.sqrt(peak).toFixed(3)})`}></i></span>` : nothing}</a>
      <div class="ev-text"><span class="ev-name">${told ? html`<span class="chip">${words.now}</span>` : nothing}<span>${cameras.join(', ')}</span></span>
        <span class="num">${facts}</span>
        <span class="ev-facts small muted">${kinds.includes('sound') ? icon('sound', 16) : nothing}<span>${[...kinds.map((k) => words.kinds[k] ?? k), ...zones].join(' · ')}</span></span>
        ${card.groups.length > 1 || this.apart ? html`<button class="chip ev-apart" aria-expanded=${this.apart} @click=${() => this.#do('apart')}>${this.apart ? words.unstack : words.stack(card.groups.length)}</button>` : nothing}</div>
      <div class="ev-acts">
        ${told ? nothing : html`<button class="ev-dot" aria-label=${card.fresh ? words.markSeen : words.markNew} title=${card.fresh ? words.markSeen : words.markNew} @click=${() => this.#do(card.fresh ? 'seen' : 'new')}><i></i></button>`}
        ${store.may('control') || card.kept ? html`<button class="ev-keep ${card.kept ? 'on' : ''}" aria-label=${card.kept ? words.kept : words.keep} title=${card.kept ? words.kept : words.keep} ?disabled=${!store.may('control')} @click=${() => this.#do('keep')}>${icon(card.kept ? 'lock' : 'unlock', 20)}</button>` : nothing}
        ${told ? nothing : html`<button class="ev-why" @click=${() => this.#do('why')}>${words.why}</button>`}</div>
      ${this.choosing && !told ? html`<label class="ev-tick"><input type="checkbox" aria-label="${words.choose}: ${what}" .checked=${this.chosen} @change=${() => this.#do('choose')}></label>` : nothing}</article>`;
  }
}

/** @param {number} part */
export const percent = (part) => (part < 0.1 ? (part * 100).toFixed(1) : (part * 100).toFixed(0)) + ' %';

customElements.define('v-event', EventCard);
