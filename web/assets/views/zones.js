// @ts-check
// Motion and zones of a camera: what it sees move now, what counts, and what other settings would have made of the past. Nothing is
// written before Save, and Save waits until that was seen.
import { html, nothing } from '../lib/lit.js';
import { api, ApiError } from '../core/api.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go, guard, onRoute, route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { t } from '../core/strings.js';
import { words } from '../core/strings-zones.js';
import { format, iso } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { confirm } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';
import { micros } from '../player/stamp.js';
import { Effect, keyOf, past as spanOf } from '../tuner/effect.js';
import { gather } from '../tuner/examples.js';
import { sliders } from '../tuner/how.js';
import { list } from '../tuner/list.js';
import { past, verdict } from '../tuner/past.js';
import { square } from '../tuner/presets.js';
import { partOf } from '../tuner/judge.js';
import { Steps } from '../tuner/steps.js';
import { Tuning } from '../tuner/tuning.js';
import '../tuner/look.js';
import '../tuner/polygons.js';
import '../tuner/stage.js';
import '../tuner/strip.js';
import '../tuner/why.js';

/** @typedef {import('../tuner/judge.js').Zone} Zone @typedef {import('../tuner/polygon.js').Point} Point */

const mostZones = 64;

class Zones extends View {
  constructor() {
    super();
    /** @type {Tuning|undefined} */
    this.tuning = undefined;
    /** @type {Effect|undefined} */
    this.effect = undefined;
    /** @type {import('../tuner/effect.js').Span} */
    this.span = 'day';
    /** @type {Steps<Zone[]>} of the zones */
    this.steps = new Steps(/** @type {Zone[]} */ ([]));
    this.selected = this.corner = -1;
    /** @type {Point[]|undefined} */
    this.drawing = undefined;
    this.note = this.problem = '';
    this.all = this.saving = false;
    /** @type {import('../tuner/examples.js').Example[]|undefined} */
    this.examples = undefined;
    this.gathered = this.asked = false;
    this.leaves = new AbortController();
  }

  connectedCallback() {
    super.connectedCallback();
    this.leaves = new AbortController();
    this.until(onRoute(() => this.requestUpdate()));
    this.until(guard((url) => this.mayGo(url)));
    this.asks(() => this.load());
    this.until(() => { this.effect?.end(); this.leaves.abort(); this.tuning = undefined; });
  }

  get c() { return store.camera(route().params.camera); }
  /** µs of the moment that the URL names; 0: live. */
  get at() {
    const text = route().query.get('t');
    const us = text ? micros(text) : 0;
    return Number.isFinite(us) ? us : 0;
  }

  /** What is tried and not saved is not thrown away by a tap beside it. Back leaves all the same: a browser asks nobody. @param {string} url */
  mayGo(url) {
    const [, view, camera, part] = new URL(url, location.href).pathname.split('/');
    if (!this.tuning?.changed || (view === 'setup' && part === 'zones' && store.camera(decodeURIComponent(camera))?.id === this.tuning.camera)) return true;
    void confirm(words.unsaved, words.unsavedText, words.unsavedYes).then((yes) => {
      if (!yes) return;
      this.tuning?.cancel();
      go(url);
    });
    return false;
  }

  async load() {
    const c = this.c;
    if (!c || !store.may('read') || this.asked) return;
    this.asked = true;
    try {
      await this.loadOf(c);
    } finally {
      this.asked = false;
      this.requestUpdate();
    }
  }

  /** @param {import('../core/store.js').Camera} c */
  async loadOf(c) {
    const tuning = this.tuning?.camera === c.id ? this.tuning : new Tuning(c.id);
    try {
      await tuning.load();
      this.problem = '';
    } catch (err) {
      if (this.c?.id !== c.id) return;
      // Who looks beside this one may have something judged at the moment.
      if (err instanceof ApiError && (err.status === 429 || err.status === 503)) setTimeout(() => this.isConnected && this.load(), 3000);
      this.problem = err instanceof ApiError ? err.text : String(err);
      return;
    }
    if (!this.isConnected || this.c?.id !== c.id) return; // somebody went on meanwhile
    if (tuning !== this.tuning) {
      this.effect?.end();
      this.tuning = tuning;
      this.effect = new Effect(c.id, () => this.judged());
      this.begin();
    }
    this.changed(0);
  }

