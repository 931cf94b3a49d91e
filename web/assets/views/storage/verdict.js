// @ts-check
// For how long it lasts, in one sentence.
import { format, now } from '../../core/time.js';
import { daysText, words } from '../../core/strings-storage.js';

/** @typedef {{camera: string, name: string, days?: number, by?: string}} Reach */
/** @typedef {{known: boolean, days?: number, full?: string, room_bytes?: number, cameras: Reach[]}} Outlook of GET /storage and of a preview */

/** @param {Outlook} o @param {boolean} any there are recordings */
export function verdict(o, any) {
  if (!any) return words.nothing;
  if (!o.known) return words.unknown;
  const each = o.cameras.filter((c) => c.days).map((c) => `${c.name} ${daysText(/** @type {number} */ (c.days)).replace(' days', '')}`);
  const full = o.full ? Date.parse(o.full) : 0;
  return `${o.days ? words.keeps(o.days, each) : words.endless} ${!full ? (o.cameras.every((c) => !c.days || c.by === 'max_age' || c.by === 'camera.max_size') && o.days ? words.byRules : words.neverFull) : full <= now() ? words.isFull : format(full, 'date') === format(now(), 'date') ? words.fullToday(full) : words.full(full)}`;
}
