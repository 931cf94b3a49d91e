// @ts-check
// Will it fit? How fast the disk fills, from what was recorded last, and so for how long.
import { api } from './api.js';
import { now, iso } from './time.js';

const hour = 3600e3, day = 24 * hour;

/** @typedef {{perDay: number, days: number, kept: number}} Fit perDay: bytes; days: how many fit on the disk as it is, those that are kept among them; kept: ms */

/**
 * @param {{start: string, end: string, bytes: number}[]} segments of the last hours @param {number} from ms since when the recorder ran all the time
 * @param {{free_bytes: number, min_free_bytes: number, oldest?: string}} disk
 * @returns {Fit|undefined} undefined: too little was recorded to say
 */
export function fit(segments, from, disk) {
  let sum = 0, last = 0;
  for (const s of segments) {
    if (Date.parse(s.start) < from) continue;
    sum += s.bytes;
    last = Math.max(last, Date.parse(s.end));
  }
  if (!sum || last - from < 20_000) return undefined;
  const perDay = (sum * day) / (last - from);
  const kept = disk.oldest ? now() - Date.parse(disk.oldest) : 0;
  return { perDay, kept, days: kept / day + Math.max(0, disk.free_bytes - disk.min_free_bytes) / perDay };
}

/** Since when is looked at: six hours, or the recorder's start. @param {any} system as GET /system tells it */
export const fitFrom = (system) => Math.max(now() - 6 * hour, Date.parse(system.started));

/** Asks for what was recorded since then. @param {any} system as GET /system tells it @returns {Promise<Fit|undefined>} */
export async function askFit(system) {
  const from = fitFrom(system);
  return fit(await api.list('/segments', 'segments', { query: { from: iso(from), to: iso(now()), limit: 1000 } }, 5), from, system.disk);
}
