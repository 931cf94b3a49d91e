// @ts-check
// Which events are shown: the URL says it, so that reload, Back and a link that was sent show the same.
import { kept } from '../core/dom.js';
import { store } from '../core/store.js';
import { dayOf, fields, iso, midnightAt, moments, now } from '../core/time.js';

/** @typedef {{from: number, to: number, open: boolean, preset: string, cams: string[], kind: string, zone: string, min: number, kept: boolean, state: string}} Filter ms; open: it goes on to now; cams: as in the URL, none is all */

const hour = 3600e3, day = 24 * hour, minute = 60e3;
/** Kinds that people look for. */
export const kinds = ['motion', 'sound', 'light', 'asked'];
/** Kinds of how a camera is: shown where they are asked for. */
export const others = ['device', 'absent', 'present', 'battery_low', 'battery_fine', 'changed', 'frozen', 'black', 'covered', 'blurred', 'grey', 'deaf'];

/** The moment of an hour of the recorder's clock on a day: where the clock leaves it out, the next there is. @param {number} midnight @param {number} wall ms since midnight on the clock */
function onClock(midnight, wall) {
  const f = fields(midnight);
  for (let w = wall; w <= wall + 2 * hour; w += 15 * minute) {
    const [at] = moments(Date.UTC(f.year, f.month - 1, f.day) + w);
    if (at !== undefined) return at;
  }
  return midnight + wall;
}

/** Hours in which nobody is at home, kept on this device. @returns {[string, string]} "08:00" */
export function awayHours() {
  const [from = '', to = ''] = kept.get('away', '08:00-17:00').split('-');
  return [from, to];
}

/** @param {string} from @param {string} to */
export const setAwayHours = (from, to) => kept.set('away', `${from}-${to}`);

/** @param {string} text "08:00" */
const wallOf = (text) => Number(text.slice(0, 2)) * hour + Number(text.slice(3, 5)) * minute;

/** The last time between two hours of the clock that has begun. @param {number} begin @param {number} end ms since midnight @returns {{from: number, to: number, open: boolean}} open: it has not ended */
function lastBetween(begin, end) {
  const t = now(), f = fields(t);
  for (const back of [0, 1]) {
    const first = midnightAt(f.year, f.month, f.day - back), from = onClock(first, begin);
    if (from > t) continue;
    const to = onClock(end > begin ? first : midnightAt(f.year, f.month, f.day - back + 1), end);
    return { from, to: Math.min(t, to), open: t < to };
  }
  return { from: t - day, to: t, open: true };
}

/** Times that people ask for, on the recorder's clock. @param {string} preset @returns {{from: number, to: number, open: boolean}} */
export function spanOf(preset) {
  const t = now();
  if (preset === 'night') return lastBetween(22 * hour, 7 * hour);
  if (preset === 'away') return lastBetween(wallOf(awayHours()[0]), wallOf(awayHours()[1]));
  if (preset === 'today') return { from: dayOf(t).start, to: t, open: true };
  return { from: t - (preset === 'week' ? 7 : 1) * day, to: t, open: true };
}

/** @param {URLSearchParams} query @returns {Filter} */
export function filterOf(query) {
  const named = query.get('time') ?? (query.has('from') ? '' : 'day');
  const given = { from: Date.parse(query.get('from') ?? ''), to: Date.parse(query.get('to') ?? '') || now() };
  const preset = named || (given.from < given.to ? '' : 'day');
  const span = preset ? spanOf(preset) : { ...given, open: now() - given.to < minute };
  return {
    ...span, preset, cams: (query.get('cam') ?? '').split(',').filter(Boolean), kind: query.get('kind') ?? '', zone: query.get('zone') ?? '',
    min: Number(query.get('min')) || 0, kept: query.get('kept') === '1', state: query.get('state') ?? '',
  };
}

/** What the API is asked for by a filter. @param {Filter} f */
export const asked = (f) => ({
  from: iso(f.from), to: f.open ? undefined : iso(f.to), camera: f.cams.map((c) => store.camera(c)?.id ?? c).join(',') || undefined, kind: f.kind || kinds.join(','),
  zone: f.zone || undefined, min_seconds: f.min || undefined, kept: f.kept || undefined, state: f.state || undefined,
});

/** What somebody asked for, whenever its hours were reckoned. @param {Filter} f */
const meant = (f) => JSON.stringify({ ...f, from: f.preset ? 0 : f.from, to: f.preset || f.open ? 0 : f.to, open: f.preset ? true : f.open });

/** Both ask for the same, though one may have been reckoned later. @param {Filter} a @param {Filter} b */
export const alike = (a, b) => meant(a) === meant(b);

/** Filters that leave something out, apart from the time. @param {Filter} f */
export const narrowed = (f) => [f.cams.length > 0, f.kind, f.zone, f.min, f.kept, f.state].filter(Boolean).length;

/** The URL with other filters; undefined takes one away. @param {Record<string, string|undefined>} change */
export function withFilter(change) {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(change)) if (value) query.set(key, value); else query.delete(key);
  return `/events${query.size ? '?' + query : ''}`;
}
