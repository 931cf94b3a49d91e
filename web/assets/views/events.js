// @ts-check
// What happened: newest first, cards that stand on shelves, and what can be done with one or with many.
import { html, nothing, repeat } from '../lib/lit.js';
import { api } from '../core/api.js';
import { View, kept } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go, onRoute, route } from '../core/router.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { format, iso, length, zone } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { toast } from '../parts/toast.js';
import { each, mostFiles, save } from '../events/bulk.js';
import { askDay } from '../events/calendar.js';
import '../events/card.js';
import { askAway, askFilter } from '../events/choose.js';
import { askErase, erase } from '../events/erase.js';
import { asked, filterOf, narrowed, withFilter } from '../events/filter.js';
import { eventsOf, groups, stacks } from '../events/groups.js';
import { askKeep, keep, showKeeps } from '../events/keep.js';
import { EventList } from '../events/list.js';
import '../events/look.js';
import '../events/one.js';
import { nameOf, place, watch } from '../events/place.js';
import { dayAt, shelve, visible } from '../events/shelf.js';
import { strips } from '../events/strips.js';
import { showWhy } from '../events/why.js';

/** @typedef {import('../events/groups.js').Card} Card */
/** @typedef {import('../events/groups.js').Group} Group */

/** A card lies on a phone, and stands where there is room. */
const roomy = matchMedia('(min-width: 600px)');
const gap = 12, lying = 144, text = 112, least = 250;

