// @ts-check
// The rules as sliders. A slider asks what it would come to; a second step says what goes, and does it.
import { css, html, live, nothing } from '../../lib/lit.js';
import { api, ApiError } from '../../core/api.js';
import { adopt, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { store } from '../../core/store.js';
import { daysOf, words } from '../../core/strings-storage.js';
import { bytes } from '../../core/time.js';
import { attempt } from '../../parts/act.js';
import { confirm } from '../../parts/sheet.js';
import { toast } from '../../parts/toast.js';
import { steps, stepText } from './steps.js';
import { textOf } from './thin.js';
import { verdict } from './verdict.js';

/** @typedef {import('./steps.js').Value} Value */
/** @typedef {{segments: number, bytes: number, from?: string, to?: string}} Span */
/** @typedef {{name: string, due: Span, frees_bytes: number}} Thins */
/** @typedef {{known: boolean, days?: number, full?: string, room_bytes?: number, goes: Span, most: boolean, all: Span, short_bytes: number, choked: string[], cameras: (import('./verdict.js').Reach & {goes: Span})[], thins: Thins[]}} Preview */
/** @typedef {{key: string, value: any, origin: string, own?: boolean, fixed: boolean}} Setting */

const keys = { '': ['retention.max_age', 'retention.event_age', 'retention.max_size', 'retention.min_free'], camera: ['retention.max_age', 'retention.event_age', 'retention.max_size'] };
const thin = 'retention.thin'; // its value is a list: here it is text
const pause = 150; // ms without another move, before it is asked
const patience = 3600_000; // ms that a sweep may take, as on the command line

/** What goes, in words: "212 GB, Hall 3–9 Nov". @param {Preview} p */
export function goesText(p) {
  return words.atOnce(bytes(p.goes.bytes), p.cameras.filter((c) => c.goes.segments).map((c) => `${c.name} ${daysOf(Date.parse(c.goes.from || ''), Date.parse(c.goes.to || ''))}`).join(', '));
}

/** What is thinned, in words. @param {Preview} p */
export function thinsText(p) {
  /** @type {Map<string, {from: number, to: number, frees: number}>} */
  const of = new Map();
  for (const t of p.thins) {
    const from = Date.parse(t.due.from || ''), to = Date.parse(t.due.to || ''), had = of.get(t.name);
    of.set(t.name, { from: Math.min(from, had?.from ?? from), to: Math.max(to, had?.to ?? to), frees: t.frees_bytes + (had?.frees || 0) });
  }
  return words.thins(bytes([...of.values()].reduce((n, t) => n + t.frees, 0)), [...of].map(([name, t]) => `${name} ${daysOf(t.from, t.to)}`).join(', '));
}

class Rules extends View {
  static properties = { disk: { type: Number } };
  constructor() {
    super();
    this.disk = 0;
    this.whose = ''; // '': all cameras
    /** @type {Map<string, Setting[]>} by whose */
    this.settings = new Map();
    /** @type {Map<string, Map<string, Value>>} what was moved, by whose */
    this.wanted = new Map();
    /** @type {Preview|undefined} */
    this.preview = undefined;
    this.asked = 0;
    /** @type {any} */
    this.timer = undefined;
    this.problem = '';
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load('')); this.until(() => clearTimeout(this.timer)); }

  /** @param {string} whose */
  async load(whose) {
    const told = await attempt(() => api.get(whose ? `/cameras/${whose}/settings` : '/settings'));
    if (told) this.settings.set(whose, told.settings);
    this.requestUpdate();
  }

  /** The value in force, without what was moved. @param {string} whose @param {string} key @returns {Value} */
  value(whose, key) {
    const s = this.settings.get(whose)?.find((o) => o.key === key);
    if (whose && !s?.own) return null;
    return key === thin ? textOf(s?.value || []) : s?.value ?? '';
  }

  /** @param {string} key @param {Value} value */
  move(key, value) {
    const of = this.wanted.get(this.whose) || new Map();
    if (value === this.value(this.whose, key)) of.delete(key); else of.set(key, value);
    if (of.size) this.wanted.set(this.whose, of); else this.wanted.delete(this.whose);
    this.preview = undefined;
    this.asked++;
    clearTimeout(this.timer);
    if (this.wanted.size) this.timer = setTimeout(() => this.ask(), pause);
    this.requestUpdate();
  }

  /** What was moved, as the API takes it. @returns {{settings: Record<string, unknown>, cameras: Record<string, Record<string, unknown>>}} */
  changes() {
    const taken = (/** @type {Map<string, Value>} */ of) => Object.fromEntries([...of].map(([key, value]) => [key, key === thin && value !== null ? JSON.parse(value) : value]));
    /** @type {Record<string, Record<string, unknown>>} */
    const cameras = {};
    for (const [whose, of] of this.wanted) if (whose) cameras[whose] = taken(of);
    return { settings: taken(this.wanted.get('') || new Map()), cameras };
  }

  async ask() {
    const mine = ++this.asked;
    try {
      const told = await api.send('POST', '/storage/preview', this.changes());
      if (mine !== this.asked) return; // another was asked since
      this.preview = told;
      this.problem = '';
    } catch (err) {
      if (mine !== this.asked) return;
      this.problem = err instanceof ApiError ? err.text : String(err);
    }
    this.requestUpdate();
  }

  async apply() {
    // A preview may have stood there for an hour, and so may the question: what is said yes to is what goes now.
    let p = await this.fresh(), other = '';
    for (;;) {
      if (!p) return;
      const text = (p.thins.length ? words.applyThins(thinsText(p)) : '') + (p.goes.segments ? words.applyGoes(goesText(p)) : words.applyNothing);
      if (!await confirm(words.applyTitle, other + text, p.goes.segments ? words.applyYes(bytes(p.goes.bytes)) : words.apply)) return;
      if (p.most && !await confirm(words.twiceTitle, words.twice(bytes(p.goes.bytes), bytes(p.all.bytes)), words.twiceYes)) return;
      /** @type {Preview|undefined} */
      const again = await this.fresh();
      if (again && again.most === p.most && again.goes.segments === p.goes.segments && again.goes.bytes === p.goes.bytes) break;
      [p, other] = [again, words.meanwhile];
    }
    const { settings, cameras } = this.changes(), twice = p.most ? '?twice=true' : '';
    /** @type {string[]} whose rules are set, as in wanted */
    const set = [];
    let all = false;
    try {
      if (Object.keys(settings).length) {
        await api.send('PATCH', `/settings${twice}`, settings);
        set.push('');
      }
      for (const [id, of] of Object.entries(cameras)) {
        await api.send('PATCH', `/cameras/${id}/settings${twice}`, of);
        set.push(id);
      }
      all = true;
      const swept = p.goes.segments || p.thins.length ? await api.send('POST', `/storage/sweep${twice}`, undefined, { limit: patience }) : { bytes: 0 };
      toast(swept.bytes ? words.applied(bytes(swept.bytes)) : swept.thinning ? words.appliedThins : words.appliedNothing);
    } catch (err) {
      if (!set.length) throw err;
      const why = err instanceof ApiError ? err.text : String(err);
      toast(all ? words.notSwept(why) : words.setPart(set.map((id) => (id ? store.camera(id)?.name || id : words.all)).join(', '), why), { bad: true });
    } finally {
      for (const whose of set) this.wanted.delete(whose);
      if (this.wanted.size) void this.ask(); else this.clear();
      for (const id of this.settings.keys()) if (id && id !== this.whose) this.settings.delete(id);
      await Promise.all([this.load(''), this.whose ? this.load(this.whose) : undefined]);
      if (set.length) this.dispatchEvent(new CustomEvent('applied', { bubbles: true }));
    }
  }

  /** What it would come to now. @returns {Promise<Preview|undefined>} undefined: something was moved since, or the page says what is wrong */
  async fresh() {
    await this.ask();
    return this.problem ? undefined : this.preview;
  }

  clear() {
    clearTimeout(this.timer);
    this.asked++;
    this.wanted.clear();
    this.preview = undefined;
    this.problem = '';
    this.requestUpdate();
  }

  /** @param {string} key */
  slider(key) {
    const now = this.value(this.whose, key), moved = this.wanted.get(this.whose);
    const value = moved?.has(key) ? /** @type {Value} */ (moved.get(key)) : now;
    const list = steps(key, now, this.disk, !!this.whose), at = Math.max(0, list.indexOf(value));
    const fixed = !this.whose && this.settings.get('')?.find((o) => o.key === key)?.fixed;
    const [label, hint] = words.keys[key], text = stepText(key, value, this.value('', key), this.disk);
    const go = (/** @type {number} */ i) => this.move(key, list[Math.max(0, Math.min(list.length - 1, i))]);
    return html`<div class="slider"><label for="rule-${key}"><b>${label}</b> <span class="small muted">${fixed ? words.fixed : hint}</span></label><output class="num" for="rule-${key}">${text}</output>
      <div class="row"><button class="button icon-only" aria-label="${label} −" ?disabled=${fixed || at === 0} @click=${() => go(at - 1)}>${icon('minus')}</button>
      <input class="grow" id="rule-${key}" name=${key} type="range" min="0" max=${list.length - 1} step="1" aria-valuetext=${text} .value=${live(String(at))} ?disabled=${fixed} @input=${(/** @type {any} */ e) => go(Number(e.target.value))}>
      <button class="button icon-only" aria-label="${label} +" ?disabled=${fixed || at === list.length - 1} @click=${() => go(at + 1)}>${icon('plus')}</button></div></div>`;
  }

  /** Which footage keeps fewer pictures. */
  thinning() {
    const moved = this.wanted.get(this.whose), value = moved?.has(thin) ? /** @type {Value} */ (moved.get(thin)) : this.value(this.whose, thin);
    const fixed = !this.whose && this.settings.get('')?.find((o) => o.key === thin)?.fixed;
    return html`<v-thin .steps=${value === null ? null : JSON.parse(value)} .all=${JSON.parse(this.value('', thin) || '[]')} .own=${!!this.whose} .fixed=${!!fixed}
      @thin=${(/** @type {any} */ e) => this.move(thin, e.detail && textOf(e.detail))}></v-thin>`;
  }

  /** @param {Preview} p */
  told(p) {
    return html`<p class="verdict">${verdict(p, true)}</p>
      <p class="goes ${p.goes.segments ? 'danger-text' : 'muted'}">${p.goes.segments ? html`${icon('trash')} <span>${words.goesAtOnce}: <b class="num">${goesText(p)}</b></span>` : words.nothingAtOnce}</p>
      ${p.thins.length ? html`<p class="goes">${icon('snapshot')} <span>${words.thinsAtOnce}: <b class="num">${thinsText(p)}</b></span></p>` : nothing}
      ${p.short_bytes ? html`<p class="problem">${words.short(bytes(p.short_bytes))}</p>` : nothing}${p.choked.map((text) => html`<p class="problem">${text}</p>`)}`;
  }

  render() {
    const known = this.settings.has('') && this.settings.has(this.whose) && this.disk;
    return html`<section class="card rules"><h2>${words.rules}</h2><p class="small muted">${words.rulesText}</p>
      <label class="field"><span>${words.whose}</span><select name="whose" @change=${(/** @type {any} */ e) => { this.whose = e.target.value; this.load(this.whose); }}>
        <option value="">${words.all}</option>${store.cameras.map((c) => html`<option value=${c.id} .selected=${c.id === this.whose}>${c.name}</option>`)}</select></label>
      ${known ? html`${keys[this.whose ? 'camera' : ''].map((key) => this.slider(key))}${this.thinning()}` : html`<div class="bone tall" aria-busy="true"></div>`}
      ${this.wanted.size ? html`<div class="trial" role="status">${this.problem ? html`<p class="problem">${this.problem}</p>` : this.preview ? this.told(this.preview) : html`<p class="muted">${words.trying}</p>`}</div>
        <div class="row"><v-act kind="primary" .label=${words.apply} .off=${!this.preview} .run=${() => this.apply()}></v-act><button class="button" @click=${() => this.clear()}>${words.reset}</button></div>` : nothing}</section>`;
  }
}
customElements.define('v-rules', Rules);

adopt(css`
  .slider { display: grid; grid-template-columns: 1fr auto; gap: 4px 12px; align-items: baseline; } .slider > .row { grid-column: 1 / -1; flex-wrap: nowrap; } .slider output { font-weight: 600; }
  .rules .trial { display: grid; gap: 8px; padding: 12px; background: var(--raised); border-radius: var(--radius); min-height: 88px; align-content: start; } .rules .goes { display: flex; gap: 8px; align-items: center; } .bone.tall { min-height: 200px; }
`);
