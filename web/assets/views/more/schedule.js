// @ts-check
// When what is recorded: the week by the schedule in force, what changes next, and another schedule for who may set one.
import { css, html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { adopt, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { store } from '../../core/store.js';
import { words } from '../../core/strings-schedule.js';
import { iso, now, zone } from '../../core/time.js';
import { attempt } from '../../parts/act.js';
import { mayEdit } from './schedule/editor.js';
import { ruleText } from './schedule/rule.js';
import { comingTable } from './schedule/week.js';

/** @typedef {import('./schedule/week.js').Week} Week */

class Schedule extends View {
  constructor() {
    super();
    /** @type {Week|undefined} of today */
    this.week = undefined;
    /** @type {Week|undefined} that is looked at; undefined: of today */
    this.other = undefined;
    this.asked = 0;
  }
  connectedCallback() {
    super.connectedCallback();
    this.asks(() => this.load());
    const timer = setInterval(() => !document.hidden && this.stale() && this.load(), 15_000);
    this.until(() => clearInterval(timer));
  }

  // What is in force now was until a moment that is over, or another day has begun.
  stale() {
    const at = now(), w = this.week;
    return w && (at >= Date.parse(w.days[0].to) || w.cameras.some((c) => c.until && Date.parse(c.until) <= at));
  }
  async load() {
    const mine = ++this.asked;
    const told = await attempt(() => api.get('/schedule'));
    if (!told || mine !== this.asked) return;
    this.week = told;
    this.other = undefined;
    this.requestUpdate();
  }
  /** @param {number} by weeks from the one that is shown */
  async turn(by) {
    const shown = this.other ?? this.week;
    if (!shown) return;
    const middle = (Date.parse(shown.days[0].from) + Date.parse(shown.days[0].to)) / 2; // noon, more or less: the day is right in any week
    const told = await attempt(() => api.get('/schedule', { query: { from: iso(middle + by * 7 * 86_400_000) } }));
    if (!told) return;
    this.other = this.week && told.days[0].from === this.week.days[0].from ? undefined : told;
    this.requestUpdate();
  }

  render() {
    const w = this.week;
    if (!w) return html`<h1>${words.title}</h1><section class="card bone sc-bone" aria-busy="true" aria-label=${words.loading}></section>`;
    return html`<header><h1>${words.title}</h1></header>
      <div><p class="sc-origin" data-origin=${w.origin}><b>${w.schedule.length || w.origin === 'set' ? words.origin[w.origin] : words.origin.default}</b></p><p class="small muted">${words.clock(zone.name)} ${words.paused}</p></div>
      <section class="card"><header><h2>${words.week}</h2>${w.cameras.length ? html`
        <button class="button icon-only" aria-label=${words.earlier} @click=${() => this.turn(-1)}>${icon('left')}</button>
        <button class="button" ?disabled=${!this.other} @click=${() => { this.other = undefined; this.requestUpdate(); }}>${words.thisWeek}</button>
        <button class="button icon-only" aria-label=${words.later} @click=${() => this.turn(1)}>${icon('right')}</button>` : nothing}</header>
        ${w.cameras.length ? html`<v-week .week=${this.other ?? w} ?still=${!!this.other}></v-week>` : html`<div class="empty">${icon('schedule')}<p>${words.noCameras}</p></div>`}</section>
      ${w.cameras.length ? html`<section class="card"><h2>${words.next}</h2>${comingTable(w.changes)}</section>` : nothing}
      ${mayEdit() ? html`<v-schedule-editor .week=${w} @saved=${() => this.load()}></v-schedule-editor>`
      : html`<section class="card"><h2>${words.readOnly}</h2>${w.schedule.length ? html`<ol class="sc-rules">${w.schedule.map((r) => html`<li>${ruleText(r)}</li>`)}</ol>` : html`<p>${words.noRules}</p>`}
        <p>${words.otherwise}: <b>${words.does[w.otherwise]}</b></p><p class="muted row sc-viewer">${icon('lock')}<span class="grow">${words.viewer}</span></p></section>`}`;
  }
}
customElements.define('v-schedule', Schedule);

adopt(css`
  .sc-bone { min-height: 320px; } .sc-rules { display: grid; gap: 12px; list-style: decimal; padding-left: 24px; } v-schedule td time { white-space: nowrap; } v-schedule td:nth-last-child(2) { min-width: 120px; } v-schedule td.muted { min-width: 220px; } v-schedule .card > header { flex-wrap: nowrap; gap: 8px; }
`);
