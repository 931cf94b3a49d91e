// @ts-check
// One rule of the schedule, to be changed: days, hours, what is recorded, of which cameras; its cron lines under Advanced.
import { css, html, live, nothing } from '../../../lib/lit.js';
import { adopt, View } from '../../../core/dom.js';
import { icon } from '../../../core/icons.js';
import { store } from '../../../core/store.js';
import { words } from '../../../core/strings-schedule.js';
import { everyDay, linesOf, plainOf, weekOrder } from './plain.js';

/** @typedef {import('./plain.js').Rule} Rule */
/** @typedef {import('./plain.js').Plain} Plain */
/** @typedef {{rule: Rule, plain?: Plain, some: boolean}} Draft plain: none when its lines say more; some: only the cameras that are named */

/** A rule as it is changed. Cameras are ids where they are known. @param {Rule} r @returns {Draft} */
export function draftOf(r) {
  const cameras = r.cameras.map((text) => store.cameras.find((c) => c.id === text || c.name.toLowerCase() === text.toLowerCase())?.id ?? text);
  return { rule: { cameras, start: r.start, stop: r.stop, mode: r.mode }, plain: plainOf(r), some: cameras.length > 0 };
}

/** What the page itself sees to be missing. @param {Draft} d @returns {string[]} */
export function lacks(d) {
  return [...(d.plain && !d.plain.days.length ? [words.needsDay] : []), ...(d.some && !d.rule.cameras.length ? [words.needsCamera] : [])];
}

/** A rule for people who only look. @param {Rule} r */
export function ruleText(r) {
  const plain = plainOf(r);
  const cameras = r.cameras.length ? r.cameras.map((text) => store.cameras.find((c) => c.id === text)?.name ?? text).join(', ') : words.all;
  return html`<b>${plain ? words.times(plain) : words.cron(r)}</b><br><span class="muted">${cameras}: ${words.does[r.mode]}</span>`;
}

/** Properties: draft, number (from 1), of (how many there are), wrong (texts). Tells change (the new draft), move (-1, 1) and remove. */
class RuleEditor extends View {
  static properties = { draft: { attribute: false }, number: { type: Number }, of: { type: Number }, wrong: { attribute: false } };
  constructor() {
    super();
    /** @type {Draft} */
    this.draft = draftOf({ cameras: [], ...linesOf({ days: everyDay, from: '22:00', to: '06:00' }), mode: 'continuous' });
    this.number = this.of = 1;
    /** @type {string[]} */
    this.wrong = [];
  }

