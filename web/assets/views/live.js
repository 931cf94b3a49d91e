// @ts-check
// What is happening now: all cameras, or one large with the others beside it.
import { css, html, nothing, repeat } from '../lib/lit.js';
import { adopt, kept, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go, route } from '../core/router.js';
import { store } from '../core/store.js';
import { t } from '../core/strings.js';
import { askTime } from '../wall/goto.js';
import { openMenu, toggleSound, toTimeline } from '../wall/menu.js';
import { fitGrid, move, ordered } from '../wall/order.js';
import { listen, listened } from '../wall/sound.js';
import { goBeside } from '../wall/tile.js';

const gap = 8;

class Live extends View {
  static properties = { ordering: { state: true } };
  constructor() {
    super();
    this.ordering = false;
    this.room = { width: innerWidth, height: innerHeight };
    this.swipe = { x: 0, y: 0 };
  }

  connectedCallback() {
    super.connectedCallback();
    const size = new ResizeObserver(() => {
      const top = this.getBoundingClientRect().top + scrollY;
      this.room = { width: this.clientWidth, height: innerHeight - top };
      this.requestUpdate();
    });
    size.observe(this);
    size.observe(document.documentElement);
    this.until(() => { size.disconnect(); listen(''); });
    const full = () => this.requestUpdate();
    document.addEventListener('fullscreenchange', full);
    this.until(() => document.removeEventListener('fullscreenchange', full));
    const keys = (/** @type {KeyboardEvent} */ e) => this.key(e);
    addEventListener('keydown', keys);
    this.until(() => removeEventListener('keydown', keys));
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (e.key !== 'Escape' || document.querySelector('dialog[open]') || document.fullscreenElement) return;
    if (this.classList.contains('filled')) this.full();
    else if (route().params.camera) go('/live');
  }

  full() {
    if (this.classList.contains('filled')) this.classList.remove('filled');
    else if (document.fullscreenElement) document.exitFullscreen();
    else if (this.requestFullscreen) this.requestFullscreen().catch(() => this.classList.add('filled'));
    else this.classList.add('filled'); // an iPhone gives the full screen to videos only
    this.requestUpdate();
  }

