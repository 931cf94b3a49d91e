// @ts-check
// A week of the schedule: a strip for each day, as long as the day is, and cameras with the same week together.
import { css, html, nothing, svg } from '../../../lib/lit.js';
import { adopt, View } from '../../../core/dom.js';
import { store } from '../../../core/store.js';
import { words } from '../../../core/strings-schedule.js';
import { fields, format, now } from '../../../core/time.js';

/** @typedef {import('./plain.js').Mode} Mode */
/** @typedef {{from: string, to: string, mode: Mode, schedule: number, why: string}} Span */
/** @typedef {{camera: string, name: string, mode: Mode, why: string, until?: string, own?: Mode, spans: Span[], more?: boolean}} CameraWeek */
/** @typedef {{camera: string, name: string, at: string, mode: Mode, schedule: number, why: string}} Change */
/**
 * @typedef {object} Week as GET /schedule tells it
 * @property {string} at @property {Mode} otherwise @property {'default'|'file'|'set'} origin
 * @property {(import('./plain.js').Rule & {number: number, for: string[]})[]} schedule
 * @property {{from: string, to: string}[]} days @property {CameraWeek[]} cameras @property {Change[]} changes
 */

const minute = 60_000, hour = 60 * minute;
const heights = { continuous: 20, motion: 10, off: 2 };

/** "14:05", and the offset in an hour that is there twice. @param {number} ms */
const hm = (ms) => format(ms, 'hm');

/** Lists whose spans, or whatever else is looked at, are the same. @template T @param {T[]} list @param {(one: T) => unknown} of @returns {T[][]} in the order of the first of each */
export function alike(list, of) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const one of list) {
    const key = JSON.stringify(of(one));
    groups.set(key, [...groups.get(key) ?? [], one]);
  }
  return [...groups.values()];
}

/** Names of cameras in words. @param {{name: string}[]} list */
export const who = (list) => (list.length > 1 && list.length === store.cameras.length ? words.all : list.map((c) => c.name).join(', '));

/** Properties: week; still (without what is in force now: it is only tried). */
class WeekView extends View {
  static properties = { week: { attribute: false }, still: { type: Boolean } };
  constructor() {
    super();
    /** @type {Week|undefined} */
    this.week = undefined;
    this.still = false;
  }
  connectedCallback() { super.connectedCallback(); this.every(30_000); }

  /** @param {{from: string, to: string}} day @param {Span[]} spans @param {number} most ms of the longest day of the week */
  strip(day, spans, most) {
    const from = Date.parse(day.from), to = Date.parse(day.to), at = now();
    const parts = spans.map((s) => ({ ...s, a: Math.max(from, Date.parse(s.from)), b: Math.min(to, Date.parse(s.to)) })).filter((s) => s.a < s.b);
    const x = (/** @type {number} */ ms) => (ms - from) / minute;
    /** @type {number[]} */
    const marks = [];
    for (let ms = from + hour; ms < to; ms += hour) if (fields(ms).hour % 6 === 0 && fields(ms).minute === 0) marks.push(ms);
    const end = (/** @type {number} */ ms) => (ms === to ? '24:00' : hm(ms));
    const label = parts.map((p) => words.span(hm(p.a), end(p.b), words.modes[p.mode])).join(', ');
    return html`<svg class="wk-strip" role="img" viewBox="0 0 ${most / minute} 24" preserveAspectRatio="none" aria-label="${format(from, 'day')}: ${label}">
      <rect class="wk-lane" x="0" y="0" width=${x(to)} height="24"></rect>
      ${parts.map((p) => svg`<rect class="wk-${p.mode}" x=${x(p.a)} y=${22 - heights[p.mode]} width=${x(p.b) - x(p.a)} height=${heights[p.mode]}><title>${words.span(hm(p.a), end(p.b), words.modes[p.mode])}: ${p.why}</title></rect>`)}
      ${marks.map((ms) => svg`<line class="wk-mark" x1=${x(ms)} x2=${x(ms)} y1="0" y2="24" vector-effect="non-scaling-stroke"></line>`)}
      ${!this.still && at >= from && at < to ? svg`<line class="wk-now" x1=${x(at)} x2=${x(at)} y1="0" y2="24" vector-effect="non-scaling-stroke"></line>` : nothing}</svg>`;
  }

