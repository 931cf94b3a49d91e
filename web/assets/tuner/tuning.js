// @ts-check
// Settings of motion that are tried, beside those in force: nothing is written before save.
import { api } from '../core/api.js';
import { kept } from '../core/dom.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-zones.js';
import { now } from '../core/time.js';
import { replay } from './effect.js';

/** @typedef {import('./judge.js').Settings & {sound?: number}} Draft sound: missing for who may not read settings */
/** @typedef {Record<string, unknown>} Changes as PATCH of settings takes them; null takes back */

const keys = /** @type {const} */ (['sensitivity', 'min_size', 'hold', 'zones', 'sound']);

/** @template T @param {T} v @returns {T} */
const clone = (v) => JSON.parse(JSON.stringify(v));
const same = (/** @type {unknown} */ a, /** @type {unknown} */ b) => JSON.stringify(a) === JSON.stringify(b);

export class Tuning {
  /** @param {string} camera */
  constructor(camera) {
    this.camera = camera;
    /** @type {Draft|undefined} */
    this.force = undefined;
    /** @type {Draft|undefined} */
    this.draft = undefined;
    this.enabled = true;
    /** Keys that are this camera's own. @type {Set<string>} */
    this.own = new Set();
  }

  /** Asks for what is in force. A draft that somebody has begun stays. @throws {import('../core/api.js').ApiError} */
  async load() {
    const begun = this.changed;
    if (store.may('admin')) this.#take((await api.get(`/cameras/${this.camera}/settings`)).settings);
    else {
      // Who may not read settings is told by what they would be judged.
      const told = await replay(this.camera, {}, now() - 1000, now());
      this.force = tidy(told.now_settings);
    }
    if (!begun) this.cancel();
  }

  /** @param {{key: string, value: any, own?: boolean, origin: string}[]} list */
  #take(list) {
    const value = (/** @type {string} */ key) => list.find((s) => s.key === `motion.${key}`)?.value;
    this.enabled = value('enabled') !== false;
    this.own = new Set(keys.filter((k) => list.find((s) => s.key === `motion.${k}`)?.own));
    this.force = tidy({ sensitivity: value('sensitivity'), min_size: value('min_size'), hold: value('hold'), sound: value('sound'), zones: value('zones') ?? [] });
  }

  /** What is tried is not what is in force. */
  get changed() { return !!this.draft && !same(this.draft, this.force); }
  /** Of what can be judged again. */
  get judged() { return !!this.draft && !!this.force && !same({ ...this.draft, sound: 0 }, { ...this.force, sound: 0 }); }

  /** @param {Partial<Draft>} change */
  set(change) { if (this.draft) this.draft = tidy({ ...this.draft, ...clone(change) }); }
  cancel() { this.draft = this.force && clone(this.force); }

  /** Settings as they are judged: sound is not. @returns {import('./judge.js').Settings} */
  get tried() {
    const { sensitivity, min_size, hold, zones } = /** @type {Draft} */ (this.draft);
    return { sensitivity, min_size, hold, zones };
  }

  /** Writes what is changed; what was before can be brought back. @returns {Promise<Changes>} that bring it back */
  async save() {
    const draft = /** @type {Draft} */ (this.draft), force = /** @type {Draft} */ (this.force);
    /** @type {Changes} */
    const changes = {};
    /** @type {Changes} */
    const back = {};
    for (const k of keys) {
      if (same(draft[k], force[k])) continue;
      changes[`motion.${k}`] = draft[k];
      back[`motion.${k}`] = this.own.has(k) ? force[k] : null;
    }
    await this.#write(changes);
    kept.set(this.#place, JSON.stringify(back));
    return back;
  }

  /** Brings back what was before; doing it once more brings back what it replaced. @param {Changes} back */
  async restore(back) {
    const force = /** @type {Draft} */ (this.force);
    /** @type {Changes} */
    const again = {};
    for (const k of keys) if (`motion.${k}` in back) again[`motion.${k}`] = this.own.has(k) ? force[k] : null;
    await this.#write(back);
    kept.set(this.#place, JSON.stringify(again));
  }

  /** @param {Changes} changes */
  async #write(changes) {
    this.#take((await api.send('PATCH', `/cameras/${this.camera}/settings`, changes)).settings);
    this.cancel();
  }

  get #place() { return `zones.before.${this.camera}`; }
  /** The settings before those in force, as this device saved them. @returns {Changes|undefined} */
  get before() {
    try { return JSON.parse(kept.get(this.#place)) || undefined; } catch { return undefined; }
  }
}

/** With a name, which settings want, and no key that says nothing, so that the same settings read the same. @param {Draft} s @returns {Draft} */
function tidy(s) {
  return { ...s, zones: (s.zones ?? []).map(({ name, kind, points, sensitivity }, i) => ({ name: name || words.unnamed(i + 1), kind, points, ...(sensitivity ? { sensitivity } : {}) })) };
}
