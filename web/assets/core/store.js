// @ts-check
// What the whole page knows: who looks, which cameras there are, how the recorder is. The only global state.

/**
 * @typedef {object} Camera as GET /cameras tells it; times are RFC 3339
 * @property {string} id @property {string} name @property {number} [cam] its number on the websocket
 * @property {string} [model] @property {string} [firmware] @property {string} [address]
 * @property {boolean} approved @property {boolean} online @property {string} state
 * @property {string} [since] @property {string} [last_seen] @property {string} [last_frame]
 * @property {number} fps @property {number} frames @property {number} recorded @property {number} repaired
 * @property {number} lost @property {number} dropped
 * @property {'on'|'ready'|'off'|'paused'|'failing'|'absent'} recording
 * @property {number} [loud] 0 to 127 @property {boolean} [demo] the recorder plays it @property {string} [away] why it went
 * @property {boolean} [speaker] it can be talked to @property {boolean} [motor] it turns
 * @property {{kind: string, since: string, text: string}[]} [ailments] what is wrong with its pictures or sound
 * @property {string} [rtsp] where other programs read it, behind rtsp:// and the host
 * @property {string} [paused_until] @property {string} [segment] @property {string} [problem]
 *
 * @typedef {'dns'|'http'|'connect'|'mqtt'|'udp'|'stream'|'frame'|'sound'|'file'} StepName
 * @typedef {{camera?: string, address?: string, mac?: string, steps: {step: StepName, at: string, line?: string}[]}} Arrival how far a camera has come on its way in
 * @typedef {{who: string, user?: string, scopes: string[], all_cameras: boolean, cameras: string[]}} Me
 */

/** @type {Set<() => void>} */
const readers = new Set();
let told = false;

/**
 * @typedef {object} Facts
 * @property {Camera[]} cameras
 * @property {Arrival[]} arrivals of cameras, and of addresses that no camera has been seen at
 * @property {boolean} known the list of cameras has come once
 * @property {Me|null} me who looks; null: nobody is logged in
 * @property {any} system as GET /system tells it
 * @property {string} run life of the recorder's process
 * @property {string} build version of the recorder that this page was loaded from
 * @property {boolean} outdated another version runs now
 */

/** @type {Facts & {subscribe(fn: () => void): () => void, set(change: Partial<Facts>): void, arrive(news: Arrival[]): void, may(scope: string): boolean, camera(text: string|undefined): Camera|undefined}} */
export const store = {
  cameras: [],
  arrivals: [],
  known: false,
  me: null,
  system: null,
  run: '',
  build: '',
  outdated: false,

  /** Calls fn soon behind each change. @param {() => void} fn @returns {() => void} ends it */
  subscribe(fn) {
    readers.add(fn);
    return () => { readers.delete(fn); };
  },

  /** Changes the store. @param {Partial<Facts>} change */
  set(change) {
    Object.assign(store, change);
    if (told) return;
    told = true; // several changes of a moment are told once
    queueMicrotask(() => {
      told = false;
      for (const fn of readers) fn();
    });
  },

  /** Takes what is new of arrivals. An address that turns out to be a camera's is none of its own any more. @param {Arrival[]} news */
  arrive(news) {
    const key = (/** @type {Arrival} */ a) => a.camera || '@' + a.address;
    const all = new Map([...store.arrivals, ...news].map((a) => [key(a), a]));
    const cameras = new Set([...all.values()].filter((a) => a.camera).map((a) => a.address));
    store.set({ arrivals: [...all.values()].filter((a) => a.camera || !cameras.has(a.address)) });
  },

  /** Who looks may do this. @param {'read'|'live'|'control'|'admin'} scope */
  may: (scope) => !!store.me?.scopes.includes(scope),

  /** The camera of a URL: by id, or by name as pathOf writes it. @param {string|undefined} text @returns {Camera|undefined} */
  camera: (text) => store.cameras.find((c) => c.id === text) || store.cameras.find((c) => pathOf(c) === text),
};

/** @param {Camera} c */
const slug = (c) => c.name.toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');

/** What a camera is called in URLs: its name where that is enough, else its id. @param {Camera} c */
export function pathOf(c) {
  const name = slug(c);
  return name && name !== c.id.toLowerCase() && store.cameras.filter((o) => slug(o) === name).length === 1 ? name : c.id;
}
