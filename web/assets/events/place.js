// @ts-check
// Where a card leads: its beginning on the timeline, and what somebody has watched there is seen.
import { api } from '../core/api.js';
import { route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { link } from '../timeline/places.js';

/** ms before an event, so that one sees it begin. */
const before = 2000;
const watched = 2000, look = 250;

/** @param {string} id */
export const nameOf = (id) => store.camera(id)?.name ?? id;

/** @param {string} id of a camera @param {number} ms @param {Record<string, string>} [more] */
export function place(id, ms, more = {}) {
  const c = store.camera(id);
  return `/timeline/${encodeURIComponent(c ? pathOf(c) : id)}?${new URLSearchParams({ t: link(ms * 1000), span: '10m', ...more })}`;
}

/** A card's beginning, played. @param {import('./groups.js').Card} card */
export function playing(card) {
  const cams = card.groups.length > 1 ? { cams: card.groups.map((g) => { const c = store.camera(g.camera); return c ? pathOf(c) : g.camera; }).join(',') } : undefined;
  return place(card.shown.camera, card.from - before, { play: '1', ...cams });
}

/** @type {ReturnType<typeof setInterval>|undefined} */
let timer;

/** From now on: when 2 s of it have been played, these events are seen. @param {number[]} ids */
export function watch(ids) {
  clearInterval(timer);
  let ms = 0, gone = 0;
  timer = setInterval(() => {
    const there = route().view === 'timeline', player = /** @type {any} */ (document.querySelector('v-timeline'))?.player;
    if (there && !document.hidden && player?.state === 'playing') ms += look;
    gone = there ? 0 : gone + look;
    if (gone > 2000) return clearInterval(timer); // somebody has gone elsewhere
    if (ms < watched) return;
    clearInterval(timer);
    api.send('POST', '/events/seen', { ids }).catch(() => {}); // it stays new, which is no loss
  }, look);
}
