// @ts-check
// The schedule, to be changed: what is tried is asked of the recorder before it can be saved, and what was before comes back.
import { css, html, live, nothing } from '../../../lib/lit.js';
import { api, ApiError } from '../../../core/api.js';
import { adopt, View } from '../../../core/dom.js';
import { icon } from '../../../core/icons.js';
import { store } from '../../../core/store.js';
import { words } from '../../../core/strings-schedule.js';
import { attempt } from '../../../parts/act.js';
import { everyDay, linesOf, presets } from './plain.js';
import { draftOf, lacks } from './rule.js';
import { comingTable } from './week.js';

/** @typedef {import('./week.js').Week} Week */
/** @typedef {import('./rule.js').Draft} Draft */
/** @typedef {import('./plain.js').Mode} Mode */
/** @typedef {{schedule?: unknown, 'recording.mode'?: unknown}} Changes */

const pause = 250; // ms without another change, before it is asked

/** Properties: week (in force). Tells saved when another one is in force. */
class ScheduleEditor extends View {
  static properties = { week: { attribute: false } };
  constructor() {
    super();
    /** @type {Week|undefined} */
    this.week = undefined;
    /** @type {Draft[]} */
    this.rules = [];
    /** @type {Mode} */
    this.otherwise = 'continuous';
    this.inForce = ''; // as it stands in the recorder, to be compared with
    /** @type {Changes} what was set of the two keys; null: config.toml decides */
    this.set = {};
    this.fixed = false;
    /** @type {Week|undefined} */
    this.tried = undefined;
    /** @type {Map<number, string[]>} texts of what is wrong, by the place of the rule; -1: of none */
    this.wrong = new Map();
    this.asked = this.answered = 0;
    /** @type {any} */
    this.timer = undefined;
    /** @type {Changes|undefined} what brings back what was before the last change */
    this.previous = undefined;
    this.told = ''; // what the last change came to
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); this.until(() => clearTimeout(this.timer)); }

  async load() {
    const told = await attempt(() => api.get('/settings'));
    for (const s of told?.settings ?? []) {
      if (s.key === 'schedule' || s.key === 'recording.mode') this.set = { ...this.set, [s.key]: s.origin === 'set' ? s.value : null };
      if (s.key === 'recording.mode') this.fixed = s.fixed;
    }
    this.requestUpdate();
  }

  /** Takes what is in force, unless somebody is changing it here. @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('week') || !this.week || this.inForce && this.dirty) return;
    this.take(this.week);
  }
  /** @param {Week} w */
  take(w) {
    this.rules = w.schedule.map(draftOf);
    this.otherwise = w.otherwise;
    this.inForce = this.written;
    this.quiet();
  }
  get written() { return JSON.stringify([this.rules.map((d) => d.rule), this.rules.map((d) => d.some), this.otherwise]); }
  get dirty() { return this.written !== this.inForce; }
  quiet() {
    clearTimeout(this.timer);
    this.asked++;
    this.tried = undefined;
    this.wrong = new Map();
  }

  /** @param {Draft[]} rules @param {Mode} [otherwise] */
  change(rules, otherwise = this.otherwise) {
    this.rules = rules;
    this.otherwise = otherwise;
    clearTimeout(this.timer);
    this.asked++;
    this.wrong = new Map();
    rules.forEach((d, i) => lacks(d).length && this.wrong.set(i, lacks(d)));
    if (!this.dirty) this.quiet();
    else if (!this.wrong.size) this.timer = setTimeout(() => this.ask(), pause);
    this.requestUpdate();
  }

  /** What is other than in force, as the API takes it. @returns {Changes} */
  changes() {
    const [rules, some, otherwise] = JSON.parse(this.inForce), list = this.rules.map((d) => d.rule);
    return {
      ...(JSON.stringify([list, this.rules.map((d) => d.some)]) === JSON.stringify([rules, some]) ? {} : { schedule: list }),
      ...(this.otherwise === otherwise ? {} : { 'recording.mode': this.otherwise }),
    };
  }

  async ask() {
    const mine = ++this.asked;
    try {
      const told = await api.send('POST', '/schedule/preview', { settings: this.changes() });
      if (mine !== this.asked) return; // something was changed since
      this.tried = told;
      this.answered = mine;
    } catch (err) {
      if (mine === this.asked) this.refused(err);
    }
    this.requestUpdate();
  }

  /** Puts what is wrong beside its rule. @param {unknown} err */
  refused(err) {
    this.wrong = new Map();
    const add = (/** @type {number} */ i, /** @type {string} */ text) => this.wrong.set(i, [...this.wrong.get(i) ?? [], text]);
    for (const e of err instanceof ApiError ? err.errors : []) {
      const at = /schedule\[(\d+)\]/.exec(e.location ?? '');
      add(at ? Number(at[1]) : -1, e.message ?? '');
    }
    if (!this.wrong.size) add(-1, err instanceof ApiError ? err.text : String(err));
  }

  /** @param {Changes} changes @param {string} text @param {boolean} [back] it brings back what was before */
  async send(changes, text, back = false) {
    const before = Object.fromEntries(Object.keys(changes).map((key) => [key, this.set[/** @type {keyof Changes} */ (key)] ?? null]));
    try {
      await api.send('PATCH', '/settings', changes);
    } catch (err) {
      if (err instanceof ApiError && err.status === 422 && this.dirty) { this.refused(err); this.requestUpdate(); return; }
      throw err;
    }
    this.previous = back ? undefined : before;
    this.set = { ...this.set, ...changes };
    this.inForce = '';
    this.told = text; // beside the buttons, which a toast would cover
    this.dispatchEvent(new CustomEvent('saved', { bubbles: true }));
  }
  async undo() {
    const before = this.previous;
    if (before) await attempt(() => this.send(before, words.undone, true));
  }

  render() {
    const w = this.week;
    if (!w || !this.inForce) return html`<section class="card bone" aria-busy="true"></section>`;
    const own = w.cameras.filter((c) => c.own), dirty = this.dirty, busy = dirty && !this.wrong.size && this.answered !== this.asked;
    const places = [...this.wrong.keys()].filter((i) => i >= 0);
    const replace = (/** @type {number} */ i, /** @type {Draft[]} */ ...list) => this.change([...this.rules.slice(0, i), ...list, ...this.rules.slice(i + 1)]);
    const move = (/** @type {number} */ i, /** @type {number} */ by) => {
      const list = [...this.rules];
      [list[i], list[i + by]] = [list[i + by], list[i]];
      this.change(list);
    };
    return html`<section class="card ed"><h2>${words.edit}</h2>
      <div class="ed-presets" role="group" aria-label=${words.presets}><b>${words.presets}</b>${Object.entries(presets).map(([name, p]) => html`<button type="button" class="button" name=${name} @click=${() => this.change(p.rules.map(draftOf), this.fixed ? this.otherwise : p.otherwise)}>${words.preset[name]}</button>`)}</div>
      <p class="small muted">${words.presetText}</p>
      ${this.rules.length ? html`<p class="small muted">${words.editText}</p>` : html`<p>${words.noRules}</p>`}
      ${this.rules.map((d, i) => html`<v-rule .draft=${d} .number=${i + 1} .of=${this.rules.length} .wrong=${this.wrong.get(i) ?? []}
        @change-rule=${(/** @type {CustomEvent} */ e) => replace(i, e.detail)} @move-rule=${(/** @type {CustomEvent} */ e) => move(i, e.detail)} @remove-rule=${() => replace(i)}></v-rule>`)}
      <button type="button" class="button ed-add" @click=${() => this.change([...this.rules, draftOf({ cameras: [], ...linesOf({ days: everyDay, from: '22:00', to: '06:00' }), mode: 'motion' })])}>${icon('plus')}${words.add}</button>
      <div class="field ed-else"><label for="otherwise"><b>${words.otherwise}</b></label><select id="otherwise" name="otherwise" ?disabled=${this.fixed} @change=${(/** @type {any} */ e) => this.change(this.rules, e.target.value)}>
        ${Object.entries(words.modes).map(([value, text]) => html`<option value=${value} .selected=${live(value === this.otherwise)}>${text}</option>`)}</select>
        ${this.fixed ? html`<span class="hint">${words.fixed}</span>` : own.length ? html`<span class="hint">${words.otherwiseText}. ${words.own(own.map((c) => `${c.name} ${words.modes[c.own ?? '']}`).join(', '))}</span>` : nothing}</div>
      ${dirty ? html`<div class="ed-trial" aria-busy=${busy}>
        <div role="status">${(this.wrong.get(-1) ?? []).map((text) => html`<p class="problem">${text}</p>`)}
        ${this.wrong.size ? html`<p class="problem">${places.length ? words.wrong(places.length) : nothing} ${words.notSaved}</p>` : busy ? html`<p class="muted">${words.trying}</p>` : html`<p>${words.triedText}</p>`}</div>
        ${this.tried && !this.wrong.size ? html`<h3>${words.tried}</h3><v-week still .week=${this.tried}></v-week><h3>${words.next}</h3>${comingTable(this.tried.changes)}` : nothing}</div>` : nothing}
      <p class="ed-told ok-text" role="status">${dirty ? '' : this.told}</p>
      <div class="row ed-ends">${dirty ? html`<span class="ed-save"><v-act kind="primary" .label=${words.save} .off=${busy || !this.tried || this.wrong.size > 0} .run=${() => this.send(this.changes(), words.saved)}></v-act></span>
          <button type="button" class="button" @click=${() => this.week && (this.take(this.week), this.requestUpdate())}>${words.discard}</button>` : nothing}
        ${!dirty && this.previous ? html`<span class="ed-undo"><v-act icon="undo" .label=${words.undo} .run=${() => this.undo()}></v-act></span>` : nothing}
        ${!dirty && w.origin === 'set' ? html`<span class="ed-reset"><v-act .label=${words.reset} .run=${() => this.send({ schedule: null, ...(this.set['recording.mode'] == null ? {} : { 'recording.mode': null }) }, words.wasReset)}></v-act></span>` : nothing}</div></section>`;
  }
}
customElements.define('v-schedule-editor', ScheduleEditor);

/** Who looks may change the schedule: it is of all cameras. */
export const mayEdit = () => store.may('admin') && store.me?.all_cameras !== false;

adopt(css`
  v-schedule-editor, v-rule { display: grid; grid-template-columns: minmax(0, 1fr); } .ed-presets { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
  .ed-add { justify-self: start; } .ed-else select { max-width: 480px; } .ed-trial { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; padding: 12px; border: 1px solid var(--line); border-radius: var(--radius); }
  .ed-told:empty { display: none; } v-schedule-editor .card.bone { min-height: 300px; }
`);