  render() {
    if (!store.may('live')) return html`<div class="empty">${icon('hidden')}<p>${t.wall.noMay}</p></div>`;
    const all = ordered(), named = route().params.camera;
    if (!store.known) return html`<div class="wall">${[1, 2, 3, 4].map(() => html`<div class="tile bone"></div>`)}</div>`;
    if (!all.length) {
      import('./setup.js');
      return html`<v-setup></v-setup>`;
    }
    const one = named ? store.camera(named) : undefined;
    if (named && !one) return html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p><a class="button" href="/live">${t.wall.all}</a></div>`;
    return one ? this.one(one, all) : this.wall(all);
  }

  /** @param {import('../core/store.js').Camera[]} all */
  wall(all) {
    const columns = kept.get('columns', 'auto'), saver = kept.get('saver') === '1', wide = this.room.width >= 700;
    const auto = wide ? fitGrid(all.length, this.room.width - 2 * gap, this.room.height - 60 - gap, gap) : { columns: 1, tile: this.room.width };
    const n = columns === 'auto' ? auto.columns : Number(columns);
    const tile = columns === 'auto' && wide ? `min(100%, ${auto.tile * n + gap * (n - 1)}px)` : '100%';
    const set = (/** @type {string} */ key, /** @type {string} */ value) => { kept.set(key, value); this.requestUpdate(); };
    return html`<h1 class="unseen">${t.wall.title}</h1>
      <div class="wall" .style=${`--columns: ${n}; --wall: ${tile}`}>${repeat(all, (c) => c.id, (c, i) => html`<div class="slot">
        <v-tile .camera=${c.id} .saver=${saver}></v-tile>
        ${this.ordering ? html`<div class="order"><button class="button icon-only" aria-label=${t.wall.up(c.name)} ?disabled=${i === 0} @click=${() => move(c.id, -1)}>${icon('up')}</button>
          <button class="button icon-only" aria-label=${t.wall.down(c.name)} ?disabled=${i === all.length - 1} @click=${() => move(c.id, 1)}>${icon('down')}</button></div>` : nothing}</div>`)}</div>
      <div class="wallbar">
        <label class="row"><span class="small muted">${t.wall.layout}</span><select class="short" aria-label=${t.wall.layout} @change=${(/** @type {Event} */ e) => set('columns', /** @type {HTMLSelectElement} */ (e.target).value)}>
          ${['auto', '1', '2'].map((v) => html`<option value=${v} ?selected=${v === columns}>${/** @type {any} */ (t.wall.columns)[v]}</option>`)}</select></label>
        <label class="tick"><input type="checkbox" .checked=${saver} @change=${(/** @type {Event} */ e) => set('saver', /** @type {HTMLInputElement} */ (e.target).checked ? '1' : '')}><span>${t.wall.saver} <span class="small muted">${t.wall.saverHint}</span></span></label>
        ${all.length > 1 ? html`<button class="button plain" aria-pressed=${this.ordering} @click=${() => { this.ordering = !this.ordering; }}>${icon(this.ordering ? 'check' : 'grid')}${this.ordering ? t.wall.done : t.wall.reorder}</button>` : nothing}
        <button class="button plain" @click=${() => this.full()}>${icon(document.fullscreenElement ? 'shrink' : 'expand')}${document.fullscreenElement ? t.wall.unfull : t.wall.full}</button>
      </div>`;
  }

  /** @param {import('../core/store.js').Camera} c @param {import('../core/store.js').Camera[]} all */
  one(c, all) {
    const others = all.filter((o) => o.id !== c.id);
    const last = () => /** @type {any} */ (this.querySelector('v-tile.big'))?.last;
    const height = Math.max(240, this.room.height - (this.room.width >= 900 ? 76 : 130));
    return html`<div class="one" .style=${`--most: ${Math.round((height * 4) / 3)}px`}>
      <div class="stage" @dblclick=${() => this.full()} @touchstart=${(/** @type {TouchEvent} */ e) => { this.swipe = { x: e.touches[0].clientX, y: e.touches[0].clientY }; }}
        @touchend=${(/** @type {TouchEvent} */ e) => this.swiped(e, all, c.id)}>
        ${repeat([c], (o) => o.id, (o) => html`<v-tile big .camera=${o.id}></v-tile>`)}</div>
      <div class="tools">
        <a class="button" href="/live">${icon('left')}${t.wall.all}</a>
        <button class="button primary" @click=${() => askTime(c)}>${icon('clock')}${t.tile.at}</button>
        <button class="button" @click=${() => toTimeline(c)}>${icon('timeline')}${t.menu.timeline}</button>
        <button class="button" aria-pressed=${listened() === c.id} @click=${() => toggleSound(c)}>${icon(listened() === c.id ? 'mute' : 'sound')}${listened() === c.id ? t.menu.mute : t.menu.sound}</button>
        <button class="button" @click=${() => this.full()}>${icon(document.fullscreenElement ? 'shrink' : 'expand')}${document.fullscreenElement ? t.wall.unfull : t.wall.full}</button>
        <button class="button" aria-label=${t.tile.menu(c.name)} @click=${() => openMenu(c, last())}>${icon('more')}${t.nav.more}</button>
      </div>
      ${others.length ? html`<section class="others" aria-label=${t.wall.others}>${repeat(others, (o) => o.id, (o) => html`<v-tile plain saver .camera=${o.id}></v-tile>`)}</section>` : nothing}
    </div>`;
  }

  /** @param {TouchEvent} e @param {import('../core/store.js').Camera[]} all @param {string} id */
  swiped(e, all, id) {
    const dx = e.changedTouches[0].clientX - this.swipe.x, dy = e.changedTouches[0].clientY - this.swipe.y;
    if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) goBeside(all, id, dx < 0 ? 1 : -1);
  }
}
customElements.define('v-live', Live);

adopt(css`
  v-live { display: block; }
  .wall { display: grid; grid-template-columns: repeat(var(--columns, auto-fill), minmax(min(100%, 150px), 1fr)); gap: 8px; width: calc(var(--wall, 100%) ); max-width: 100%; margin: 0 auto; padding: 8px; box-sizing: content-box; max-width: calc(100% - 16px); }
  .slot { position: relative; min-width: 0; } .slot .order { position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; gap: 12px; background: rgb(0 0 0 / .5); border-radius: var(--radius); }
  .wallbar { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 4px 16px; padding: 0 12px 12px; } select.short { width: auto; }
  .one { display: grid; gap: 12px; padding: 8px; grid-template-columns: minmax(0, 1fr); }
  .stage { position: relative; width: 100%; max-width: var(--most); margin: 0 auto; touch-action: pan-y pinch-zoom; }
  .tools { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; }
  .others { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px; }
  @media (min-width: 1100px) { .one { grid-template-columns: minmax(0, 1fr) 220px; } .stage { grid-column: 1; } .tools { grid-column: 1; } .others { grid-column: 2; grid-row: 1 / 3; grid-template-columns: 1fr; align-content: start; } .one:not(:has(.others)) { grid-template-columns: minmax(0, 1fr); } }
  @media (max-width: 599px) { .tools { display: grid; grid-template-columns: 1fr 1fr; } .tools > *, .tools > * > button { width: 100%; } .tools .button { padding: 0 8px; } }
  v-live:fullscreen { background: #000; overflow: auto; display: grid; align-content: center; } v-live:fullscreen .wallbar, v-live:fullscreen .tools, v-live:fullscreen .others { display: none; }
  v-live:fullscreen .stage { max-width: min(100vw, 133.3vh); } v-live:fullscreen .one { grid-template-columns: 1fr; padding: 0; }
  v-live.filled { position: fixed; inset: 0; z-index: 40; height: 100dvh; background: #000; overflow: auto; display: grid; align-content: center; } v-live.filled .stage { max-width: min(100vw, 133.3dvh); }
  .items { display: grid; } .item { display: flex; align-items: center; gap: 12px; min-height: 48px; padding: 0 8px; border: 0; border-radius: var(--radius); background: none; text-align: left; font-weight: 600; cursor: pointer; } .item:hover { background: var(--raised); }
`);
