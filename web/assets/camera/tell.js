// @ts-check
// Tells a camera what to do, and says in words what came of it.
import { api, ApiError } from '../core/api.js';
import { live } from '../core/live.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-camera.js';

/**
 * @typedef {{name: string, setting: boolean, means: string, parameters?: string[], danger?: string}} CommandName
 * @typedef {object} State as GET /cameras/{camera}/state tells it
 * @property {Record<string, string>} settings those that it told: ir, flip … @property {string} [reported_at]
 * @property {number} [battery] percent @property {boolean} low_battery @property {string} [wifi] @property {string} [firmware] @property {string[]} networks
 * @property {{capacity_gb: number, free_mb?: number}} [card] @property {boolean} control @property {boolean} mqtt
 * @property {string} [since] @property {boolean} absent @property {number} connections @property {number} pictures @property {number} lost
 * @property {number} fps @property {CommandName[]} commands
 *
 * @typedef {{set: Record<string, string>} | {do: string, sure?: boolean}} Command
 * @typedef {{how: 'done'|'taken'|'late'|'not', text: string, networks?: string[]}} Outcome done: its state shows it; taken: nothing
 *   tells; late: no answer, so nobody knows; not: it did not
 */

const longest = 30_000; // ms: the recorder answers within 27 s, whatever the camera does

/** What leaves the recorder without the camera: it goes, and that is the answer. */
const leaves = new Set(['power-off', 'wifi-leave', 'ap-mode']);

/** Tells a camera one thing. It never throws what a person can be told. @param {string} camera @param {Command} what @returns {Promise<{outcome: Outcome, state?: State}>} */
export async function tell(camera, what) {
  try {
    const told = await api.send('POST', `/cameras/${camera}/command`, what, { limit: longest });
    const [one] = told.results;
    const shown = 'do' in what && leaves.has(what.do) ? words.gone : words.done;
    return { state: told.state, outcome: { how: one.shown ? 'done' : 'taken', text: one.shown ? shown(one.seconds) : words.taken, networks: one.networks } };
  } catch (err) {
    if (!(err instanceof ApiError)) throw err;
    if (err.status === 0) return { outcome: { how: 'late', text: words.lost } };
    return { outcome: err.status === 504 ? { how: 'late', text: words.late(err.text) } : { how: 'not', text: words.not(err.text) } };
  }
}

/** Why nobody here can tell a camera anything now; '': it can be told. @param {import('../core/store.js').Camera} c @param {State|undefined} state */
export function whyNot(c, state) {
  if (live.state.phase === 'gone') return words.recorder;
  if (!store.may('control')) return words.viewer;
  if (!c.approved) return words.waits;
  if (!c.online && !state?.mqtt) return words.offline(Date.parse((!state?.control && state?.since) || c.last_seen || '') || 0, c.away);
  return '';
}

/** How a camera is steered from one place of the page: what it said of itself, what is being told, and what came of it. */
export class Steering {
  /** @param {string} camera @param {() => void} changed is called behind each change */
  constructor(camera, changed) {
    this.camera = camera;
    this.changed = changed;
    /** Why it cannot be told anything now; '': it can. */
    this.why = '';
    /** @type {State|undefined} */
    this.state = undefined;
    /** @type {Set<string>} what is being told */
    this.busy = new Set();
    this.asked = this.taken = 0; // numbers of loads: the last that was sent, and the last whose answer is still news
    /** @type {Map<string, Outcome>} the last of each */
    this.told = new Map();
  }

  /** Asks what it says of itself. A failure leaves what is known: the page says by itself when the recorder is gone. */
  async load() {
    const mine = ++this.asked;
    const state = await api.get(`/cameras/${this.camera}/state`).catch(() => undefined);
    if (state && mine > this.taken && !this.busy.size) [this.state, this.taken] = [state, mine]; // what a command answers is newer
    this.changed();
  }

  /** Tells it something, once at a time. @param {string} name @param {Command} what */
  async tell(name, what) {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    this.told.delete(name);
    this.changed();
    try {
      const { outcome, state } = await tell(this.camera, what);
      this.told.set(name, outcome);
      this.state = state ?? this.state;
      this.taken = this.asked; // what was asked for before it was answered is older
    } finally {
      this.busy.delete(name);
      this.changed();
    }
  }
}
