// @ts-check
// Events as people see them: what a camera saw within a minute is one thing.

/**
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 * @typedef {{id: number, camera: string, at: string, kind: string, detail?: string, end?: string, peak?: number, best?: string, best_box?: Box, box?: Box, zones?: string[]}} Event
 * @typedef {{id: number, camera: string, from: number, to: number, kinds: string[], peak: number, best: Event, zones: string[], count: number}} Group ms; best: the one that is shown
 */

const near = 60e3;
/** What goes on for longer is told anew: a card of an hour hides what is in it. */
const longest = 600e3;

/** @param {Event[]} events newest first @returns {Group[]} newest first */
export function groups(events) {
  /** @type {Group[]} */
  const list = [];
  /** @type {Map<string, Group>} the group of each camera that may grow still */
  const open = new Map();
  for (const e of events) {
    const from = Date.parse(e.at), to = e.end ? Date.parse(e.end) : from;
    const g = open.get(e.camera);
    if (g && g.from - to < near && g.to - from < longest) {
      g.from = Math.min(g.from, from);
      g.to = Math.max(g.to, to);
      g.id = e.id;
      g.count++;
      if (!g.kinds.includes(e.kind)) g.kinds.push(e.kind);
      for (const z of e.zones ?? []) if (!g.zones.includes(z)) g.zones.push(z);
      if (weight(e) > weight(g.best)) g.best = e;
      g.peak = Math.max(g.peak, moved(e));
      continue;
    }
    const fresh = { id: e.id, camera: e.camera, from, to, kinds: [e.kind], peak: moved(e), best: e, zones: [...(e.zones ?? [])], count: 1 };
    open.set(e.camera, fresh);
    list.push(fresh);
  }
  return list;
}

/** @param {Event} e */
const moved = (e) => (e.kind === 'motion' ? e.peak ?? 0 : 0);
/** @param {Event} e */
const weight = (e) => moved(e) + (e.best ? 1 : 0);
