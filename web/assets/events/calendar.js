// @ts-check
// A month: how much happened each day, and of which days there is footage.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { icon } from '../core/icons.js';
import { words } from '../core/strings-events.js';
import { fields, format, length, now } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { sheet } from '../parts/sheet.js';

/** @typedef {{day: string, from: string, to: string, events: number, footage_seconds: number}} Day */

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** @param {number} n */
const two = (n) => String(n).padStart(2, '0');

/** Asks for a day. @param {number} near ms @param {string|undefined} camera ids, with commas @returns {Promise<Day|undefined>} */
export function askDay(near, camera) {
  let { year, month } = fields(near);
  /** @type {Day[]} */
  let days = [];
  let wanted = '';
  return sheet(words.calendar, (close, redraw) => {
    const load = async () => {
      const mine = wanted = `${year}-${two(month)}`, last = new Date(Date.UTC(year, month, 0)).getUTCDate();
      const answer = await attempt(() => api.get('/events/days', { query: { from: `${mine}-01`, to: `${mine}-${last}`, camera } }));
      if (!answer || wanted !== mine) return;
      days = answer.days;
      redraw();
    };
    const turn = (/** @type {number} */ by) => {
      const to = new Date(Date.UTC(year, month - 1 + by, 1));
      [year, month, days] = [to.getUTCFullYear(), to.getUTCMonth() + 1, []];
      redraw();
      void load();
    };
    if (!wanted) void load();
    const most = Math.max(1, ...days.map((d) => d.events)), lead = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
    const today = format(now(), 'date');
    return html`<div class="ev-month"><button class="button icon-only" aria-label=${words.earlier} @click=${() => turn(-1)}>${icon('left')}</button><b aria-live="polite">${months[month - 1]} ${year}</b>
        <button class="button icon-only" aria-label=${words.later} ?disabled=${`${year}-${two(month)}` >= today.slice(0, 7)} @click=${() => turn(1)}>${icon('right')}</button></div>
      <div class="ev-days">${words.weekdays.map((w) => html`<span class="small muted">${w}</span>`)}${Array.from({ length: lead }, () => html`<i></i>`)}
        ${days.map((d) => html`<button ?disabled=${d.day > today} aria-current=${d.day === today ? 'date' : nothing} class=${d.footage_seconds > 0 ? 'footage' : ''} data-day=${d.day} data-events=${d.events}
          aria-label=${words.dayAbout(format(Date.parse(d.from), 'day'), d.events, d.footage_seconds ? words.recorded(length(d.footage_seconds * 1000)) : words.nothingRecorded)} @click=${() => close(d)}>
          <span class="bar"><i .style=${`transform:scaleY(${(d.events ? Math.max(0.06, d.events / most) : 0).toFixed(3)})`}></i></span><span class="num">${Number(d.day.slice(8))}</span></button>`)}</div>
      <p class="small muted">${words.calendarLegend}</p>
      <div class="ends"><v-act local .label=${words.cancel} .run=${() => close()}></v-act></div>`;
  });
}
