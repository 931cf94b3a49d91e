// @ts-check
// One camera, now: its picture with its age, and where there is none the reason in its place.
import { classMap, css, html, nothing } from '../lib/lit.js';
import { adopt, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { age, live } from '../core/live.js';
import { go } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { t } from '../core/strings.js';
import { openMenu } from './menu.js';
import { goesOn } from './moments.js';
import { listened } from './sound.js';
import { lastPicture } from './still.js';

const old = 3000, dead = 15_000; // ms: amber, grey

/** Properties: camera (its id), big (the one that is looked at), saver (a picture a second). */
class Tile extends View {
  static properties = { camera: {}, big: { type: Boolean }, saver: { type: Boolean }, plain: { type: Boolean } };
  constructor() {
    super();
    this.camera = '';
    this.big = this.saver = this.plain = false;
    /** @type {{jpeg: Uint8Array<ArrayBuffer>, us: number}|undefined} */
    this.last = undefined;
    this.inView = false;
    this.rate = 0;
    /** @type {(() => void)|undefined} */
    this.unwatch = undefined;
    /** @type {{at: number, frames: number, lost: number}[]} */
    this.counts = [];
  }

  connectedCallback() {
    super.connectedCallback();
    const seen = new IntersectionObserver((all) => { this.inView = all[all.length - 1].isIntersecting; this.watch(); }, { rootMargin: '80px' });
    seen.observe(this);
    this.until(() => { seen.disconnect(); this.unwatch?.(); this.unwatch = undefined; this.rate = 0; });
    this.until(live.onState(() => this.requestUpdate()));
    this.every(500);
    // A camera that is away sends nothing: its last picture is fetched, and is grey and says its age.
    const timer = setTimeout(() => this.fetchLast(), 1500);
    this.until(() => clearTimeout(timer));
  }

  async fetchLast() {
    const still = !this.last && this.c && await lastPicture(this.c);
    if (still && !this.last && this.isConnected) await this.paint(still.jpeg, still.us);
  }

  get c() { return store.camera(this.camera); }

  /** Asks for as many pictures a second as are looked at: more where something moves. */
  watch() {
    const rate = !this.inView ? 0 : this.saver ? 1 : this.big || goesOn(this.camera, 'motion') ? 10 : 5;
    if (rate === this.rate) return;
    this.rate = rate;
    const before = this.unwatch;
    this.unwatch = rate ? live.watch(this.camera, { fps: rate }, (jpeg, us) => this.paint(jpeg, us)) : undefined;
    before?.();
  }

  /** @param {Uint8Array<ArrayBuffer>} jpeg @param {number} us */
  async paint(jpeg, us) {
    const bitmap = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' })).catch(() => undefined);
    const canvas = this.querySelector('canvas');
    if (!bitmap) return;
    if (canvas) {
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      canvas.getContext('2d', { alpha: false })?.drawImage(bitmap, 0, 0);
    }
    bitmap.close();
    const first = !this.last;
    this.last = { jpeg, us };
    this.dataset.us = String(us);
    if (first) this.requestUpdate();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    const canvas = this.querySelector('canvas');
    if (canvas) canvas.width = canvas.height = 0; // the memory of a canvas is given back at once
  }

  /** Share of pictures lost in the last half minute, in percent. @param {import('../core/store.js').Camera} c */
  loss(c) {
    const at = Date.now(), last = this.counts[this.counts.length - 1];
    if (!last || at - last.at > 2000) this.counts.push({ at, frames: c.frames, lost: c.lost });
    while (this.counts.length && (this.counts[0].at < at - 30_000 || this.counts[0].frames > c.frames)) this.counts.shift(); // a new run counts anew
    if (!this.counts.length) return 0;
    const came = c.frames - this.counts[0].frames, lost = c.lost - this.counts[0].lost;
    return came + lost > 50 ? (100 * lost) / (came + lost) : 0;
  }

  /** Why there is no picture of now; '': there is one. @param {import('../core/store.js').Camera} c @param {number} ms its age */
  why(c, ms) {
    if (!c.approved) return t.tile.approve;
    if (ms < dead) return this.last && ms > old ? t.tile.catching : this.last ? '' : t.tile.waiting;
    if (c.online === false) return t.tile.offline(Date.parse(c.last_seen || c.last_frame || '') || 0, c.away);
    return this.last || c.online === undefined ? t.tile.noPicture(c.state || t.link[live.state.phase]) : t.tile.waiting;
  }

  /** It sends nothing although it should. @param {import('../core/store.js').Camera} c */
  late(c) { return c.approved !== false && (this.last !== undefined || c.online === false) && live.state.phase !== 'gone'; }

  /** @param {Event} e */
  menu(e) {
    e.preventDefault();
    e.stopPropagation();
    if (this.c) openMenu(this.c, this.last);
  }

  render() {
    const c = this.c;
    if (!c) return nothing;
    this.watch();
    const ms = this.last ? age(this.last.us / 1000) : c.online === false ? Infinity : 0;
    const why = this.why(c, ms), moves = goesOn(c.id, 'motion');
    const loss = c.online ? this.loss(c) : 0, grey = ms > dead;
    this.className = `tile${grey && this.late(c) ? ' bad' : ''}${moves ? ' moves' : ''}${grey ? ' grey' : ''}${this.big ? ' big' : ''}`;
    const open = `/live/${pathOf(c)}`;
    return html`<canvas width="640" height="480" aria-hidden="true"></canvas>
      ${this.big ? nothing : html`<a class="over" href=${open} aria-label=${t.tile.open(c.name)} @contextmenu=${this.menu}></a>`}
      <div class="plates">
        <div class="plate name"><b>${c.name}</b>${this.recording(c)}${c.online && c.loud !== undefined && !grey && live.state.phase !== 'gone' ? html`<i class="loud" title=${t.tile.loud} .style=${`--loud: ${Math.min(1, c.loud / 112).toFixed(2)}`}></i>` : nothing}</div>
        ${this.last ? html`<div class=${classMap({ plate: true, age: true, num: true, warn: ms > old && !grey, grey })} title=${t.tile.ageLabel(ms)}>${t.tile.age(ms)}</div>` : nothing}
      </div>
      <div class="chips">
        ${c.demo ? html`<span class="plate">${t.tile.demo}</span>` : nothing}
        ${moves ? html`<span class="plate motion">${icon('events', 14)}${t.tile.motion}</span>` : nothing}
        ${goesOn(c.id, 'sound') ? html`<span class="plate">${icon('sound', 14)}${t.tile.sound}</span>` : nothing}
        ${grey || live.state.phase === 'gone' ? nothing : c.ailments?.map((a) => html`<span class=${a.kind === 'grey' ? 'plate' : 'plate warn'}>${t.tile.ailments[a.kind] ?? a.kind}</span>`)}
        ${loss > 2 ? html`<span class="plate warn">${t.tile.lost(loss)}</span>` : nothing}
        ${listened() === c.id ? html`<span class="plate">${icon('sound', 14)}${t.menu.sound}</span>` : nothing}
      </div>
      ${this.plain || this.big ? nothing : html`<button class="dots" aria-label=${t.tile.menu(c.name)} @click=${this.menu}>${icon('menu')}</button>`}
      ${why ? html`<div class=${ms > dead && this.late(c) ? 'reason bad' : 'reason'}><p class="plate">${ms > dead && this.late(c) ? icon('offline', 16) : nothing}${why}</p>${ms > dead || !c.approved ? html`<a class="plate" href="/setup/${pathOf(c)}">${t.tile.diagnose}</a>` : nothing}</div>` : nothing}`;
  }

  /** @param {import('../core/store.js').Camera} c */
  recording(c) {
    if (!c.recording || live.state.phase === 'gone') return nothing; // nobody knows now
    const word = c.recording === 'paused' ? t.tile.paused(Date.parse(c.paused_until || '') || undefined) : t.recording[c.recording];
    const shape = c.recording === 'on' ? 'on' : c.recording === 'ready' ? 'ring' : c.recording === 'failing' ? 'bad' : 'slash';
    return html`<span class="rec"><i class=${shape} aria-hidden="true"></i><span>${word}</span></span>`;
  }
}
customElements.define('v-tile', Tile);

/** Goes to the camera that stands so many places on. @param {import('../core/store.js').Camera[]} all @param {string} id @param {number} by */
export function goBeside(all, id, by) {
  const i = all.findIndex((c) => c.id === id);
  if (i >= 0 && all.length > 1) go(`/live/${pathOf(all[(i + by + all.length) % all.length])}`);
}

adopt(css`
  .tile { position: relative; display: block; aspect-ratio: 4 / 3; background: #05070A; border-radius: var(--radius); overflow: hidden; container-type: inline-size; contain: layout paint; }
  .tile canvas { display: block; width: 100%; height: 100%; object-fit: contain; }
  .tile.grey canvas { filter: grayscale(1) brightness(.6); }
  .tile.moves::after { content: ""; position: absolute; inset: 0; border: 2px solid #F0B429; border-radius: inherit; pointer-events: none; }
  .tile .over { position: absolute; inset: 0; border-radius: inherit; } .tile .over:focus-visible { outline-offset: -4px; outline-color: #6CB6FF; }
  .plate { display: inline-flex; align-items: center; gap: 6px; min-height: 24px; padding: 2px 8px; border-radius: 4px; background: var(--plate); color: var(--on-plate); font-size: 12px; line-height: 1.3; font-weight: 600; pointer-events: none; }
  a.plate { pointer-events: auto; min-height: 44px; padding: 0 16px; color: #9CCCFF; }
  .plate.warn { color: #F0B429; } .plate.grey { color: #A3AFBD; } .plate.motion { color: #F0B429; }
  .plates { position: absolute; inset: auto 6px 6px 6px; display: flex; justify-content: space-between; align-items: end; gap: 6px; pointer-events: none; }
  .plate.name { min-width: 0; gap: 10px; } .plate.name b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .plate.age { flex: none; }
  .rec { display: inline-flex; align-items: center; gap: 5px; font-weight: 400; white-space: nowrap; } .rec i { width: 10px; height: 10px; border-radius: 50%; flex: none; }
  .rec .on { background: #FF6B6B; } .rec .ring { border: 2px solid #FF6B6B; } .rec .bad { border-radius: 0; background: #FF6B6B; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
  .rec .slash { border: 2px solid #A3AFBD; background: linear-gradient(135deg, transparent 42%, #A3AFBD 42% 58%, transparent 58%); }
  .tile .chips { position: absolute; top: 6px; left: 6px; right: 48px; display: flex; flex-wrap: wrap; gap: 4px; pointer-events: none; }
  .tile .dots { position: absolute; top: 0; right: 0; width: 44px; height: 44px; display: grid; place-items: center; border: 0; background: none; color: #fff; cursor: pointer; filter: drop-shadow(0 0 2px #000) drop-shadow(0 0 2px #000); }
  .tile .reason { position: absolute; inset: 40px 8px; display: grid; place-content: center; justify-items: center; gap: 8px; text-align: center; pointer-events: none; } .reason p.plate { font-size: 14px; padding: 8px 12px; }
  .loud { flex: none; width: 28px; height: 4px; border-radius: 2px; background: linear-gradient(#7DEBD0, #7DEBD0) 0 / calc(100% * var(--loud)) 100% no-repeat rgb(255 255 255 / .22); }
  .tile .reason.bad p { color: #FF8A8A; } .tile.grey.bad::after { content: ""; position: absolute; inset: 0; border: 2px solid #FF6B6B; border-radius: inherit; pointer-events: none; }
  @container (max-width: 250px) { .loud { display: none; } .plate.name .rec span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } .tile .reason p.plate { font-size: 12px; padding: 4px 8px; } }
  @container (max-width: 150px) { .plates .age, .tile .reason a { display: none; } }
`);
