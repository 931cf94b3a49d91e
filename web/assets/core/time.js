// @ts-check
// Time as the recorder tells it. Inside: ms since 1970 UTC. Shown: the recorder's zone, from a table that it
// sends, since the browser's zone is another one on a journey, and its table may be old.
import { api } from './api.js';

/** @typedef {{from: number, offset: number, name: string}} Part offset: ms east of UTC */

const second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const zone = {
  name: 'UTC',
  /** The recorder has told it: until then times are shown in UTC. */
  known: false,
  /** @type {Part[]} in order; of the time before the first, its offset too */
  parts: [{ from: 0, offset: 0, name: 'UTC' }],

  /** Asks for the table: ten years back, two ahead. */
  async load() {
    const now = Date.now();
    const told = await api.get('/system/zone', { query: { from: iso(now - 3653 * day), to: iso(now + 731 * day) } });
    zone.set(told);
  },
  /** @param {{zone: string, parts: {from: string, offset_seconds: number, name: string}[]}} told */
  set(told) {
    zone.parts = told.parts.map((p) => ({ from: Date.parse(p.from), offset: p.offset_seconds * second, name: p.name }));
    zone.known = true;
    zone.name = told.zone === 'Local' ? zone.at(Date.now()).name : told.zone;
  },
  /** The part in which a moment is. @param {number} ms @returns {Part} */
  at(ms) {
    for (let i = zone.parts.length - 1; i > 0; i--) if (zone.parts[i].from <= ms) return zone.parts[i];
    return zone.parts[0];
  },
  /** @param {number} ms @returns {number} ms east of UTC */
  offset: (ms) => zone.at(ms).offset,
  /** The browser's clock shows other hours than the recorder's. */
  differs: () => new Date().getTimezoneOffset() * -minute !== zone.offset(Date.now()),
};

// The recorder's clock: the browser's, and by how much that is wrong.
let skew = 0;
/** The recorder's now, in ms. */
export const now = () => Date.now() + skew;
/** Sets the clock by an answer. Half of its journey is taken off. @param {number} told ms @param {number} [journey] ms there and back */
export function setNow(told, journey = 0) { skew = told + journey / 2 - Date.now(); }

/** @param {number} n @param {number} [digits] */
const pad = (n, digits = 2) => String(n).padStart(digits, '0');

/** The fields of a moment on the recorder's clock. @param {number} ms */
export function fields(ms) {
  const d = new Date(ms + zone.offset(ms));
  return {
    year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), weekday: d.getUTCDay(),
    hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds(),
  };
}

/** "+01:00". @param {number} offset ms */
function offsetText(offset) {
  const minutes = Math.abs(offset) / minute;
  return (offset < 0 ? '-' : '+') + pad(Math.floor(minutes / 60)) + ':' + pad(Math.floor(minutes % 60));
}

/** RFC 3339 with the recorder's offset, as URLs and the API take it. @param {number} ms */
export function iso(ms) {
  const offset = zone.offset(ms);
  return new Date(ms + offset).toISOString().replace(/\.000Z$|Z$/, '') + offsetText(offset);
}

/** The hour before and behind ms is there twice, and this is one of them: its offset tells which. @param {number} ms */
function twice(ms) {
  return zone.parts.some((p, i) => {
    const back = i > 0 ? zone.parts[i - 1].offset - p.offset : 0;
    return back > 0 && ms >= p.from - back && ms < p.from + back;
  });
}

/**
 * A moment for people, on the recorder's clock. An hour that is there twice says which: "02:00 +2".
 * @param {number} ms
 * @param {'time'|'hm'|'tenths'|'date'|'day'|'datetime'|'full'|'file'} [style] time 14:05:10, hm 14:05, tenths 14:05:10.3, date 2026-11-22,
 *   day Sun 22 Nov, datetime Sun 22 Nov 14:05:10, full with year and zone, file 2026-11-22_14-05-10.3+0100
 * @returns {string}
 */