  /** @param {Week} w @param {CameraWeek[]} group */
  group(w, group) {
    const most = Math.max(24 * hour, ...w.days.map((d) => Date.parse(d.to) - Date.parse(d.from)));
    return html`<section class="wk-group"><h3>${who(group)}</h3>
      ${this.still ? nothing : html`<ul class="wk-state">${alike(group, (c) => [c.mode, c.until, c.why]).map((same) => html`<li><b>${same.length < group.length ? html`${who(same)}: ` : nothing}${words.does[same[0].mode]}</b> ${same[0].until ? html`<time>${words.until(Date.parse(same[0].until))}</time>` : words.forEver} <span class="muted">(${same[0].why})</span></li>`)}</ul>`}
      <div class="wk-days"><span></span><div class="wk-axis h${Math.round(most / hour)} small muted" aria-hidden="true"><span>00</span><span>06</span><span>12</span><span>18</span></div>
      ${w.days.map((d) => {
        const from = Date.parse(d.from), hours = (Date.parse(d.to) - from) / hour, today = now() >= from && now() < Date.parse(d.to);
        return html`<span class="wk-day num ${today ? 'today' : ''}">${format(from, 'day')}${hours === 24 ? nothing : html` <b class="chip warn" title=${words.longDayWhy}>${words.longDay(hours)}</b>`}</span>${this.strip(d, group[0].spans, most)}`;
      })}</div>
      ${group[0].more ? html`<p class="small warn-text">${words.more}</p>` : nothing}
      <details><summary>${words.list}</summary><div class="scroll" tabindex="0" role="region" aria-label="${words.list}: ${who(group)}"><table><thead><tr><th>${words.from}</th><th>${words.mode}</th><th>${words.why}</th></tr></thead>
        <tbody>${group[0].spans.slice(0, 200).map((s) => html`<tr><td><time>${format(Date.parse(s.from), 'day')} ${hm(Date.parse(s.from))}</time></td><td>${words.does[s.mode]}</td><td class="muted">${s.why}</td></tr>`)}</tbody></table></div></details></section>`;
  }

  render() {
    const w = this.week;
    if (!w) return html`<div class="bone wk-bone" aria-busy="true"></div>`;
    return html`<ul class="wk-legend small" aria-label=${words.legend}>${/** @type {Mode[]} */ (['continuous', 'motion', 'off']).map((m) => html`<li><svg viewBox="0 0 28 24" aria-hidden="true"><rect class="wk-${m}" x="0" y=${22 - heights[m]} width="28" height=${heights[m]}></rect></svg>${words.does[m]}</li>`)}</ul>
      ${alike(w.cameras, (c) => [c.spans.map((s) => [s.from, s.mode])]).map((g) => this.group(w, g))}`;
  }
}
customElements.define('v-week', WeekView);

/** What changes next, cameras that change together in one row. @param {Change[]} changes */
export function comingTable(changes) {
  if (!changes.length) return html`<p class="muted">${words.nextNone}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.next}><table><thead><tr><th>${words.from}</th><th>${words.what}</th><th>${words.mode}</th><th>${words.why}</th></tr></thead>
    <tbody>${alike(changes, (c) => [c.at, c.mode, c.why]).map((g) => html`<tr><td><time>${format(Date.parse(g[0].at), 'day')} ${hm(Date.parse(g[0].at))}</time></td><td>${who(g)}</td><td>${words.does[g[0].mode]}</td><td class="muted">${g[0].why}</td></tr>`)}</tbody></table></div>`;
}

adopt(css`
  v-week { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); } .wk-bone { min-height: 260px; }
  .wk-group { display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); } .wk-group + .wk-group { border-top: 1px solid var(--hair); padding-top: 16px; }
  .wk-state { display: grid; gap: 4px; }
  .wk-days { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 12px; align-items: center; } .wk-day.today { font-weight: 600; } .wk-day .chip { min-height: 0; padding: 0 6px; }
  .wk-axis { display: grid; } .wk-axis.h24 { grid-template-columns: repeat(24, minmax(0, 1fr)); } .wk-axis.h25 { grid-template-columns: repeat(25, minmax(0, 1fr)); } .wk-axis > * { white-space: nowrap; overflow-wrap: normal; }
  .wk-axis > :nth-child(1) { grid-column: 1 / span 3; } .wk-axis > :nth-child(2) { grid-column: 7 / span 3; } .wk-axis > :nth-child(3) { grid-column: 13 / span 3; } .wk-axis > :nth-child(4) { grid-column: 19 / span 3; }
  .wk-strip { display: block; width: 100%; height: 24px; } .wk-lane { fill: var(--raised); }
  .wk-continuous { fill: var(--lane-recorded); } .wk-motion { fill: var(--lane-motion); } .wk-off { fill: var(--line); }
  .wk-mark { stroke: var(--hair); stroke-width: 1; } .wk-now { stroke: var(--text); stroke-width: 2; }
  .wk-legend { display: flex; flex-wrap: wrap; gap: 4px 16px; } .wk-legend li { display: flex; align-items: center; gap: 8px; } .wk-legend svg { width: 28px; height: 24px; background: var(--raised); border-radius: 2px; }
  @media (forced-colors: active) { .wk-strip, .wk-legend svg { forced-color-adjust: none; } }
`);