class Events extends View {
  constructor() {
    super();
    this.list = new EventList(() => this.#sort());
    /** @type {Group[]} */
    this.groups = [];
    /** @type {Card[]} */
    this.cards = [];
    /** What these are made of. @type {import('../events/groups.js').Event[]|undefined} */
    this.sorted = undefined;
    /** Keys of groups of a stack that are shown alone. @type {Set<string>} */
    this.apart = new Set();
    this.chosen = /** @type {Set<string>} */ (new Set());
    this.choosing = false;
    this.progress = '';
    this.shelf = shelve([], 1, lying);
    this.columns = 1;
    this.rowHeight = lying;
    /** @type {import('../events/shelf.js').Row[]} */
    this.rows = [];
    this.day = '';
    this.asked = /** @type {string|undefined} */ (undefined);
    this.filter = filterOf(route().query);
    /** How much was recorded of a time in which nothing happened, by camera. @type {[string, number][]|undefined} */
    this.recorded = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.until(onRoute(() => this.#arrive()));
    this.asks(() => { this.asked = undefined; this.#arrive(); });
    this.until(this.list.start());
    const timer = setInterval(() => this.#reckon(), 30e3);
    this.until(() => clearInterval(timer));
    const look = () => { this.looks ||= requestAnimationFrame(() => { this.looks = 0; this.#look(); }); };
    addEventListener('scroll', look, { passive: true });
    const size = new ResizeObserver(() => { this.#measure(); look(); });
    size.observe(this);
    this.until(() => { removeEventListener('scroll', look); size.disconnect(); cancelAnimationFrame(this.looks ?? 0); });
  }

  #arrive() {
    const { view, params, query } = route();
    if (view !== 'events') return;
    const here = location.search;
    if (!store.known || !zone.known) return; // names and hours of the URL are the recorder's: willUpdate comes back
    if (params.id || this.asked === here) return this.requestUpdate();
    this.asked = here;
    this.filter = filterOf(query);
    this.choosing = false;
    this.chosen.clear();
    this.apart.clear();
    this.recorded = undefined;
    scrollTo(0, 0);
    void this.list.load(this.filter);
  }

  /** "Last 24 h" goes on while the page is open, "Last night" ends in the morning; not while somebody selects. */
  #reckon() {
    const { view, params, query } = route(), f = this.filter;
    if (document.hidden || view !== 'events' || params.id || !f.preset || this.choosing || this.asked !== location.search || !this.list.known || this.list.busy) return;
    const then = filterOf(query);
    if (then.open === f.open && then.from - f.from < 600e3) return; // another span is another answer: not each minute
    Object.assign(f, { from: then.from, to: then.to, open: then.open });
    this.recorded = undefined;
    void this.list.refresh();
    this.requestUpdate();
  }

  /** The list has changed: what is looked at stays where it is. @param {boolean} [otherwise] it is to be shown in another way */
  #sort(otherwise = false) {
    if (this.list.known && !this.list.busy && !this.list.events.length) void this.#askRecorded();
    if (this.sorted === this.list.events && !otherwise) return this.requestUpdate();
    this.sorted = this.list.events;
    const anchor = this.#anchor();
    this.groups = groups(this.list.events);
    this.cards = stacks(this.groups, this.apart);
    const there = new Set(this.cards.map((c) => c.key));
    for (const key of this.chosen) if (!there.has(key)) this.chosen.delete(key);
    this.#measure();
    if (anchor) {
      const row = this.shelf.rows.find((r) => r.cards.some((c) => c.key === anchor.key));
      if (row && row.top !== anchor.top) this.moveBy = row.top - anchor.top;
    }
    this.rows = [];
    this.#look();
    this.requestUpdate();
  }

  /** The first card in the window, when some were scrolled past. */
  #anchor() {
    const top = this.#top();
    if (top === undefined || top <= 0) return undefined;
    for (const r of this.rows) if (r.cards.length && r.top >= top) return { key: r.cards[0].key, top: r.top };
    return undefined;
  }

  /** Where the window begins on the shelf; undefined: there is none. */
  #top() {
    const box = this.querySelector('.ev-shelf')?.getBoundingClientRect();
    return box && 52 - box.top;
  }

  #measure() {
    const width = this.querySelector('.page')?.clientWidth ?? this.clientWidth;
    if (!width) return;
    const inner = width - 32;
    this.columns = !roomy.matches ? 1 : Math.max(1, Math.floor((inner + gap) / (least + gap)));
    this.rowHeight = !roomy.matches ? lying : Math.round(((inner - gap * (this.columns - 1)) / this.columns) * 0.75) + text + gap;
    this.shelf = shelve(this.cards, this.columns, this.rowHeight);
  }

  /** Which rows are on the page. */
  #look() {
    const top = this.#top() ?? 0, rows = visible(this.shelf, top, top + innerHeight), day = top > 0 ? dayAt(this.shelf, top + 44) : '';
    const other = rows.length !== this.rows.length || rows[0] !== this.rows[0] || rows.at(-1) !== this.rows.at(-1) || day !== this.day;
    this.rows = rows;
    this.day = day ?? '';
    if (other) this.requestUpdate();
    if (this.shelf.height - top < 3 * innerHeight && this.list.known) void this.list.more();
  }

  willUpdate() {
    if (store.known && zone.known && this.asked === undefined) this.#arrive();
  }

  updated() {
    const shelf = /** @type {HTMLElement|null} */ (this.querySelector('.ev-shelf'));
    if (shelf && shelf.clientWidth && !this.rows.length && this.shelf.rows.length) this.#look();
    if (this.moveBy) {
      scrollBy({ top: this.moveBy, behavior: 'instant' });
      this.moveBy = 0;
    }
  }

  async #askRecorded() {
    const f = this.filter;
    if (this.recorded) return;
    this.recorded = [];
    const cameras = store.cameras.filter((c) => !f.cams.length || f.cams.some((x) => store.camera(x) === c)).slice(0, 12);
    const told = await Promise.all(cameras.map((c) => api.get(`/cameras/${encodeURIComponent(c.id)}/coverage`, { query: { from: iso(f.from), to: iso(f.to) } }).then((x) => /** @type {[string, number]} */ ([c.id, x.recorded_seconds * 1000]), () => undefined)));
    if (f !== this.filter) return;
    this.recorded = told.filter((x) => x !== undefined);
    this.requestUpdate();
  }

  /** What somebody wants with a card. @param {import('../events/card.js').What} what @param {Card} card */
  #act = (what, card) => {
    const ids = idsOf(card), name = `${card.groups.map((g) => nameOf(g.camera)).join(', ')}, ${format(card.from, 'datetime')}`;
    switch (what) {
      case 'watch': return watch(eventsOf([card]).filter((e) => !e.seen));
      case 'seen': case 'new': return void this.#mark(ids, what === 'seen');
      case 'why': return void showWhy(card.shown.best);
      case 'keep': return void (card.kept ? showKeeps(name, card.groups) : askKeep(name, async (wish) => { for (const g of card.groups) await keep(g, wish); toast(words.keepDone); })).then(() => this.list.refresh());
      case 'choose':
        this.choosing = true;
        if (!this.chosen.delete(card.key)) this.chosen.add(card.key);
        return this.requestUpdate();
      case 'apart': {
        const keys = card.groups.length > 1 ? card.groups.map((g) => g.key) : this.groups.filter((g) => this.apart.has(g.key) && g.from <= card.to + 60e3 && g.to >= card.from - 60e3).map((g) => g.key);
        for (const key of keys) if (card.groups.length > 1) this.apart.add(key); else this.apart.delete(key);
        return this.#sort(true);
      }
    }
  };

  /** @param {number[]} ids @param {boolean} seen */
  async #mark(ids, seen) {
    if (!ids.length) return;
    const changed = await attempt(() => this.list.mark(ids, seen));
    if (!changed?.length) return;
    toast((seen ? words.marked : words.unmarked)(changed.length), { undo: () => void attempt(() => this.list.mark(changed, !seen)) });
  }

  /** @returns {Group[]} of the cards that are selected */
  #chosenGroups() { return this.cards.filter((c) => this.chosen.has(c.key)).flatMap((c) => c.groups); }

  /** @template T @param {T[]} things @param {(one: T) => Promise<unknown>} what */
  async #each(things, what) {
    const { text: told, bad, done } = await each(things, what, (now) => { this.progress = now; this.requestUpdate(); });
    this.progress = '';
    toast(told, { bad });
    void this.list.refresh();
    return done;
  }

