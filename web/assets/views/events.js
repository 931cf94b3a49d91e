// @ts-check
// What happened: newest first, a card for what a camera saw within a minute, with the picture that shows it best.
import { html, nothing, repeat } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { go, onRoute, route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { words } from '../core/strings-footage.js';
import { dayOf, format, iso, length, midnightAt, fields, now } from '../core/time.js';
import { micros } from '../player/stamp.js';
import { groups } from '../timeline/groups.js';
import { link } from '../timeline/places.js';
import { seen } from '../timeline/draw.js';
import '../timeline/look.js';
import '../timeline/strip.js';
import '../timeline/thumb.js';

/** @typedef {import('../timeline/groups.js').Event} Event */
/** @typedef {import('../timeline/groups.js').Group} Group */
/** @typedef {{from: number, to: number, cam: string, kind: string, zone: string, min: number, preset: string}} Filter */

const hour = 3600e3, day = 24 * hour;
const page = 500, cards = 60;
const kinds = ['motion', 'sound', 'light', 'asked'];

/** Times that people ask for, on the recorder's clock. @param {string} preset @returns {{from: number, to: number}} */
export function spanOf(preset) {
  const t = now(), { start } = dayOf(t);
  if (preset === 'today') return { from: start, to: t };
  if (preset === 'week') return { from: t - 7 * day, to: t };
  if (preset !== 'night') return { from: t - day, to: t };
  const f = fields(t);
  // Until seven the night goes on; from then on it is the last one.
  const eve = midnightAt(f.year, f.month, f.day - 1);
  return { from: eve + 22 * hour + offsetChange(eve, 22 * hour), to: Math.min(t, start + 7 * hour + offsetChange(start, 7 * hour)) };
}

/** By how much the clock was set between midnight and an hour of the day. @param {number} midnight @param {number} wall */
function offsetChange(midnight, wall) {
  const f = fields(midnight + wall);
  return wall - (f.hour * hour + f.minute * 60e3);
}

class Events extends View {
  constructor() {
    super();
    /** @type {Event[]} */
    this.events = [];
    /** @type {Group[]} */
    this.groups = [];
    this.next = '';
    this.shown = cards;
    /** The filters that were asked for last. @type {string|undefined} */
    this.asked = undefined;
    this.busy = false;
    this.known = false;
    this.problem = '';
    /** @type {Filter} */
    this.filter = this.#filter();
  }

  connectedCallback() {
    super.connectedCallback();
    this.until(onRoute(() => this.#arrive()));
    this.asks(() => { this.asked = undefined; this.#arrive(); });
    this.until(live.onMoment((m) => { if (m.phase === 'end' && now() - this.filter.to < 60e3) this.soon(); }));
    this.more = new IntersectionObserver((e) => { if (e.some((x) => x.isIntersecting)) this.grow(); }, { rootMargin: '600px' });
    this.until(() => this.more?.disconnect());
  }

  /** Something has ended just now: it is in the list when its segment is committed. */
  soon() {
    clearTimeout(this.waits);
    this.waits = setTimeout(() => { if (this.isConnected && scrollY < 200) { this.asked = undefined; this.#arrive(); } }, 10e3);
  }

  /** @returns {Filter} */
  #filter() {
    const { query } = route();
    const preset = query.get('time') ?? (query.has('from') ? '' : 'day');
    const span = preset ? spanOf(preset) : { from: Date.parse(query.get('from') ?? ''), to: Date.parse(query.get('to') ?? '') || now() };
    return { ...span, preset, cam: query.get('cam') ?? '', kind: query.get('kind') ?? '', zone: query.get('zone') ?? '', min: Number(query.get('min')) || 0 };
  }

  #arrive() {
    if (route().view !== 'events') return;
    if (this.asked === location.search) return this.requestUpdate();
    this.asked = location.search;
    this.filter = this.#filter();
    this.next = '';
    this.shown = cards;
    void this.#load(true);
  }

  /** @param {boolean} afresh */
  async #load(afresh) {
    const asked = this.asked, f = this.filter;
    this.busy = true;
    this.requestUpdate();
    try {
      const camera = store.camera(f.cam)?.id;
      const answer = await api.get('/events', { query: { from: iso(f.from), to: iso(f.to), order: 'newest', limit: page, camera, kind: f.kind || undefined, cursor: afresh ? undefined : this.next } });
      if (asked !== this.asked) return;
      const list = answer.events.filter((/** @type {Event} */ e) => seen([e.kind]));
      this.events = afresh ? list : [...this.events, ...list];
      this.next = answer.next ?? '';
      this.problem = '';
    } catch (err) {
      this.problem = err instanceof ApiError ? err.text : String(err);
    }
    this.known = true;
    this.busy = false;
    const matches = this.events.filter((e) => (!f.zone || e.zones?.includes(f.zone)) && (!f.min || (e.end ? Date.parse(e.end) - Date.parse(e.at) : 0) >= f.min * 1000));
    this.groups = groups(matches);
    this.requestUpdate();
  }

  grow() {
    if (this.shown < this.groups.length) {
      this.shown += cards;
      this.requestUpdate();
    } else if (this.next && !this.busy) void this.#load(false).then(() => { this.shown += cards; });
  }

  /** The URL with another filter. @param {Record<string, string|undefined>} change */
  #with(change) {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(change)) if (value) query.set(key, value); else query.delete(key);
    return `/events${query.size ? '?' + query : ''}`;
  }

  updated() {
    const end = this.querySelector('.ev-end');
    this.more?.disconnect();
    if (end) this.more?.observe(end);
  }

  /** @param {string} camera @param {number} us @param {boolean} [play] */
  #place(camera, us, play = true) {
    const c = store.camera(camera);
    return `/timeline/${encodeURIComponent(c ? pathOf(c) : camera)}?t=${encodeURIComponent(link(us))}&span=10m${play ? '&play=1' : ''}`;
  }

  /** @param {Group} g */
  #card(g) {
    const e = g.best, name = store.camera(g.camera)?.name ?? g.camera;
    return html`<article class="ev-card"><a href=${this.#place(g.camera, g.from * 1000 - 2e6)} aria-label="${name}, ${format(g.from, 'datetime')}">
      <v-thumb .camera=${g.camera} .us=${micros(e.best ?? e.at)} .box=${e.best_box}></v-thumb></a>
      <div><a class="row" href=${this.#place(g.camera, g.from * 1000 - 2e6)}><b>${name}</b></a>
        <span class="num">${[format(g.from), g.to > g.from ? length(g.to - g.from) : '', g.count > 1 ? words.moments(g.count) : ''].filter(Boolean).join(' · ')}</span>
        <span class="row small muted">${g.kinds.map((k) => words.kinds[k] ?? k).join(', ')}${g.zones.length ? ' · ' + g.zones.join(', ') : ''}</span>
        ${g.peak ? html`<div class="ev-bar" role="img" aria-label="${words.peak}: ${percent(g.peak)}"><i .style=${`transform:scaleX(${Math.sqrt(g.peak).toFixed(3)})`}></i></div>` : nothing}
        <a class="small" href="/events/${e.id}${location.search}">${words.why}</a></div></article>`;
  }

  #strips() {
    const f = this.filter;
    const list = f.cam ? store.cameras.filter((c) => c === store.camera(f.cam)) : store.cameras;
    return html`<section class="ev-strips" aria-label=${words.strip}>${repeat(list.slice(0, 12), (c) => c.id, (c) => html`<a href="/timeline/${encodeURIComponent(pathOf(c))}?t=${encodeURIComponent(link(f.from * 1000))}&span=${f.to - f.from > day ? '7d' : '12h'}"
      @click=${(/** @type {MouseEvent} */ e) => this.#into(e, c)}><span>${c.name}</span><v-strip .camera=${c.id} .from=${f.from} .to=${f.to}></v-strip></a>`)}</section>`;
  }

  /** A tap on a strip goes to the moment under the finger. @param {MouseEvent} e @param {import('../core/store.js').Camera} c */
  #into(e, c) {
    const strip = /** @type {HTMLElement} */ (e.currentTarget).querySelector('v-strip')?.getBoundingClientRect();
    if (!strip || e.clientX < strip.left || e.ctrlKey || e.metaKey || !e.clientX) return;
    e.preventDefault();
    e.stopPropagation();
    go(this.#place(c.id, (this.filter.from + (e.clientX - strip.left) / strip.width * (this.filter.to - this.filter.from)) * 1000, false));
  }

  #filters() {
    const f = this.filter;
    const zones = [...new Set(this.events.flatMap((e) => e.zones ?? []))].sort();
    const select = (/** @type {string} */ label, /** @type {string} */ key, /** @type {string} */ value, /** @type {[string, string][]} */ options) => html`<select aria-label=${label}
      @change=${(/** @type {any} */ e) => go(this.#with({ [key]: e.target.value }))}>${options.map(([v, text]) => html`<option value=${v} ?selected=${v === value}>${text}</option>`)}</select>`;
    return html`<div class="ev-filters">
      ${Object.entries(words.presets).map(([key, text]) => html`<a class="button" href=${this.#with({ time: key, from: undefined, to: undefined })} aria-current=${f.preset === key ? 'true' : nothing}>${text}</a>`)}
      ${store.cameras.length > 1 ? select(words.camera, 'cam', store.camera(f.cam)?.id ?? '', [['', `${words.cameras}: ${words.all}`], ...store.cameras.map((c) => /** @type {[string, string]} */ ([c.id, c.name]))]) : nothing}
      ${select(words.kind, 'kind', f.kind, [['', `${words.kind}: ${words.all}`], ...kinds.map((k) => /** @type {[string, string]} */ ([k, words.kinds[k]]))])}
      ${zones.length || f.zone ? select(words.zone, 'zone', f.zone, [['', `${words.zone}: ${words.all}`], ...zones.map((z) => /** @type {[string, string]} */ ([z, z]))]) : nothing}
      ${select(words.minLength, 'min', String(f.min || ''), [['', words.anyLength], ['2', `${words.minLength} 2 s`], ['10', `${words.minLength} 10 s`], ['60', `${words.minLength} 1 min`]])}</div>`;
  }

  #empty() {
    const f = this.filter, filtered = f.cam || f.kind || f.zone || f.min;
    return html`<div class="empty">${icon('events')}<h2>${filtered ? words.noMatch : words.noEvents}</h2><p class="num">${format(f.from, 'datetime')} – ${format(f.to, 'datetime')}</p>
      ${filtered ? html`<a class="button" href=${this.#with({ cam: undefined, kind: undefined, zone: undefined, min: undefined })}>${words.clear}</a>` : nothing}
      ${store.cameras[0] ? html`<a class="button" href=${this.#place(store.cameras[0].id, f.to * 1000 - 10e6, false)}>${words.openTimeline}</a>` : nothing}</div>`;
  }

  /** One event, with the reason it was one. @param {string} id */
  #one(id) {
    const e = this.events.find((x) => String(x.id) === id);
    if (!e) return this.known && !this.busy ? html`<div class="empty"><h2>${words.gone}</h2><a class="button" href="/events">${words.wholeList}</a></div>` : html`<p>${words.loading}</p>`;
    const us = micros(e.best ?? e.at), from = Date.parse(e.at);
    return html`<article class="card ev-one"><h2>${store.camera(e.camera)?.name ?? e.camera}, ${format(from, 'datetime')}</h2>
      <v-thumb full .camera=${e.camera} .us=${us} .box=${e.best_box ?? e.box}></v-thumb>
      <dl class="facts"><dt>${words.kind}</dt><dd>${words.kinds[e.kind] ?? e.kind}${e.detail ? `: ${e.detail}` : ''}</dd>
        ${e.end ? html`<dt>${words.length}</dt><dd>${length(Date.parse(e.end) - from)}</dd>` : nothing}
        ${e.peak ? html`<dt>${words.why}</dt><dd>${e.kind === 'sound' ? words.louder(e.peak.toFixed(0)) : words.whyText(percent(e.peak))}</dd>` : nothing}
        ${e.zones?.length ? html`<dt>${words.zone}</dt><dd>${e.zones.join(', ')}</dd>` : nothing}</dl>
      <div class="row"><a class="button primary" href=${this.#place(e.camera, from * 1000 - 2e6)}>${icon('play')}${words.play}</a>
        <a class="button" href=${this.#place(e.camera, us, false)}>${icon('timeline')}${words.openTimeline}</a><a class="button" href="/events${location.search}">${words.wholeList}</a></div></article>`;
  }

  render() {
    const { params } = route();
    if (params.id) return html`<div class="page"><header><h1>${words.events}</h1></header>${this.#one(params.id)}</div>`;
    if (!store.known) return html`<div class="page"><header><h1>${words.events}</h1></header></div>`; // filters need the cameras
    let shown = '';
    const list = this.groups.slice(0, this.shown);
    return html`<div class="page"><header><h1>${words.events}</h1></header>
      ${this.#filters()}
      ${store.cameras.length ? this.#strips() : nothing}
      ${this.problem ? html`<p class="problem" role="alert">${words.trouble(this.problem)}</p>` : nothing}
      ${this.known && !list.length && !this.busy ? this.#empty() : nothing}
      ${days(list).map(([text, all]) => { shown = text; return html`<section><h2 class="ev-day">${shown}</h2><div class="ev-list">${repeat(all, (g) => g.id, (g) => this.#card(g))}</div></section>`; })}
      ${this.busy && !list.length ? html`<div class="ev-list" aria-busy="true">${[0, 1, 2, 3, 4, 5].map(() => html`<div class="ev-card"><div class="ev-picture"></div><div></div></div>`)}</div>` : nothing}
      ${this.next || this.shown < this.groups.length ? html`<div class="ev-end row"><button class="button" @click=${() => this.grow()}>${words.loadMore}</button></div>` : nothing}</div>`;
  }
}

/** @param {Group[]} list @returns {[string, Group[]][]} by day */
function days(list) {
  /** @type {Map<string, Group[]>} */
  const by = new Map();
  for (const g of list) {
    const text = format(g.from, 'day');
    const all = by.get(text);
    if (all) all.push(g); else by.set(text, [g]);
  }
  return [...by];
}

/** @param {number} part */
const percent = (part) => (part < 0.1 ? (part * 100).toFixed(1) : (part * 100).toFixed(0)) + ' %';

customElements.define('v-events', Events);
