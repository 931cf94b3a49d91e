// @ts-check
// What is happening now: all cameras, or one large with the others beside it.
import { css, html, nothing, repeat } from '../lib/lit.js';
import { api } from '../core/api.js';
import { adopt, kept, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go, route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { t } from '../core/strings.js';
import { toast } from '../parts/toast.js';
import { drag } from '../wall/drag.js';
import { askTime } from '../wall/goto.js';
import { dress, enter, isKiosk, leave, staysAwake } from '../wall/kiosk.js';
import { openMenu, toggleSound, toTimeline } from '../wall/menu.js';
import { arrange, arranged, fitGrid, move, ordered, recall } from '../wall/order.js';
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
    this.tapped = 0;
    this.leads = false; // the checklist is shown: no camera has sent a picture yet
    this.shown = false; // one has, while this view is looked at
    /** There is footage; undefined: nobody has said. @type {boolean|undefined} */
    this.footage = undefined;
    this.asked = false;
    this.newcomer = ''; // the camera whose first picture took its place
    this.kiosk = false;
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
    this.until(() => { size.disconnect(); listen(''); dress(false); });
    this.asks(recall);
    const full = () => this.requestUpdate();
    document.addEventListener('fullscreenchange', full);
    this.until(() => document.removeEventListener('fullscreenchange', full));
    const keys = (/** @type {KeyboardEvent} */ e) => this.key(e);
    addEventListener('keydown', keys);
    this.until(() => removeEventListener('keydown', keys));
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (document.querySelector('dialog[open]') || e.ctrlKey || e.metaKey || e.altKey) return;
    const typing = e.target instanceof Element && e.target.closest('input, select, textarea, [contenteditable]');
    if (/^[1-9]$/.test(e.key) && !typing && kept.get('keys', 'on') === 'on') {
      const c = ordered()[Number(e.key) - 1];
      if (c) go(`/live/${pathOf(c)}`);
      return;
    }
    if (e.key !== 'Escape') return;
    if (isKiosk()) return leave();
    if (document.fullscreenElement) return;
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
    dress(isKiosk());
    if (isKiosk() !== this.kiosk && (this.kiosk = isKiosk())) toast(staysAwake() ? t.wall.awakeHeld : t.wall.awake, { ms: 6000 });
    if (!named && !all.length && isKiosk()) return html`<h1 class="unseen">${t.wall.title}</h1><div class="empty"><button class="button" @click=${leave}>${t.wall.leaveKiosk}</button></div>`;
    if (!named && this.checklist(all)) {
      import('./setup.js');
      return html`<v-setup></v-setup>`;
    }
    const one = named ? store.camera(named) : undefined;
    if (named && !one) return html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p><a class="button" href="/live">${t.wall.all}</a></div>`;
    const focus = !one && all.length > 1 && this.room.width >= 900 && arranged().desk === 'focus' && !this.ordering && !isKiosk();
    return one ? this.one(one, all) : html`${this.greeting()}${focus ? html`<h1 class="unseen">${t.wall.title}</h1>${this.one(all[0], all)}${this.bar(all)}` : this.wall(all)}`;
  }

  /** Whether the way of the first camera is shown: until one has sent a picture. Cameras that were here before have no way. @param {import('../core/store.js').Camera[]} all */
  checklist(all) {
    if (isKiosk()) return false;
    const comes = (/** @type {import('../core/store.js').Camera} */ c) => store.arrivals.some((a) => a.camera === c.id);
    const came = all.find((c) => c.last_frame || !store.may('read'));
    if (came || !all.length) this.shown = !!came;
    if (!came && (!all.length || this.leads || (!this.shown && all.every(comes) && this.first()))) return (this.leads = true);
    if (this.leads && came) {
      this.newcomer = came.id;
      import('../wall/welcome.js');
    }
    return (this.leads = false);
  }

  /** Whether nothing was ever recorded here. Behind a restart of the recorder no camera has sent a picture yet, be it years old: footage tells them from the first. */
  first() {
    if (!this.asked) {
      this.asked = true;
      api.get('/segments', { query: { limit: 1 } }).then(({ segments }) => { this.footage = segments.length > 0; this.requestUpdate(); }, () => {}); // untold: pictures are waited for on the wall
    }
    return this.footage === false;
  }

  /** What stands above the wall: a camera that has just come, or a demo. */
  greeting() {
    const demo = store.cameras.find((c) => c.demo), done = () => { this.newcomer = ''; this.requestUpdate(); };
    if (isKiosk()) return nothing;
    if (this.newcomer && store.camera(this.newcomer)) return html`<div class="greeting"><v-welcome .camera=${this.newcomer} .done=${done}></v-welcome></div>`;
    if (!demo) return nothing;
    return html`<div class="demo"><span>${t.wall.demo}</span>${store.may('admin') && store.me?.all_cameras ? html`<v-act .label=${t.wall.stopDemo} .run=${async () => { await api.send('DELETE', '/demo'); toast(t.wall.demoStopped); }}></v-act>` : nothing}</div>`;
  }

  /** @param {import('../core/store.js').Camera[]} all */
  wall(all) {
    const saver = kept.get('saver') === '1', wide = this.room.width >= 700, ordering = this.ordering && all.length > 1;
    const { phone, desk } = arranged(), layout = wide ? (desk === 'focus' ? 'auto' : desk) : phone;
    const bar = isKiosk() ? 0 : 60;
    const auto = fitGrid(all.length, this.room.width - 2 * gap, this.room.height - bar - gap, gap);
    const n = layout === 'auto' ? auto.columns : layout === 'two' ? 2 : 1;
    const width = layout === 'auto' ? `min(100%, ${auto.tile * n + gap * (n - 1)}px)` : '100%';
    return html`<h1 class="unseen">${t.wall.title}</h1>
      ${ordering ? html`<p class="tip muted small">${t.wall.drag}</p>` : nothing}
      <div class="wall" .style=${`--columns: ${n}; --wall: ${width}`} @click=${() => isKiosk() && leave()}>${repeat(all, (c) => c.id, (c, i) => html`<div class=${ordering ? 'slot ordering' : 'slot'} data-camera=${c.id} @pointerdown=${ordering ? drag : nothing}>
        <v-tile .camera=${c.id} .saver=${saver}></v-tile>
        ${ordering ? html`<div class="order"><button class="button icon-only" aria-label=${t.wall.up(c.name)} ?disabled=${i === 0} @click=${() => move(c.id, -1)}>${icon('up')}</button>
          <span class="grip" aria-hidden="true">${icon('drag', 28)}</span>
          <button class="button icon-only" aria-label=${t.wall.down(c.name)} ?disabled=${i === all.length - 1} @click=${() => move(c.id, 1)}>${icon('down')}</button></div>` : nothing}</div>`)}</div>
      ${this.bar(all)}`;
  }

  /** How the wall is laid out. @param {import('../core/store.js').Camera[]} all */
  bar(all) {
    if (isKiosk()) return nothing;
    const wide = this.room.width >= 700, saver = kept.get('saver') === '1', { phone, desk } = arranged(), now = wide ? desk : phone;
    const layouts = wide ? /** @type {const} */ (['auto', 'one', 'two', 'focus']) : /** @type {const} */ (['one', 'two']);
    const choose = (/** @type {any} */ e) => arrange(wide ? { desk: e.target.value } : { phone: e.target.value });
    return html`<div class="wallbar">
        ${all.length > 1 ? html`<label class="row"><span class="small muted">${t.wall.layout}</span><select class="short" name="layout" @change=${choose}>${layouts.map((v) => html`<option value=${v} ?selected=${v === now}>${t.wall.layouts[v]}</option>`)}</select></label>` : nothing}
        <label class="tick"><input type="checkbox" .checked=${saver} @change=${(/** @type {any} */ e) => { kept.set('saver', e.target.checked ? '1' : ''); this.requestUpdate(); }}><span>${t.wall.saver} <span class="small muted">${t.wall.saverHint}</span></span></label>
        ${all.length > 1 ? html`<button class="button plain reorder" aria-pressed=${this.ordering} @click=${() => { this.ordering = !this.ordering; }}>${icon(this.ordering ? 'check' : 'grid')}${this.ordering ? t.wall.done : t.wall.reorder}</button>` : nothing}
        <button class="button plain" @click=${() => this.full()}>${icon(document.fullscreenElement ? 'shrink' : 'expand')}${document.fullscreenElement ? t.wall.unfull : t.wall.full}</button>
        <button class="button plain" @click=${enter}>${icon('monitor')}${t.wall.kiosk}</button>
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
        ${route().params.camera ? html`<a class="button" href="/live">${icon('left')}${t.wall.all}</a>` : nothing}
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
    if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) return goBeside(all, id, dx < 0 ? 1 : -1);
    if (Math.hypot(dx, dy) > 12 || /** @type {Element} */ (e.target).closest('a, button')) return;
    const twice = e.timeStamp - this.tapped < 350; // a phone tells of no double click
    this.tapped = twice ? 0 : e.timeStamp;
    if (!twice) return;
    e.preventDefault();
    this.full();
  }
}
customElements.define('v-live', Live);

adopt(css`
  v-live { display: block; }
  .wall { display: grid; grid-template-columns: repeat(var(--columns, auto-fill), minmax(min(100%, 150px), 1fr)); gap: 8px; width: calc(var(--wall, 100%) ); max-width: 100%; margin: 0 auto; padding: 8px; box-sizing: content-box; max-width: calc(100% - 16px); }
  .slot { position: relative; min-width: 0; } .slot .order { position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; gap: 12px; background: rgb(0 0 0 / .5); border-radius: var(--radius); }
  .slot.ordering { cursor: grab; } .grip { width: 56px; height: 56px; display: grid; place-items: center; color: #fff; touch-action: none; } .slot.dragged { z-index: 5; opacity: .85; cursor: grabbing; } .slot.dragged v-tile, .slot.dragged .order { pointer-events: none; } .slot.target { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: var(--radius); }
  .tip { text-align: center; padding: 8px 12px 0; } .greeting { padding-top: 12px; }
  .demo { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; justify-content: center; padding: 8px 12px 0; }
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
