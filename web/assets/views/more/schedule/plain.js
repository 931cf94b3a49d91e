// @ts-check
// A rule of the schedule in plain words: on which days, from when, to when. Cron lines say more than that; one that does
// is shown as it is.

/** @typedef {'continuous'|'motion'|'off'} Mode */
/** @typedef {{cameras: string[], start: string, stop: string, mode: Mode}} Rule as the API takes it */
/** @typedef {{days: number[], from: string, to: string}} Plain days: 0 is Sunday, in which it begins; to: of the next day where it is not behind from */

export const everyDay = [0, 1, 2, 3, 4, 5, 6];
/** As people count them. */
export const weekOrder = [1, 2, 3, 4, 5, 6, 0];
const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Days of a field of a cron line. @param {string} field @returns {number[]|undefined} undefined: not in this form */
function daysOf(field) {
  if (field === '*') return everyDay;
  /** @type {Set<number>} */
  const days = new Set();
  for (const part of field.toLowerCase().split(',')) {
    const [a, b, more] = part.split('-').map((text) => (/^[0-6]$/.test(text) ? Number(text) : names.indexOf(text)));
    if (more !== undefined || a < 0 || a === undefined || b !== undefined && b < a) return undefined;
    for (let d = a; d <= (b ?? a); d++) days.add(d);
  }
  return [...days].sort();
}

/** @param {number[]} days @returns {string} */
function fieldOf(days) {
  const all = [...new Set(days)].sort();
  if (all.length === 7) return '*';
  /** @type {string[]} */
  const parts = [];
  for (let i = 0; i < all.length;) {
    let j = i;
    while (all[j + 1] === all[j] + 1) j++;
    parts.push(j - i > 1 ? `${all[i]}-${all[j]}` : all.slice(i, j + 1).join(','));
    i = j + 1;
  }
  return parts.join(',');
}

/** @param {string} line @returns {{days: number[], at: string}|undefined} */
function moment(line) {
  const m = /^\s*(\d\d?)\s+(\d\d?)\s+\*\s+\*\s+(\S+)\s*$/.exec(line);
  const days = m && daysOf(m[3]);
  return m && days && Number(m[1]) < 60 && Number(m[2]) < 24 ? { days, at: `${m[2].padStart(2, '0')}:${m[1].padStart(2, '0')}` } : undefined;
}

/** @param {number[]} days */
const dayLater = (days) => days.map((d) => (d + 1) % 7).sort();

/** A window in plain words. @param {{start: string, stop: string}} r @returns {Plain|undefined} undefined: its lines say more than that */
export function plainOf(r) {
  const a = moment(r.start), b = moment(r.stop);
  if (!a || !b || !a.days.length) return undefined;
  const ends = a.at < b.at ? a.days : dayLater(a.days);
  return String(ends) === String(b.days) ? { days: a.days, from: a.at, to: b.at } : undefined;
}

/** The lines of a window. @param {Plain} p @returns {{start: string, stop: string}} */
export function linesOf(p) {
  const line = (/** @type {string} */ at, /** @type {number[]} */ days) => {
    const [hour, minute] = at.split(':').map(Number);
    return `${minute || 0} ${hour || 0} * * ${fieldOf(days)}`;
  };
  return { start: line(p.from, p.days), stop: line(p.to, p.from < p.to ? p.days : dayLater(p.days)) };
}

/** What most people want, to begin with. @type {Record<string, {rules: Rule[], otherwise: Mode}>} */
export const presets = {
  nights: { rules: [{ cameras: [], ...linesOf({ days: everyDay, from: '22:00', to: '06:00' }), mode: 'continuous' }], otherwise: 'motion' },
  away: { rules: [{ cameras: [], ...linesOf({ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }), mode: 'continuous' }], otherwise: 'motion' },
  always: { rules: [], otherwise: 'continuous' },
};
