// @ts-check
// The one websocket of the page: pictures, sound, state and events of all cameras, and whether the recorder
// is there. Views watch cameras; what they want together is what is asked for.
import { readBytes, subscribe, ack, ping } from './wire.js';
import { store } from './store.js';
import { now, setNow } from './time.js';

/**
 * @typedef {{fps?: number, sound?: boolean, pictures?: boolean, motion?: boolean}} Wish motion: grids of what moves
 * @typedef {(jpeg: Uint8Array<ArrayBuffer>, us: number) => (Promise<unknown>|void)} OnPicture a promise: it is painted when that resolves
 * @typedef {(alaw: Uint8Array<ArrayBuffer>, us: number, seq: number) => void} OnSound
 * @typedef {(grid: Uint8Array<ArrayBuffer>, us: number) => void} OnGrid docs/api.md, "The websocket": parts, flags, record of the track
 * @typedef {{wish: Wish, onPicture?: OnPicture, onSound?: OnSound, onGrid?: OnGrid}} Watch
 * @typedef {{cam: number, camera: string, id: number, phase: 'start'|'update'|'end', kind: string, start: string, end?: string, peak?: number,
 *   best?: string, box?: {x: number, y: number, width: number, height: number}, zones?: string[], detail?: string}} Moment
 * @typedef {{phase: 'connecting'|'open'|'gone'|'out', since: number, retryAt: number, back: boolean}} State since, retryAt: Date.now();
 *   gone: the recorder does not answer; out: who looks may not any more; back: it was gone until a moment ago
 */

const waits = [1, 2, 4, 8, 15]; // s between tries
const pingEvery = 2000, goneAfter = 6000; // ms

/** @type {Map<string, Set<Watch>>} by camera */
const watches = new Map();
/** @type {Set<(m: Moment) => void>} */
const momentReaders = new Set();
/** @type {Set<(s: State) => void>} */
const stateReaders = new Set();
/** @type {Set<() => void>} */
const afreshReaders = new Set();

/** @type {WebSocket|undefined} */
let socket;
/** @type {State} */
let state = { phase: 'connecting', since: Date.now(), retryAt: 0, back: false };
let tries = 0, pings = 0, sentAt = 0, heard = 0, asked = '', running = false;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let retry;
/** @type {ReturnType<typeof setInterval>|undefined} */
let beat;

/** @param {Partial<State>} change */
function become(change) {
  const other = change.phase && change.phase !== state.phase;
  state = { ...state, ...change, since: other ? change.since ?? Date.now() : state.since };
  for (const fn of stateReaders) fn(state);
}

export const live = {
  get state() { return state; },

  /** Connects, and stays connected until stop. */
  start() {
    if (running) return;
    running = true;
    connect();
  },

  stop() {
    running = false;
    clearTimeout(retry);
    hangUp();
  },

  /**
   * Watches a camera. @param {string} camera its id @param {Wish} wish fps at most; pictures false: sound alone
   * @param {OnPicture} [onPicture] @param {OnSound} [onSound] @param {OnGrid} [onGrid] @returns {() => void} ends it
   */
  watch(camera, wish, onPicture, onSound, onGrid) {
    const watch = { wish, onPicture, onSound, onGrid };
    const all = watches.get(camera) || new Set();
    watches.set(camera, all.add(watch));
    want();
    return () => {
      all.delete(watch);
      if (!all.size) watches.delete(camera);
      want();
    };
  },

  /** Tries at once when the recorder is gone. */
  hurry() { hurry(); },

  /** Calls fn with each moment of an event. @param {(m: Moment) => void} fn @returns {() => void} ends it */
  onMoment(fn) {
    momentReaders.add(fn);
    return () => momentReaders.delete(fn);
  },

  /** Calls fn with how the connection is, now and at each change. @param {(s: State) => void} fn @returns {() => void} ends it */
  onState(fn) {
    stateReaders.add(fn);
    fn(state);
    return () => stateReaders.delete(fn);
  },

  /** Calls fn when what was asked for before should be asked for again: the recorder was gone, or events were missed. @param {() => void} fn @returns {() => void} ends it */
  onAfresh(fn) {
    afreshReaders.add(fn);
    return () => afreshReaders.delete(fn);
  },
};

function afresh() {
  for (const fn of afreshReaders) fn();
}

