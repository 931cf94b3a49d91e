// @ts-check
// Who leaves the timeline while it plays takes the picture along: small, in a corner, over every other view.
import { html } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go, onRoute, route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { words } from '../core/strings-footage.js';
import { words as said } from '../core/strings-select.js';
import { format } from '../core/time.js';
import { Player } from '../player/player.js';
import { link } from './places.js';

const corners = ['bottom-right', 'bottom-left', 'top-left', 'top-right'];

class Float extends View {
  constructor() {
    super();
    this.camera = '';
    this.us = NaN;
    this.rate = 1;
    this.corner = 0;
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('role', 'img');
  }

  connectedCallback() {
    super.connectedCallback();
    const player = this.player = new Player();
    this.canvas.setAttribute('aria-label', store.camera(this.camera)?.name ?? this.camera);
    player.decks = [player.open(this.camera, this.canvas)];
    player.clock.set(this.us);
    player.play(this.rate);
    player.addEventListener('state', () => this.requestUpdate());
    player.addEventListener('time', () => {
      const time = this.querySelector('time');
      if (time) time.textContent = format(player.us / 1000);
    });
    this.until(() => void player.close());
    this.until(store.subscribe(() => { if (!store.me) this.remove(); })); // it hangs on the document, and no view takes it along
    this.until(onRoute(() => { if (['timeline', 'mini', 'login'].includes(route().view)) this.remove(); }));
  }

  back() {
    const camera = store.camera(this.camera), us = this.player?.us;
    if (camera && us !== undefined) go(`/timeline/${encodeURIComponent(pathOf(camera))}?${new URLSearchParams({ t: link(us), ...(this.player?.wanted ? { play: '1' } : {}) })}`);
    this.remove();
  }

  toggle() {
    if (this.player?.wanted) this.player.pause(); else this.player?.play();
    this.requestUpdate();
  }

  /** Drags it; where it is let go it jumps to the nearest corner. @param {PointerEvent} e */
  #drag(e) {
    if (e.button || /** @type {Element} */ (e.target).closest('button')) return;
    const box = /** @type {HTMLElement} */ (this.querySelector('.fl')), from = { x: e.clientX, y: e.clientY };
    box.setPointerCapture(e.pointerId);
    box.onpointermove = (m) => { box.style.transform = `translate(${m.clientX - from.x}px, ${m.clientY - from.y}px)`; };
    box.onlostpointercapture = () => {
      box.onpointermove = box.onlostpointercapture = null;
      const r = box.getBoundingClientRect();
      box.style.transform = '';
      this.corner = corners.indexOf(`${r.top + r.height / 2 < innerHeight / 2 ? 'top' : 'bottom'}-${r.left + r.width / 2 < innerWidth / 2 ? 'left' : 'right'}`);
      this.requestUpdate();
    };
  }

  render() {
    const button = (/** @type {import('../core/icons.js').Icon} */ glyph, /** @type {string} */ label, /** @type {() => void} */ run) =>
      html`<button class="button icon-only" aria-label=${label} title=${label} @click=${run}>${icon(glyph)}</button>`;
    return html`<section class="fl" data-corner=${corners[this.corner]} aria-label=${said.small} @pointerdown=${(/** @type {PointerEvent} */ e) => this.#drag(e)}>
      ${this.canvas}<span class="tl-plate"><b>${store.camera(this.camera)?.name ?? ''}</b> <time class="num"></time></span><div>
      ${button(this.player?.wanted ? 'pause' : 'play', this.player?.wanted ? words.pause : words.play, () => this.toggle())}
      ${button('pip', said.corner, () => { this.corner = (this.corner + 1) % corners.length; this.requestUpdate(); })}
      ${button('expand', said.backToTimeline, () => this.back())}${button('close', words.close, () => this.remove())}</div></section>`;
  }
}

customElements.define('v-float', Float);

/** Goes on in a corner. @param {string} camera @param {number} us @param {number} rate */
export function float(camera, us, rate) {
  document.querySelector('v-float')?.remove();
  const small = /** @type {Float} */ (document.createElement('v-float'));
  [small.camera, small.us, small.rate] = [camera, us, rate];
  document.body.append(small);
}
