// @ts-check
// The same with many cards, one after the other: what went wrong is told, and does not end the rest.
import { ApiError, api } from '../core/api.js';
import { download } from '../core/dom.js';
import { pathOf, store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { format } from '../core/time.js';
import { spanOf } from './keep.js';

/** @typedef {import('./groups.js').Group} Group */

/**
 * @template T @param {T[]} groups @param {(g: T) => Promise<unknown>} what @param {(text: string) => void} tell how far it is
 * @returns {Promise<{done: number, text: string, bad: boolean}>}
 */
export async function each(groups, what, tell) {
  let done = 0, failed = 0, why = '';
  for (const g of groups) {
    try {
      await what(g);
      done++;
    } catch (err) {
      failed++;
      why ||= err instanceof ApiError ? err.text : String(err);
    }
    tell(failed ? words.failures(done, groups.length, failed, why) : words.progress(done, groups.length));
  }
  return { done, text: failed ? words.failures(done, groups.length, failed, why) : words.progress(done, groups.length), bad: failed > 0 };
}

/** So many files are saved at once, at most: a browser takes all its connections for more, and the page has none. */
export const mostFiles = 20;
/** Bytes a ms that a slow network carries. A page is not told when a download ends: the next begins when this one may have. */
const pace = 4000;
const shortest = 1000, longest = 60e3; // ms between two

/** When the next may begin, as performance.now(). */
let free = 0;

/** Has the browser save a group's footage as an AVI file. Whether there is any is asked first: a download that fails says nothing. @param {Group} g */
export async function save(g) {
  const { camera, from, to } = spanOf(g), path = `/cameras/${encodeURIComponent(camera)}/footage.avi`, query = { from, to };
  const wait = free - performance.now();
  if (wait > 0) await new Promise((go) => setTimeout(go, wait));
  let size = 0;
  try {
    size = Number((await api.head(path, { query })).get('Content-Length'));
  } catch (err) {
    // An answer to HEAD has no words: this one says why.
    if (err instanceof ApiError && err.status >= 400) await api.get(path, { query, signal: AbortSignal.timeout(5000) });
    throw err;
  }
  free = performance.now() + Math.min(longest, Math.max(shortest, size / pace));
  const c = store.camera(camera);
  download(`/api/v1${path}?${new URLSearchParams(query)}`, `${c ? pathOf(c) : camera}_${format(g.from, 'file')}.avi`);
}
