// @ts-check
// In which order cameras stand and how the wall is laid out: kept on the recorder for each user, and on this device
// for the moment until the recorder has said so.
import { api } from '../core/api.js';
import { kept } from '../core/dom.js';
import { store } from '../core/store.js';
import { attempt } from '../parts/act.js';

/** @typedef {{order: string[], phone: 'one'|'two', desk: 'auto'|'one'|'two'|'focus'}} Preferences */

/** @type {Preferences} */
const none = { order: [], phone: 'one', desk: 'auto' };
/** @type {Preferences} */
let preferences = none;
try {
  preferences = { ...none, ...JSON.parse(kept.get('wall', '{}')) };
} catch { /* another version's */ }
let asked = 0;

/** How who looks has arranged the wall. @returns {Preferences} */
export const arranged = () => preferences;

/** @param {Preferences} to */
function take(to) {
  preferences = to;
  kept.set('wall', JSON.stringify(to));
  store.set({});
}

/** Asks the recorder how the wall is arranged. */
export async function recall() {
  const mine = ++asked;
  const told = await api.get('/preferences').catch(() => undefined); // what this device knows will do
  if (told && mine === asked) take(told);
}

/** Arranges the wall otherwise. What the recorder does not take is taken back. @param {Partial<Preferences>} change */
export async function arrange(change) {
  const mine = ++asked, before = preferences;
  take({ ...preferences, ...change });
  const told = await attempt(() => api.send('PUT', '/preferences', preferences));
  if (mine === asked) take(told || before);
}

/** Cameras in the order that somebody made; new ones at the end. @returns {import('../core/store.js').Camera[]} */
export function ordered() {
  const { order } = preferences;
  const place = (/** @type {string} */ id) => { const i = order.indexOf(id); return i < 0 ? order.length : i; };
  return [...store.cameras].sort((a, b) => place(a.id) - place(b.id));
}

/** Moves a camera by so many places. @param {string} id @param {number} by */
export const move = (id, by) => moveTo(id, ordered().findIndex((c) => c.id === id) + by);

/** Moves a camera to a place, from 0. @param {string} id @param {number} to */
export function moveTo(id, to) {
  const ids = ordered().map((c) => c.id), from = ids.indexOf(id), place = Math.min(ids.length - 1, Math.max(0, to));
  if (from < 0 || place === from) return;
  ids.splice(place, 0, ...ids.splice(from, 1));
  arrange({ order: ids });
}

/** Columns that make n pictures of 4:3 largest in a room, none below its edge. @param {number} n @param {number} width px @param {number} height px @param {number} gap px @returns {{columns: number, tile: number}} tile: its width in px */
export function fitGrid(n, width, height, gap) {
  let best = { columns: 1, tile: 0 };
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns);
    const tile = Math.min((width - gap * (columns - 1)) / columns, (((height - gap * (rows - 1)) / rows) * 4) / 3);
    if (tile > best.tile) best = { columns, tile: Math.floor(tile) };
  }
  return best;
}