  /** The draft is what is in force. */
  begin() {
    this.steps = new Steps(this.tuning?.draft?.zones ?? []);
    this.selected = this.corner = -1;
    this.drawing = undefined;
    this.note = '';
  }

  /** @param {number} [wait] */
  changed(wait) {
    if (this.tuning?.draft) this.effect?.want(this.tuning.tried, this.span, wait);
    this.requestUpdate();
  }

  /** The recorder has answered: it has time for examples now. */
  judged() {
    this.requestUpdate();
    if (this.gathered || this.effect?.state.phase !== 'here' || !this.tuning) return;
    this.gathered = true;
    const { from, to } = spanOf('day');
    gather(this.tuning.camera, from, to, this.leaves.signal).then((all) => { this.examples = all; }, () => { this.examples = []; }).then(() => this.requestUpdate());
  }

  /** @param {Partial<import('../tuner/tuning.js').Draft>} change */
  set(change) {
    this.tuning?.set(change);
    if (change.zones) this.steps.push(this.tuning?.draft?.zones ?? []);
    this.changed();
  }

  /** @param {Zone[]} zones */
  setZones(zones) {
    if (zones.length > mostZones) return this.say(words.mostZones);
    this.note = '';
    this.set({ zones });
  }

  /** @param {string} note */
  say(note) { this.note = note; this.requestUpdate(); }

  /** @param {'undo'|'redo'} way */
  step(way) {
    const zones = this.steps[way]();
    this.tuning?.set({ zones });
    if (this.selected >= zones.length) this.selected = -1;
    this.note = '';
    this.changed();
  }

  /** @param {number} i @param {Partial<Zone>} change */
  change(i, change) { this.setZones((this.tuning?.draft?.zones ?? []).map((z, k) => (k === i ? { ...z, ...change } : z))); }

  /** @param {Zone[]} zones */
  add(zones) {
    const before = this.tuning?.draft?.zones ?? [];
    this.setZones([...before, ...zones]);
    if (zones.length === 1 && before.length < mostZones) this.selected = before.length;
  }

  /** @param {number} i */
  takeAway(i) {
    this.selected = this.corner = -1;
    this.setZones((this.tuning?.draft?.zones ?? []).filter((_, k) => k !== i));
  }

  /** @param {number} i */
  pick(i) { this.selected = i; this.corner = -1; this.say(''); }

  draw() {
    this.drawing = [];
    this.pick(-1);
    this.querySelector('.tn-picture-box')?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Point[]} points */
  drawn(points) {
    this.drawing = undefined;
    this.add([{ kind: 'include', points }]);
  }

  async propose() {
    const tuning = this.tuning, { signal } = this.leaves, { from, to } = spanOf('day');
    if (!tuning?.draft) return;
    this.effect?.end(); // it takes the same place
    try {
      const busy = await api.get(`/cameras/${tuning.camera}/motion/busy`, { query: { from: iso(from), to: iso(to), sensitivity: tuning.draft.sensitivity }, signal });
      if (!busy.frames || !busy.zones.length) return this.say(busy.frames ? words.noBusy : words.noTrack);
      this.add(busy.zones.map((/** @type {Zone} */ z, /** @type {number} */ i) => ({ ...z, name: words.busy(i + 1) })));
      this.say(words.proposed(busy.zones.length));
    } catch (err) {
      if (!signal.aborted) throw err; // who has left is told nothing
    } finally {
      this.changed(0);
    }
  }

  /** Whether what is shown of the past is of what would be saved. */
  get seen() {
    const { tuning, effect } = this;
    return !!tuning?.draft && effect?.state.phase === 'here' && effect.state.key === keyOf(tuning.tried, this.span);
  }