export function format(ms, style = 'time') {
  if (!Number.isFinite(ms)) return '–';
  const f = fields(ms);
  const date = `${f.year}-${pad(f.month)}-${pad(f.day)}`;
  const tenth = Math.floor(f.ms / 100);
  if (style === 'date') return date;
  if (style === 'day') return `${weekdays[f.weekday]} ${f.day} ${months[f.month - 1]}`;
  if (style === 'file') return `${date}_${pad(f.hour)}-${pad(f.minute)}-${pad(f.second)}.${tenth}${offsetText(zone.offset(ms)).replace(':', '')}`;
  let text = `${pad(f.hour)}:${pad(f.minute)}` + (style === 'hm' ? '' : ':' + pad(f.second)) + (style === 'tenths' ? '.' + tenth : '');
  if (twice(ms)) text += ' ' + offsetText(zone.offset(ms)).replace(/^([+-])0?(\d+):00$/, '$1$2');
  if (style === 'datetime') return `${format(ms, 'day')} ${text}`;
  if (style === 'full') return `${format(ms, 'day')} ${f.year} ${text} ${zone.at(ms).name}`;
  return text;
}

/** Moments at which the recorder's clock shows these fields: none in an hour that is left out, two in one that is there twice. @param {number} wall as if it were UTC @returns {number[]} */
export function moments(wall) {
  const all = new Set(zone.parts.map((p) => wall - p.offset));
  return [...all].filter((ms) => ms + zone.offset(ms) === wall).sort((a, b) => a - b);
}

/**
 * Reads what a person typed, or a URL holds: 1405, 14:05, 14:05:10, 2026-11-22 14:05, RFC 3339. Of a time without a date
 * the newest moment that is not in the future is meant, from near's day on backwards.
 * @param {string} text @param {number} near ms
 * @returns {number|undefined} ms; undefined: it is no time. Of two moments the first: moments() tells both
 */
export function parse(text, near) {
  text = text.trim();
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : ms;
  }
  const m = /^(?:(\d{4})-(\d\d?)-(\d\d?)[ T]+)?(\d\d?):?(\d\d)(?::?(\d\d)(?:\.(\d))?)?(?:\s*([+-]\d\d?))?$/.exec(text);
  if (!m) return undefined;
  const [h, min, s] = [Number(m[4]), Number(m[5]), Number(m[6] || 0)];
  if (h > 23 || min > 59 || s > 59) return undefined;
  const f = fields(near);
  const midnight = m[1] ? Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3])) : Date.UTC(f.year, f.month - 1, f.day);
  const wall = midnight + h * hour + min * minute + s * second + Number(m[7] || 0) * 100;
  const pick = (/** @type {number} */ w) => {
    const all = moments(w);
    return (m[8] && all.find((ms) => zone.offset(ms) === Number(m[8]) * hour)) || all[0];
  };
  const found = pick(wall);
  return !m[1] && (found === undefined || found > now()) ? pick(wall - day) ?? found : found;
}

/** The day on the recorder's clock in which a moment is: from its midnight to the next, 23 to 25 h. @param {number} ms @returns {{start: number, end: number}} */
export function dayOf(ms) {
  const f = fields(ms);
  return { start: midnightAt(f.year, f.month, f.day), end: midnightAt(f.year, f.month, f.day + 1) };
}

/** The first moment of a day. Some zones leave midnight out: then the day begins where the clock does. @param {number} year @param {number} month from 1 @param {number} d */
export function midnightAt(year, month, d) {
  const wall = Date.UTC(year, month - 1, d);
  return moments(wall)[0] ?? zone.parts.find((p) => p.from + p.offset > wall && p.from > wall - day && p.from < wall + day)?.from ?? wall - zone.offset(wall);
}

/** A length for people: "0.3 s", "17 min", "2 h 5 min", "19 days". @param {number} ms */
export function length(ms) {
  const s = Math.abs(ms) / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return s < 600 && s % 60 >= 1 ? `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s` : `${Math.floor(s / 60)} min`;
  if (s < 48 * 3600) return s % 3600 < 60 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} days`;
}

/** A number of bytes for people. @param {number} n */
export function bytes(n) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let i = 0;
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
  return `${n < 10 && i > 1 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}
