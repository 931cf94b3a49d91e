// @ts-check
// Deleting what cards show: first what would go is told, whole files as it is, and then just that goes.
import { api } from '../core/api.js';
import { words } from '../core/strings-events.js';
import { bytes, iso, length } from '../core/time.js';
import { confirm } from '../parts/sheet.js';

/** @typedef {import('./groups.js').Group} Group */
/** @typedef {{group: Group, path: string, query: Record<string, string>, plan: string, bytes: number, seconds: number, kept: number, open: boolean, files: string}} Plan */

/** @param {Group} group @returns {Promise<Plan>} */
async function plan(group) {
  const path = `/cameras/${encodeURIComponent(group.camera)}/footage`, query = { from: iso(group.from), to: iso(group.to + 1), reach: 'beyond' };
  const told = await api.get(path + '/erasure', { query });
  return { group, path, query, plan: told.plan, bytes: told.segments ? told.bytes : 0, seconds: told.segments ? told.seconds : 0, kept: told.stays.kept, open: told.stays.open, files: `${group.camera} ${JSON.stringify(told.gone)}` };
}

/** Asks whether what these groups show is to be deleted. @param {Group[]} groups @returns {Promise<Plan[]|undefined>} what to delete, each file once; undefined: nothing */
export async function askErase(groups) {
  /** @type {Map<string, Plan>} */
  const plans = new Map();
  let stays = 0;
  for (const g of groups) {
    const p = await plan(g);
    stays += p.kept + (p.open ? 1 : 0);
    if (p.bytes) plans.set(p.files, p); // several cards may stand in one file
  }
  const list = [...plans.values()], sum = (/** @type {(p: Plan) => number} */ of) => list.reduce((n, p) => n + of(p), 0);
  if (!list.length) throw new Error(words.deleteNone + (stays ? `: ${words.held(stays)}` : ''));
  const text = words.deleteAsk(length(sum((p) => p.seconds) * 1000), bytes(sum((p) => p.bytes))) + (stays ? ` ${words.held(stays)}.` : '');
  return (await confirm(words.delete, text, words.deleteSure)) ? list : undefined;
}

/** @param {Plan} p */
export const erase = (p) => api.send('DELETE', `${p.path}?${new URLSearchParams({ ...p.query, plan: p.plan })}`);