  async #export() {
    const list = this.#chosenGroups();
    if (list.length > mostFiles) return toast(words.exportMost(mostFiles), { bad: true });
    const done = await this.#each(list, save);
    if (done) toast(words.exported(done));
  }

  async #erase() {
    const plans = await askErase(this.#chosenGroups());
    if (plans) await this.#each(plans, erase);
  }

  #bar() {
    const n = this.chosen.size, all = this.cards.filter((c) => this.chosen.has(c.key));
    return html`<div class="ev-bulk" role="toolbar" aria-label=${words.select}><span class="grow num" role="status">${this.progress || words.chosen(n)}</span>
      <button class="button plain" @click=${() => { for (const c of this.cards) if (idsOf(c).length) this.chosen.add(c.key); this.requestUpdate(); }}>${words.chooseAll}</button>
      <v-act icon="download" .label=${words.export} ?off=${!n} .run=${() => this.#export()}></v-act>
      ${store.may('control') ? html`<v-act icon="lock" .label=${words.keep} ?off=${!n} .run=${() => askKeep(words.chosen(n), (wish) => this.#each(this.#chosenGroups(), (g) => keep(g, wish)))}></v-act>` : nothing}
      <v-act icon="seen" .label=${words.seen} ?off=${!n} .run=${() => this.#mark(all.flatMap(idsOf), true)}></v-act>
      <v-act icon="undo" .label=${words.asNew} ?off=${!n} .run=${() => this.#mark(all.flatMap(idsOf), false)}></v-act>
      ${store.may('admin') ? html`<v-act icon="trash" kind="danger" .label=${words.delete} ?off=${!n} .run=${() => this.#erase()}></v-act>` : nothing}
      <button class="button icon-only plain ev-close" aria-label=${words.selectEnd} @click=${() => { this.choosing = false; this.chosen.clear(); this.requestUpdate(); }}>${icon('close')}</button></div>`;
  }

  #filters() {
    const f = this.filter, zones = [...new Set(this.list.events.flatMap((e) => e.zones ?? []))].sort();
    const chip = (/** @type {string} */ what, /** @type {Record<string, undefined>} */ change) => html`<a class="chip ev-chip" href=${withFilter(change)} aria-label=${words.without(what)}>${what}${icon('close', 16)}</a>`;
    return html`<nav class="ev-presets" aria-label=${words.events}>${Object.entries(words.presets).map(([key, label]) => html`<a class="button" href=${withFilter({ time: key, from: undefined, to: undefined })} aria-current=${f.preset === key ? 'true' : nothing} data-preset=${key}
        @click=${(/** @type {Event} */ e) => { if (key === 'away' && !kept.get('away')) { e.preventDefault(); void askAway().then((ok) => ok && go(withFilter({ time: 'away', from: undefined, to: undefined }))); } }}>${label}</a>`)}
        <v-act local icon="calendar" .label=${f.preset ? words.calendar : format(f.from, 'day')} .run=${() => this.#askDay()}></v-act>
        <v-act local icon="filter" .label=${words.filters(narrowed(f))} .run=${() => void askFilter(f, zones).then((change) => change && go(withFilter(change)))}></v-act></nav>
      ${narrowed(f) || f.preset === 'away' ? html`<div class="row ev-chips">
        ${f.preset === 'away' ? html`<button class="chip ev-chip" @click=${() => void askAway().then((ok) => { if (ok) { this.asked = undefined; this.#arrive(); } })}>${format(f.from, 'hm')} – ${format(f.to, 'hm')}${icon('edit', 16)}</button>` : nothing}
        ${f.cams.length ? chip(f.cams.map(nameOf).join(', '), { cam: undefined }) : nothing}${f.kind ? chip(words.kinds[f.kind] ?? f.kind, { kind: undefined }) : nothing}
        ${f.zone ? chip(f.zone, { zone: undefined }) : nothing}${f.min ? chip(`${words.minLength} ${f.min} ${words.seconds}`, { min: undefined }) : nothing}
        ${f.kept ? chip(words.kept, { kept: undefined }) : nothing}${f.state ? chip(words.states[/** @type {'new'} */ (f.state)] ?? f.state, { state: undefined }) : nothing}</div>` : nothing}`;
  }

  #askDay() {
    void askDay(this.filter.from, asked(this.filter).camera).then((d) => d && go(withFilter({ time: undefined, from: d.from, to: d.to })));
  }

  #empty() {
    const f = this.filter, camera = store.cameras.find((c) => !f.cams.length || store.camera(f.cams[0]) === c), only = narrowed(f) > (f.cams.length ? 1 : 0);
    return html`<div class="empty">${icon('events')}<h2>${only ? words.noMatch : words.noEvents(length(f.to - f.from))}</h2><p class="num">${format(f.from, 'datetime')} – ${format(f.to, 'datetime')}</p>
      ${!only && this.recorded?.length ? html`<ul class="num">${this.recorded.map(([id, ms]) => html`<li>${this.recorded?.length === 1 ? nothing : `${nameOf(id)}: `}${ms ? words.recorded(length(ms)) : words.nothingRecorded}</li>`)}</ul>` : nothing}
      <div class="row">${narrowed(f) ? html`<a class="button" href=${withFilter({ cam: undefined, kind: undefined, zone: undefined, min: undefined, kept: undefined, state: undefined })}>${words.clear}</a>` : nothing}
        ${camera ? html`<a class="button" href=${place(camera.id, f.to - 10e3)}>${words.openTimeline}</a>` : nothing}</div></div>`;
  }

  /** Cards as they stand on the shelf. */
  #shelf() {
    return html`<div class="ev-shelf ${this.list.stale ? 'stale' : ''}" .style=${`height:${this.shelf.height}px`} aria-busy=${this.list.busy}>${repeat(this.rows, (r) => (r.day ? 'day ' : '') + r.key, (r) => (r.day
      ? html`<h2 class="ev-day" .style=${`top:${r.top}px`}>${r.day}</h2>`
      : html`<div class="ev-row" .style=${`top:${r.top}px;height:${r.height - gap}px;grid-template-columns:repeat(${this.columns},minmax(0,1fr))`}>${repeat(r.cards, (c) => c.key, (c) => html`<v-event .card=${c} .act=${this.#act} ?choosing=${this.choosing} ?chosen=${this.chosen.has(c.key)} ?apart=${this.apart.has(c.key)}></v-event>`)}</div>`))}</div>`;
  }

  render() {
    const { params } = route();
    if (params.id) return html`<div class="page"><header><h1>${words.events}</h1></header><v-one-event .event=${params.id}></v-one-event></div>`;
    if (!store.known) return html`<div class="page"><header><h1>${words.events}</h1></header></div>`; // filters need the cameras
    const list = this.list, fresh = list.events.filter((e) => e.id && !e.seen), f = this.filter;
    return html`<div class="page ev-page"><header><h1>${words.events}</h1>
        ${fresh.length ? html`<span class="ev-mark"><v-act icon="check" .label=${words.markShown(fresh.length)} .run=${() => this.#mark(fresh.map((e) => e.id), true)}></v-act></span>` : nothing}
        ${this.cards.length && !this.choosing ? html`<button class="button ev-select" aria-label=${words.select} @click=${() => { this.choosing = true; this.requestUpdate(); }}>${icon('list')}<span>${words.select}</span></button>` : nothing}</header>
      ${this.#filters()}
      ${store.cameras.length ? strips(f, f.preset === 'night' ? this.groups : []) : nothing}
      ${list.problem ? html`<p class="problem" role="alert">${words.trouble(list.problem)}</p>` : nothing}
      ${list.above.length ? html`<div class="ev-above" role="status"><button class="button primary" @click=${() => { list.rise(); scrollTo({ top: 0 }); }}>${icon('up')}${words.above(list.above.length)}</button></div>` : nothing}
      ${this.day && this.cards.length ? html`<div class="ev-now" aria-hidden="true"><span>${this.day}</span></div>` : nothing}
      ${list.known && !this.cards.length && !list.busy ? this.#empty() : nothing}
      ${!list.known && !this.cards.length ? html`<div class="ev-bones" aria-busy="true">${[0, 1, 2, 3].map(() => html`<i class="bone"></i>`)}</div>` : this.#shelf()}
      ${list.next ? html`<div class="row ev-end"><v-act .label=${words.older} .run=${() => list.more()}></v-act></div>` : nothing}
      ${this.choosing ? this.#bar() : nothing}</div>`;
  }
}

/** Numbers of a card's events; those that were just told have none yet. @param {Card} card */
const idsOf = (card) => eventsOf([card]).flatMap((e) => (e.id ? [e.id] : []));

customElements.define('v-events', Events);