function connect() {
  clearTimeout(retry);
  hangUp();
  if (!running) return;
  const mine = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`);
  socket = mine;
  mine.binaryType = 'arraybuffer';
  asked = '';
  heard = performance.now();
  mine.onmessage = (e) => socket === mine && (typeof e.data === 'string' ? text(JSON.parse(e.data)) : bytes(e.data));
  mine.onclose = (e) => socket === mine && lost(e.code);
  beat = setInterval(() => {
    if (performance.now() - heard > goneAfter) return lost(0);
    if (mine.readyState !== WebSocket.OPEN) return;
    sentAt = performance.now();
    mine.send(ping(++pings));
  }, pingEvery);
}

function hangUp() {
  clearInterval(beat);
  const old = socket;
  socket = undefined;
  old?.close();
}

/** @param {number} code why the connection closed */
function lost(code) {
  hangUp();
  if (!running) return;
  const wait = waits[Math.min(tries++, waits.length - 1)] * 1000;
  // Where nothing was heard for a while, it is gone since then.
  become({ phase: code === 4401 ? 'out' : 'gone', since: Date.now() - (code ? 0 : performance.now() - heard), retryAt: Date.now() + wait, back: false });
  retry = setTimeout(connect, code === 4401 ? 0 : wait);
}

/** @param {any} m */
function text(m) {
  heard = performance.now();
  switch (m.type) {
    case 'hello': return hello(m);
    case 'state': return store.set({ cameras: m.cameras });
    case 'arrivals': return store.arrive(m.arrivals);
    case 'event': for (const fn of momentReaders) fn(m); return;
    case 'missed': return afresh();
    case 'pong': if (m.id === pings) setNow(Date.parse(m.now), performance.now() - sentAt); return;
  }
}

/** @param {{run: string, build: string, now: string, cameras: import('./store.js').Camera[]}} m */
function hello(m) {
  const wasGone = state.phase !== 'open' && tries > 0, other = store.run !== '' && store.run !== m.run;
  tries = 0;
  setNow(Date.parse(m.now));
  store.set({ cameras: m.cameras, known: true, arrivals: [], run: m.run, build: store.build || m.build, outdated: store.build !== '' && store.build !== m.build });
  become({ phase: 'open', back: wasGone });
  if (wasGone) setTimeout(() => state.back && become({ back: false }), 2000);
  want();
  if (other || wasGone) afresh();
}

/** @param {ArrayBuffer} message */
function bytes(message) {
  heard = performance.now();
  const m = readBytes(message);
  const camera = m && store.cameras.find((c) => c.cam === m.cam);
  if (!m) return;
  const all = camera ? [...(watches.get(camera.id) || [])] : [];
  if (m.kind === 'sound') {
    for (const w of all) w.onSound?.(m.body, m.us, m.seq);
    return;
  }
  if (m.kind === 'grid') {
    for (const w of all) w.onGrid?.(m.body, m.us);
    return;
  }
  // The ack follows the paint: a phone that is slow thins its own pictures out.
  const from = socket, done = () => { if (from && from === socket && from.readyState === WebSocket.OPEN) from.send(ack(m.cam, m.seq)); };
  Promise.allSettled(all.map((w) => w.onPicture?.(m.body, m.us))).then(done);
}

/** Asks for what the watches want together. Nobody looks at a page that is hidden: sound alone goes on. */
function want() {
  if (socket?.readyState !== WebSocket.OPEN || state.phase !== 'open') return;
  const wishes = [];
  for (const [id, all] of watches) {
    const cam = store.cameras.find((c) => c.id === id)?.cam;
    if (!cam) continue;
    const seen = document.hidden ? [] : [...all].filter((w) => w.wish.pictures !== false);
    const fps = seen.some((w) => !w.wish.fps) ? undefined : Math.max(0, ...seen.map((w) => w.wish.fps || 0));
    const sound = [...all].some((w) => w.wish.sound);
    const motion = seen.some((w) => w.wish.motion);
    if (seen.length || sound) wishes.push({ cam, pictures: seen.length > 0, ...(seen.length && fps ? { fps } : {}), sound, ...(motion ? { motion } : {}) });
  }
  const message = subscribe(wishes, true);
  if (message === asked) return;
  socket.send(asked = message);
}

store.subscribe(want); // a camera that has just come has a number now

/** Tries at once: the network or the person is back. */
function hurry() {
  if (running && state.phase === 'gone' && !document.hidden) connect();
}
addEventListener('online', hurry);
document.addEventListener('visibilitychange', () => { want(); hurry(); });

/** How old something is that was captured then. @param {number} ms */
export const age = (ms) => Math.max(0, now() - ms);
