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
let changes = 0, sending = false;
let held = preferences; // as the recorder is known to have it

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
  const before = changes;
  const told = await api.get('/preferences').catch(() => undefined); // what this device knows will do
  if (told && before === changes && !sending) take(told);
}

/** Arranges the wall otherwise. What the recorder does not take is taken back. @param {Partial<Preferences>} change */
export async function arrange(change) {
  if (!sending) held = preferences;
  changes++;
  take({ ...preferences, ...change });
  if (!sending) await send();
}

/** Sends how the wall is arranged, once at a time: of several taps the last is what stays. */
async function send() {
  sending = true;
  for (let sent = -1; sent !== changes;) {
    sent = changes;
    held = (await attempt(() => api.send('PUT', '/preferences', preferences))) || held;
  }
  sending = false;
  take(held);
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
