// @ts-check
// Events as people see them: what a camera saw within a minute is one thing, and what several cameras saw at once
// is one card.

/**
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 * @typedef {{id: number, camera: string, at: string, kind: string, detail?: string, end?: string, peak?: number, best?: string, best_box?: Box, box?: Box, zones?: string[],
 *   seen?: boolean, kept?: boolean, told?: number}} Event told: Date.now() when it came over the websocket; it is in no committed segment yet, and its id is none
 * @typedef {{key: string, camera: string, from: number, to: number, kinds: string[], peak: number, best: Event, zones: string[], events: Event[], fresh: boolean, kept: boolean}} Group ms; best: the one that is shown
 * @typedef {{key: string, from: number, to: number, groups: Group[], shown: Group, fresh: boolean, kept: boolean}} Card from: of the first that begins; shown: the one whose picture it has
 */

const near = 60e3;
/** What goes on for longer is told anew: a card of an hour hides what is in it. */
const longest = 600e3;

/** What an event is known by: its number in the index changes when that is built again. @param {{camera: string, kind: string, at: string}} e */
export const keyOf = (e) => `${e.camera} ${e.kind} ${Date.parse(e.at)}`;

/** @param {Event[]} events newest first @returns {Group[]} newest first */
export function groups(events) {
  /** @type {Group[]} */
  const list = [];
  /** @type {Map<string, Group>} the group of each camera that may grow still */
  const open = new Map();
  for (const e of events) {
    const from = Date.parse(e.at), to = e.end ? Date.parse(e.end) : from;
    let g = open.get(e.camera);
    if (!g || g.from - to >= near || g.to - from >= longest) {
      g = { key: '', camera: e.camera, from, to, kinds: [], peak: 0, best: e, zones: [], events: [], fresh: false, kept: false };
      open.set(e.camera, g);
      list.push(g);
    }
    g.key = keyOf(e); // of the first: a group that grows stays the same
    g.from = Math.min(g.from, from);
    g.to = Math.max(g.to, to);
    g.events.push(e);
    if (!g.kinds.includes(e.kind)) g.kinds.push(e.kind);
    for (const z of e.zones ?? []) if (!g.zones.includes(z)) g.zones.push(z);
    if (weight(e) > weight(g.best)) g.best = e;
    g.peak = Math.max(g.peak, moved(e));
    g.fresh ||= !e.seen;
    g.kept ||= !!e.kept;
  }
  return list;
}

/** Puts groups of several cameras that overlap on one card. @param {Group[]} list newest first @param {Set<string>} apart keys of groups that are shown alone @returns {Card[]} */
export function stacks(list, apart) {
  /** @type {Card[]} */
  const cards = [];
  for (const g of list) {
    // Not with the last card alone: what began in between may be of a camera that is on it already.
    const with_ = apart.has(g.key) ? undefined : cards.slice(-8).find((c) => !apart.has(c.groups[0].key) && c.groups.some((o) => g.to >= o.from && o.to >= g.from) && !c.groups.some((o) => o.camera === g.camera));
    if (!with_) {
      cards.push({ key: g.key, from: g.from, to: g.to, groups: [g], shown: g, fresh: g.fresh, kept: g.kept });
      continue;
    }
    with_.groups.push(g);
    with_.from = Math.min(with_.from, g.from);
    with_.to = Math.max(with_.to, g.to);
    if (weight(g.best) > weight(with_.shown.best)) with_.shown = g;
    with_.fresh ||= g.fresh;
    with_.kept ||= g.kept;
  }
  return cards;
}

/** @param {Event} e */
const moved = (e) => (e.kind === 'motion' ? e.peak ?? 0 : 0);
/** @param {Event} e */
const weight = (e) => moved(e) + (e.best ? 1 : 0);

/** Events of cards. @param {Card[]} cards */
export const eventsOf = (cards) => cards.flatMap((c) => c.groups.flatMap((g) => g.events));
