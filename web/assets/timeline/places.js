// @ts-check
// Places to go to: a link, a typed time, the event before, the beginning of what moves.
import { html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { words } from '../core/strings-footage.js';
import { format, iso, moments, now, parse, zone } from '../core/time.js';
import { sheet } from '../parts/sheet.js';
import { seen } from './draw.js';

/** A moment to the µs, as a link has it: a picture is found again by it. @param {number} us */
export function link(us) {
  const s = Math.floor(us / 1e6);
  const [, date, offset] = /^(.{19})(.*)$/.exec(iso(s * 1000)) ?? ['', '', ''];
  return date + '.' + String(Math.round(us - s * 1e6)).padStart(6, '0') + offset;
}

/**
 * Asks for a time. @param {number} near ms @returns {Promise<number|undefined>} ms
 */
export function askTime(near) {
  let text = '', problem = '';
  /** @type {number[]} */
  let which = [];
  return sheet(words.goTo, (close, redraw) => {
    const done = (/** @type {Event} */ e) => {
      e.preventDefault();
      const ms = parse(text, near);
      if (ms === undefined) {
        problem = /^\d{4}-\d\d?-\d\d?[ T]/.test(text.trim()) ? words.leftOut : words.notATime;
        return redraw();
      }
      const all = /[+-]\d\d?(:\d\d)?$|Z$/.test(text.trim()) ? [ms] : moments(ms + zone.offset(ms));
      if (all.length < 2) return close(Math.min(ms, now()));
      [which, problem] = [all, ''];
      redraw();
    };
    return html`<form class="field" @submit=${done}>
      <label class="field"><span>${words.goTo}</span><input inputmode="text" autofocus autocomplete="off" placeholder="14:05" .value=${text} aria-invalid=${problem ? 'true' : 'false'}
        @input=${(/** @type {any} */ e) => { text = e.target.value; which = []; }}><span class="hint">${words.goToHint}</span></label>
      ${problem ? html`<p class="problem" role="alert">${problem}</p>` : nothing}
      ${which.length ? html`<p>${words.twice}</p><div class="ends">${which.map((ms) => html`<button type="button" class="button" @click=${() => close(ms)}>${format(ms, 'datetime')}</button>`)}</div>`
        : html`<div class="ends"><button type="button" class="button" @click=${() => close()}>${words.cancel}</button><button class="button primary">${words.go}</button></div>`}
    </form>`;
  });
}

/**
 * The event before or behind a moment. @param {string} camera @param {number} ms @param {1|-1} direction
 * @returns {Promise<number|undefined>} where it begins, in ms
 */
export async function eventBeside(camera, ms, direction) {
  const query = direction > 0 ? { camera, from: iso(ms + 1001), limit: 200 } : { camera, to: iso(ms - 999), order: 'newest', limit: 200 };
  const { events } = await api.get('/events', { query });
  const found = events.find((/** @type {{kind: string}} */ e) => seen([e.kind]));
  return found && Date.parse(found.at);
}

/**
 * Where in the picture it began: the first picture of a second in which something counts.
 * @param {string} camera @param {number} ms of that second @returns {Promise<Box|undefined>}
 */
export async function boxOf(camera, ms) {
  for (const behind of [200, 500, 900]) {
    const why = await api.get(`/cameras/${encodeURIComponent(camera)}/motion/why.json`, { query: { at: iso(ms + behind) } }).catch(() => undefined);
    if (why?.box) return why.box;
  }
  return undefined;
}

/** @typedef {{x: number, y: number, width: number, height: number}} Box parts of the picture */

/** Part of the picture that moves, as buckets tell it: less is quiet. 0.4 % of it. */
const quiet = 16;
const quietFor = 10, before = 2, farthest = 3600; // s

/**
 * Where what moves at a moment began: behind 10 s of quiet, or where footage begins. Somebody who asks from a quiet moment means
 * what moved last. @param {import('./tiles.js').Tiles} tiles @param {number} ms
 * @returns {Promise<{park: number, change: number}|undefined>} ms: 2 s before it, and the second in which it begins
 */
export async function startOf(tiles, ms) {
  /** Where the earliest motion is that was met, in s. @type {number|undefined} */
  let first;
  const last = Math.floor(ms / 1000);
  for (let s = last; s > last - farthest; s--) {
    const n = Math.floor(s / 1024), bytes = await tiles.seconds(n);
    const at = (s - n * 1024) * 4;
    if (bytes[at] >= quiet) first = s;
    if (first !== undefined && (first - s >= quietFor || bytes[at + 2] === 0)) return { park: Math.max(first - before, bytes[at + 2] === 0 ? s + 1 : 0) * 1000, change: first * 1000 };
  }
  return undefined;
}
