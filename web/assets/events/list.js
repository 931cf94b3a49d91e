// @ts-check
// The events of a filter: page by page as somebody scrolls, and kept true: what was deleted goes, what comes is held
// back above, so that nothing moves under a finger.
import { ApiError, api } from '../core/api.js';
import { live } from '../core/live.js';
import { iso, now } from '../core/time.js';
import { alike, asked, kinds } from './filter.js';
import { keyOf } from './groups.js';
import { store } from '../core/store.js';

/** @typedef {import('./groups.js').Event} Event */
/** @typedef {import('./filter.js').Filter} Filter */

const page = 500, refreshed = 2000;
/** How often it is asked whether something has changed, ms. What was deleted must be gone within 10 s. */
const every = 6e3;
/** An event that was told and never came: its segment is committed within an hour, or it was never recorded. */
const patience = 65 * 60e3;

export class EventList {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Event[]} newest first */
    this.events = [];
    /** What came since, newest first: it is shown when somebody asks. @type {Event[]} */
    this.above = [];
    this.next = '';
    this.busy = this.known = false;
    /** What is shown is of another filter still. */
    this.stale = false;
    this.problem = '';
    this.tag = '';
    /** @type {Filter|undefined} */
    this.filter = undefined;
    /** The filter that events are of. @type {Filter|undefined} */
    this.of = undefined;
  }

  /** Begins; the answer ends it. */
  start() {
    const timer = setInterval(() => { if (!document.hidden) void this.refresh(); }, every);
    const ends = live.onMoment((m) => { if (m.phase === 'end') this.#told(m); });
    return () => { clearInterval(timer); ends(); };
  }

  /** @param {Filter} filter */
  async load(filter) {
    // What was told is in no committed segment yet: asking the same once more does not lose it.
    const told = this.of && alike(filter, this.of) ? this.above.filter((e) => e.told) : undefined;
    this.filter = filter;
    this.stale = this.events.length > 0;
    if (told) this.events = sorted([...told, ...this.events]);
    this.above = [];
    this.next = this.tag = '';
    await this.#page(filter, true, !!told);
  }

  async more() {
    if (this.filter && this.next && !this.busy) await this.#page(this.filter, false);
  }

  /** @param {Filter} f @param {boolean} afresh @param {boolean} [again] what is shown is of the same filter */
  async #page(f, afresh, again = false) {
    this.busy = true;
    this.changed();
    try {
      const answer = await api.get('/events', { query: { ...asked(f), order: 'newest', limit: page, cursor: afresh ? undefined : this.next } });
      if (f !== this.filter) return;
      if (afresh) this.events = sorted([...answer.events, ...(again && f.open ? this.events.filter(waits(answer.events)) : [])]);
      else this.events = [...this.events, ...answer.events];
      this.of = f;
      this.next = answer.next ?? '';
      this.problem = '';
      this.tag = '';
    } catch (err) {
      if (f !== this.filter) return;
      this.problem = err instanceof ApiError ? err.text : String(err);
    }
    this.known = true;
    this.busy = this.stale = false;
    this.changed();
  }

  /** Asks whether something has changed, and takes it over. */
  async refresh() {
    const f = this.filter;
    if (!f || !this.known || this.busy || this.asking) return;
    this.asking = true;
    try {
      // What is loaded reaches from the oldest event to the end of the filter.
      const oldest = this.next ? this.events.at(-1)?.at : undefined, query = { ...asked(f), ...(oldest ? { from: oldest } : {}), order: 'newest' };
      const changed = await api.again('/events', { query: { ...query, limit: 1 }, tag: this.tag });
      if (!changed) return;
      const list = /** @type {Event[]} */ ([]);
      for (let cursor; ;) {
        const part = await api.get('/events', { query: { ...query, limit: refreshed, cursor } });
        list.push(...part.events);
        if (!(cursor = part.next)) break;
      }
      if (f !== this.filter || this.busy || (this.next ? this.events.at(-1)?.at : undefined) !== oldest) return;
      this.tag = changed.tag;
      this.#take(list);
      this.problem = '';
    } catch {
      // The bar says it when the recorder is gone; the list stays as it was.
    } finally {
      this.asking = false;
    }
  }

  /** The list as it is now. What is newer than all that is shown waits above. @param {Event[]} list */
  #take(list) {
    const waiting = waits(list);
    const shown = new Set(this.events.map(keyOf)), newest = this.events.length ? Date.parse(this.events[0].at) : -Infinity;
    const above = (/** @type {Event} */ e) => this.events.length > 0 && Date.parse(e.at) > newest && !shown.has(keyOf(e));
    this.above = sorted([...list.filter(above), ...this.above.filter(waiting)]);
    this.events = sorted([...list.filter((e) => !above(e)), ...this.events.filter(waiting)]);
    this.changed();
  }

  /** What has ended just now: its segment is committed minutes later. @param {import('../core/live.js').Moment} m */
  #told(m) {
    const f = this.filter;
    if (!f?.open || !(f.kind ? f.kind === m.kind : kinds.includes(m.kind)) || (f.cams.length && !f.cams.some((c) => store.camera(c)?.id === m.camera)) || f.kept || f.state === 'seen') return;
    if ((f.zone && !m.zones?.includes(f.zone)) || (f.min && Date.parse(m.end ?? m.start) - Date.parse(m.start) < f.min * 1000)) return;
    /** @type {Event} */
    const e = { id: 0, camera: m.camera, at: m.start, kind: m.kind, end: m.end, peak: m.peak, best: m.best, best_box: m.box, zones: m.zones, detail: m.detail, told: Date.now() };
    if ([...this.above, ...this.events].some((o) => keyOf(o) === keyOf(e))) return;
    if (this.events.length) this.above = sorted([e, ...this.above]); else this.events = [e];
    this.changed();
  }

  /** Shows what came. */
  rise() {
    this.events = sorted([...this.above, ...this.events]);
    this.above = [];
    this.changed();
  }

  /**
   * Marks events as seen, or as new again. @param {number[]} ids @param {boolean} seen
   * @returns {Promise<number[]>} those that were otherwise before
   */
  async mark(ids, seen) {
    /** @type {number[]} */
    const changed = [];
    for (let i = 0; i < ids.length; i += 5000) {
      const f = this.filter, span = f && ids.length > 1 ? { from: iso(f.from), to: iso(f.open ? now() + 60e3 : f.to) } : {};
      changed.push(...(await api.send('POST', '/events/seen', { ids: ids.slice(i, i + 5000), seen, ...span })).changed);
    }
    const all = new Set(changed);
    this.events = this.events.map((e) => (all.has(e.id) ? { ...e, seen } : e));
    this.changed();
    return changed;
  }
}

/** @param {Event[]} list */
const sorted = (list) => list.sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id);

/** Whether something that was told waits still for its segment, which is none of these. @param {Event[]} list @returns {(e: Event) => boolean} */
function waits(list) {
  const has = new Set(list.map(keyOf));
  return (e) => !!e.told && !has.has(keyOf(e)) && Date.now() - e.told < patience;
}