  /** @param {string} name @param {unknown} [detail] */
  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); this.requestUpdate(); }
  /** @param {Partial<Rule>} change */
  rule(change) { this.tell('change-rule', { ...this.draft, rule: { ...this.draft.rule, ...change } }); }
  /** @param {Partial<Plain>} change */
  plain(change) {
    const plain = { .../** @type {Plain} */ (this.draft.plain), ...change };
    this.tell('change-rule', { ...this.draft, plain, rule: { ...this.draft.rule, ...linesOf(plain) } });
  }
  /** @param {'start'|'stop'} key @param {string} text */
  line(key, text) {
    const rule = { ...this.draft.rule, [key]: text.trim() };
    this.tell('change-rule', { ...this.draft, rule, plain: plainOf(rule) });
  }

  /** @param {Plain} p */
  hours(p) {
    const set = (/** @type {'from'|'to'} */ key) => (/** @type {any} */ e) => (e.target.value ? this.plain({ [key]: e.target.value.slice(0, 5) }) : this.requestUpdate());
    return html`<fieldset class="rl-days"><legend>${words.days}</legend>${weekOrder.map((d) => html`<button type="button" class="button" aria-pressed=${p.days.includes(d)} aria-label=${words.dayLong[d]}
        @click=${() => this.plain({ days: p.days.includes(d) ? p.days.filter((o) => o !== d) : [...p.days, d].sort() })}>${words.dayNames[d]}</button>`)}</fieldset>
      <div class="rl-times"><label class="field"><span>${words.fromTime}</span><input type="time" name="from" required .value=${live(p.from)} @change=${set('from')}></label>
        <label class="field"><span>${words.toTime}</span><input type="time" name="to" required .value=${live(p.to)} @change=${set('to')}></label>
        <span class="small muted rl-hint">${p.from < p.to ? nothing : p.from === p.to ? words.wholeDay : words.nextDay}</span></div>`;
  }

  cameras() {
    const { rule, some } = this.draft, id = `rule-${this.number}-cameras`;
    const set = (/** @type {string} */ text, /** @type {boolean} */ on) => this.rule({ cameras: on ? [...rule.cameras, text] : rule.cameras.filter((o) => o !== text) });
    const strange = rule.cameras.filter((text) => !store.cameras.some((c) => c.id === text));
    return html`<div class="field"><label for=${id}><b>${words.cameras}</b></label>
      <select id=${id} name="cameras" @change=${(/** @type {any} */ e) => this.tell('change-rule', { ...this.draft, some: e.target.value === 'some', rule: { ...rule, cameras: e.target.value === 'some' ? rule.cameras : [] } })}>
        <option value="all" .selected=${live(!some)}>${words.allCameras}</option><option value="some" .selected=${live(some)}>${words.someCameras}</option></select></div>
      ${some ? html`<div class="rl-cameras" role="group" aria-label=${words.cameras}>${store.cameras.map((c) => html`<label class="tick"><input type="checkbox" .checked=${live(rule.cameras.includes(c.id))} @change=${(/** @type {any} */ e) => set(c.id, e.target.checked)}>${c.name}</label>`)}
        ${strange.map((text) => html`<label class="tick"><input type="checkbox" .checked=${live(true)} @change=${() => set(text, false)}>${words.unknownCamera(text)}</label>`)}</div>` : nothing}`;
  }

  render() {
    const { rule, plain } = this.draft, mode = `rule-${this.number}-mode`, wrong = this.wrong.length > 0;
    const line = (/** @type {'start'|'stop'} */ key) => html`<label class="field"><span>${words[key]}</span><input name=${key} autocomplete="off" spellcheck="false" aria-invalid=${wrong} .value=${live(rule[key])} @change=${(/** @type {any} */ e) => this.line(key, e.target.value)}></label>`;
    const lines = html`<p class="small muted">${words.cronHint}</p><div class="rl-times">${line('start')}${line('stop')}</div>`;
    return html`<fieldset class="card rl ${wrong ? 'bad' : ''}"><legend><b>${words.rule(this.number)}</b></legend>
      <div class="row rl-head"><span class="grow muted">${plain ? words.times(plain) : words.cron(rule)}</span>
        <button type="button" class="button plain icon-only" aria-label="${words.up}: ${words.rule(this.number)}" ?disabled=${this.number === 1} @click=${() => this.tell('move-rule', -1)}>${icon('up')}</button>
        <button type="button" class="button plain icon-only" aria-label="${words.down}: ${words.rule(this.number)}" ?disabled=${this.number === this.of} @click=${() => this.tell('move-rule', 1)}>${icon('down')}</button>
        <button type="button" class="button plain icon-only" aria-label="${words.remove}: ${words.rule(this.number)}" @click=${() => this.tell('remove-rule')}>${icon('trash')}</button></div>
      ${plain ? this.hours(plain) : html`<p>${words.cronOnly}</p>${lines}<button type="button" class="button" @click=${() => this.plain({ days: everyDay, from: '22:00', to: '06:00' })}>${words.asPlain}</button>`}
      <div class="field"><label for=${mode}><b>${words.records}</b></label><select id=${mode} name="mode" @change=${(/** @type {any} */ e) => this.rule({ mode: e.target.value })}>
        ${Object.entries(words.modes).map(([value, text]) => html`<option value=${value} .selected=${live(value === rule.mode)}>${text}</option>`)}</select></div>
      ${this.cameras()}
      ${plain ? html`<details><summary>${words.advanced}</summary><div class="rl-cron">${lines}</div></details>` : nothing}
      ${wrong ? html`<ul class="rl-wrong" role="alert">${this.wrong.map((text) => html`<li class="problem">${text}</li>`)}</ul>` : nothing}</fieldset>`;
  }
}
customElements.define('v-rule', RuleEditor);

adopt(css`
  .rl.bad { border-color: var(--danger); } .rl-head { flex-wrap: nowrap; gap: 4px; } .rl-wrong, .rl-cron { display: grid; gap: 8px; }
  .rl-days { border: 0; margin: 0; padding: 0; min-width: 0; display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 4px; max-width: 480px; } .card .rl-days legend { padding: 0 0 4px; font-weight: 600; } .rl-days .button { padding: 0; min-width: 0; }
  .rl-days .button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
  .rl-times { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 4px 12px; max-width: 480px; } .rl-hint { grid-column: 2; min-height: 17px; } .rl select { max-width: 480px; }
  .rl-cameras { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); } .rl summary, .wk-group summary { min-height: 44px; display: list-item; padding: 10px 0; cursor: pointer; }
`);
