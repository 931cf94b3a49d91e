// @ts-check
// Deleting what cards show: first what would go is told, whole files as it is, and then just that goes.
import { api } from '../core/api.js';
import { words } from '../core/strings-events.js';
import { bytes, iso, length } from '../core/time.js';
import { confirm } from '../parts/sheet.js';

/** @typedef {import('./groups.js').Group} Group */
/** @typedef {{camera: string, from: number, to: number, path: string, query: Record<string, string>, plan: string, bytes: number, seconds: number, kept: number, open: boolean, gone: [number, number][]}} Plan ms */

/** ms that a deletion may take: a disk of a small recorder is slow. */
const patience = 300_000;

/** @param {string} camera @param {number} from @param {number} to @returns {Promise<Plan>} */
async function plan(camera, from, to) {
  const path = `/cameras/${encodeURIComponent(camera)}/footage`, query = { from: iso(from), to: iso(to), reach: 'beyond' };
  const told = await api.get(path + '/erasure', { query });
  const gone = told.gone.map((/** @type {{from: string, to: string}} */ g) => [Date.parse(g.from), Date.parse(g.to)]);
  return { camera, from, to, path, query, plan: told.plan, bytes: told.segments ? told.bytes : 0, seconds: told.segments ? told.seconds : 0, kept: told.stays.kept, open: told.stays.open, gone };
}

/** A file would go by both. @param {Plan} a @param {Plan} b */
const share = (a, b) => a.camera === b.camera && a.gone.some(([from, to]) => b.gone.some((o) => from < o[1] && o[0] < to));

/** Asks whether what these groups show is to be deleted. @param {Group[]} groups @returns {Promise<Plan[]|undefined>} what to delete, each file once; undefined: nothing */
export async function askErase(groups) {
  /** @type {Plan[]} */
  const all = [];
  for (const g of groups) {
    let p = await plan(g.camera, g.from, g.to + 1);
    // Several cards may stand in one file: those become one plan, which reaches over no file that is in neither.
    for (let i; (i = all.findIndex((o) => share(o, p))) >= 0;) {
      const [o] = all.splice(i, 1);
      p = await plan(g.camera, Math.min(o.from, p.from), Math.max(o.to, p.to));
    }
    all.push(p);
  }
  const stays = all.reduce((n, p) => n + p.kept + (p.open ? 1 : 0), 0);
  const list = all.filter((p) => p.bytes), sum = (/** @type {(p: Plan) => number} */ of) => list.reduce((n, p) => n + of(p), 0);
  if (!list.length) throw new Error(words.deleteNone + (stays ? `: ${words.held(stays)}` : ''));
  const text = words.deleteAsk(length(sum((p) => p.seconds) * 1000), bytes(sum((p) => p.bytes))) + (stays ? ` ${words.held(stays)}.` : '');
  return (await confirm(words.delete, text, words.deleteSure)) ? list : undefined;
}

/** @param {Plan} p */
export const erase = (p) => api.send('DELETE', `${p.path}?${new URLSearchParams({ ...p.query, plan: p.plan })}`, undefined, { limit: patience });
