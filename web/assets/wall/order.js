// @ts-check
// In which order cameras stand, and how wide: kept on this device.
import { kept } from '../core/dom.js';
import { store } from '../core/store.js';

/** Cameras in the order that somebody made; new ones at the end. @returns {import('../core/store.js').Camera[]} */
export function ordered() {
  const order = kept.get('order').split(' ');
  const place = (/** @type {string} */ id) => { const i = order.indexOf(id); return i < 0 ? order.length : i; };
  return [...store.cameras].sort((a, b) => place(a.id) - place(b.id));
}

/** Moves a camera by so many places. @param {string} id @param {number} by */
export function move(id, by) {
  const ids = ordered().map((c) => c.id);
  const from = ids.indexOf(id), to = Math.min(ids.length - 1, Math.max(0, from + by));
  ids.splice(to, 0, ...ids.splice(from, 1));
  kept.set('order', ids.join(' '));
  store.set({});
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