  async save() {
    const { tuning } = this;
    if (!tuning || this.saving) return;
    this.saving = true;
    this.requestUpdate();
    const back = await attempt(() => tuning.save());
    this.saving = false;
    if (back) {
      this.begin();
      toast(words.saved, { undo: () => this.restore(back), ms: 10_000 });
    }
    this.changed(0);
  }

  /** @param {import('../tuner/tuning.js').Changes} back */
  async restore(back) {
    const { tuning } = this;
    if (tuning && (await attempt(async () => { await tuning.restore(back); return true; }))) {
      this.begin();
      toast(words.restored);
    }
    this.changed(0);
  }

  cancel() {
    this.tuning?.cancel();
    this.begin();
    this.changed(0);
  }

  /** @param {number} us */
  look(us) {
    if (this.c) go(`/setup/${pathOf(this.c)}/zones?t=${encodeURIComponent(iso(us / 1000))}`);
    this.querySelector('.tn-picture-box')?.scrollIntoView({ block: 'center' });
  }

  render() {
    const c = this.c;
    if (!c) return store.known ? html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p><a class="button" href="/live">${t.common.toLive}</a></div>` : nothing;
    if (!store.may('read')) return html`<div class="empty">${icon('zones')}<p>${words.noRead}</p><a class="button" href="/live">${t.common.toLive}</a></div>`;
    if (store.known && this.tuning?.camera !== c.id && !this.problem && this.isConnected) void this.load();
    const draft = this.tuning?.draft, admin = store.may('admin');
    return html`<div class="page tn"><header><a class="button icon-only" href="/live/${pathOf(c)}" aria-label=${t.common.back}>${icon('left')}</a><h1>${words.title(c.name)}</h1></header>
      ${admin ? nothing : html`<p class="chip tn-mayNot">${icon('lock', 14)}${words.mayNot}</p>`}
      ${this.tuning && !this.tuning.enabled ? html`<p class="strip warn">${icon('warn')}<span>${words.off}</span><a class="button" href="/more/cameras/${pathOf(c)}">${words.settings}</a></p>` : nothing}
      ${draft ? this.body(c, draft, !admin) : this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : html`<div class="card bone" aria-busy="true"></div>`}</div>
      ${draft && admin ? this.bar() : nothing}`;
  }

  /** @param {import('../core/store.js').Camera} c @param {import('../tuner/tuning.js').Draft} draft @param {boolean} off */
  body(c, draft, off) {
    const stage = /** @type {any} */ (this.querySelector('v-stage')), strip = /** @type {any} */ (this.querySelector('v-energy')), { at } = this;
    const look = (/** @type {number} */ us) => this.look(us);
    return html`<div class="tn-columns"><div class="tn-left">
      <div class="tn-picture-box" role="group" aria-label=${words.surface}>
        <v-stage .camera=${c.id} .at=${at} .settings=${this.tuning?.tried} @tuner-look=${(/** @type {CustomEvent} */ e) => strip?.show(e.detail)}></v-stage>
        <v-polygons .zones=${draft.zones} .selected=${this.selected} .drawing=${this.drawing} .off=${off} .picture=${stage?.picture ?? null}
          @zone-change=${(/** @type {CustomEvent} */ e) => this.change(this.selected, { points: e.detail })} @zone-pick=${(/** @type {CustomEvent} */ e) => this.pick(e.detail)}
          @zone-draw=${(/** @type {CustomEvent} */ e) => { this.drawing = e.detail; this.say(''); }} @zone-drawn=${(/** @type {CustomEvent} */ e) => this.drawn(e.detail)}
          @zone-refused=${(/** @type {CustomEvent} */ e) => this.say(e.detail)} @zone-corner=${(/** @type {CustomEvent} */ e) => { this.corner = e.detail; this.requestUpdate(); }}></v-polygons></div>
      ${this.tools(off)}
      ${at ? html`<div class="tn-tools"><b class="grow num">${words.at(format(at / 1000, 'datetime'))}</b><a class="button" href="/timeline/${pathOf(c)}?t=${encodeURIComponent(iso(at / 1000))}">${icon('timeline')}${words.timeline}</a><a class="button" href="/setup/${pathOf(c)}/zones">${icon('live')}${words.toLive}</a></div>
        <section class="card"><v-why-now .camera=${c.id} .at=${at} .settings=${this.tuning?.tried}></v-why-now></section>`
      : html`<v-energy .size=${partOf(draft.min_size)} .off=${off} @size-change=${(/** @type {CustomEvent} */ e) => this.set({ min_size: `${e.detail}%` })}></v-energy>`}</div>
      <div class="tn-right">${sliders({ camera: c.id, draft, off, examples: this.examples, set: (change) => this.set(change), look })}
        ${list({ zones: draft.zones, selected: this.selected, off, pick: (i) => this.pick(i), change: (i, change) => this.change(i, change), remove: (i) => this.takeAway(i), add: (zones) => this.add(zones), draw: () => this.draw(), propose: () => this.propose() })}
        ${this.effect ? past({ camera: c.id, state: this.effect.state, span: this.span, shows: this.seen, all: this.all, look, choose: (s) => { this.span = s; this.all = false; this.changed(0); }, more: () => { this.all = true; this.requestUpdate(); } }) : nothing}</div></div>`;
  }

  /** @param {boolean} off */
  tools(off) {
    const polygons = /** @type {any} */ (this.querySelector('v-polygons')), d = this.drawing;
    const button = (/** @type {import('../core/icons.js').Icon} */ i, /** @type {string} */ label, /** @type {boolean} */ dead, /** @type {() => void} */ run) => html`<button type="button" class="button icon-only" aria-label=${label} title=${label} ?disabled=${dead} @click=${run}>${icon(i)}</button>`;
    const hint = d ? (d.length < 3 ? `${words.drawHint} ${words.more(3 - d.length)}.` : words.drawHint) : this.selected >= 0 && !off ? words.editHint : '';
    return html`<div class="tn-tools">${d ? html`<button type="button" class="button primary" ?disabled=${d.length < 3} @click=${() => polygons?.close()}>${icon('check')}${words.finish}</button>
        ${button('undo', words.undo, !d.length, () => { this.drawing = d.slice(0, -1); this.say(''); })}
        <button type="button" class="button" @click=${() => this.drawn(square)}>${words.square}</button>
        <button type="button" class="button plain" @click=${() => { this.drawing = undefined; this.say(''); }}>${t.common.cancel}</button>`
      : off ? nothing : html`<button type="button" class="button" @click=${() => this.draw()}>${icon('plus')}${words.add}</button>
        ${button('undo', words.undo, !this.steps.undoes, () => this.step('undo'))}${button('redo', words.redo, !this.steps.redoes, () => this.step('redo'))}
        ${this.selected >= 0 ? html`<button type="button" class="button" ?disabled=${this.corner < 0} @click=${() => polygons?.takeAway(this.corner)}>${icon('minus')}${words.deleteCorner}</button><button type="button" class="button plain" @click=${() => this.pick(-1)}>${words.leave}</button>` : nothing}`}</div>
      <div class="tn-note small" role="status">${this.note ? html`<b class="warn-text">${this.note}</b>` : html`<span class="muted">${hint}</span>`}</div>`;
  }

  bar() {
    const { tuning, effect } = this;
    if (!tuning || !effect) return nothing;
    const changed = tuning.changed, ready = changed && (this.seen || !tuning.judged) && !this.saving && !this.drawing, before = tuning.before;
    if (!changed && !before) return nothing;
    return html`<div class="tn-bar"><p role="status">${!changed ? '' : tuning.judged ? verdict(effect.state, this.seen) : words.soundHint}</p>
      ${!changed && before ? html`<v-act icon="undo" .label=${words.previous} .run=${() => this.restore(before)}></v-act>` : nothing}
      ${changed ? html`<button type="button" class="button" @click=${() => this.cancel()}>${t.common.cancel}</button>
        <v-act kind="primary" .label=${words.save} .off=${!ready} .run=${() => this.save()} title=${ready ? nothing : words.saveWhy}></v-act>` : nothing}</div>`;
  }
}
customElements.define('v-zones', Zones);
