// @ts-check
// Where a card leads: its beginning on the timeline, and what somebody has watched there is seen.
import { api } from '../core/api.js';
import { route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { link } from '../timeline/places.js';

/** ms before an event, so that one sees it begin. */
const before = 2000;
const watched = 2000, look = 250;
/** ms from the tap on, in which they are to be watched. */
const patience = 60e3;

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

/** From now on: when 2 s of these events have been played, they are seen. @param {import('./groups.js').Event[]} events */
export function watch(events) {
  clearInterval(timer);
  const ids = events.flatMap((e) => (e.id ? [e.id] : []));
  if (!ids.length) return;
  const spans = events.map((e) => [Date.parse(e.at), Date.parse(e.end ?? e.at) + watched]);
  const until = performance.now() + patience;
  let ms = 0, gone = 0;
  timer = setInterval(() => {
    const there = route().view === 'timeline', player = /** @type {any} */ (document.querySelector('v-timeline'))?.player;
    if (there && !document.hidden && player?.state === 'playing' && spans.some(([from, to]) => player.us >= from * 1000 && player.us < to * 1000)) ms += look;
    gone = there ? 0 : gone + look;
    if (gone > 2000 || performance.now() > until) return clearInterval(timer); // somebody has gone elsewhere, or looks at something else
    if (ms < watched) return;
    clearInterval(timer);
    api.send('POST', '/events/seen', { ids }).catch(() => {}); // it stays new, which is no loss
  }, look);
}
