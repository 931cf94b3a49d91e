// @ts-check
// What the worker asks the recorder for. It has no part in the page's own line of requests, so it keeps one
// of its own: two at once, which with the page's three stays below the six connections of a browser.

const base = '/api/v1';
const most = 2;
/** An answer of which nothing comes for so long (ms) is given up: a recorder that lost its power does not hang up. */
const silence = 20e3;

let running = 0;
/** @type {(() => void)[]} */
const waiting = [];

/** An answer that is a problem (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status 0: there was no answer, or it was torn @param {string} detail */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Tells the failure of a recorder that is not there, or not yet: it will answer later. @param {any} err */
export const isAway = (err) => [0, 429, 502, 503, 504].includes(err?.status);

/** Waits for the next piece of an answer, as long as it may take. @typedef {<T>(coming: Promise<T>) => Promise<T>} Within */

/**
 * Asks, two at once at most.
 * @template T
 * @param {string} path
 * @param {{query?: Record<string, string|number|undefined>, range?: [number, number], signal?: AbortSignal}} how range: first byte and the one behind the last
 * @param {(answer: Response, within: Within) => Promise<T>} read
 * @returns {Promise<T>}
 */
export async function ask(path, how, read) {
  if (running >= most) await new Promise((go) => waiting.push(() => go(undefined)));
  running++;
  const quiet = new AbortController();
  /** @type {Within} */
  const within = async (coming) => {
    const timer = setTimeout(() => quiet.abort(), silence);
    try { return await coming; } finally { clearTimeout(timer); }
  };
  try {
    how.signal?.throwIfAborted();
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(how.query ?? {})) if (value !== undefined && value !== '') query.set(key, String(value));
    const headers = how.range ? { Range: `bytes=${how.range[0]}-${how.range[1] - 1}` } : undefined;
    const signal = how.signal ? AbortSignal.any([how.signal, quiet.signal]) : quiet.signal;
    const answer = await within(fetch(`${base}${path}${query.size ? '?' + query : ''}`, { headers, signal }));
    if (!answer.ok) {
      const problem = await within(answer.json()).catch(() => ({}));
      throw new Problem(answer.status, problem.detail ?? answer.statusText);
    }
    return await read(answer, within);
  } catch (err) {
    if (quiet.signal.aborted && !how.signal?.aborted) throw new Problem(0, 'nothing came for 20 s');
    throw err instanceof TypeError ? new Problem(0, err.message) : err; // what fetch says of connections
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** The bytes of an answer. A slow line may take its time, as long as something comes. @param {Response} answer @param {Within} within @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function whole(answer, within) {
  const reader = answer.body?.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let size = 0;
  for (let next; reader && (next = await within(reader.read())).value; size += next.value.length) pieces.push(next.value);
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** @param {Response} answer @param {Within} within @returns {Promise<any>} */
export const parsed = async (answer, within) => JSON.parse(new TextDecoder().decode(await whole(answer, within)));

/** @param {string} path @param {Record<string, string|number|undefined>} query @param {AbortSignal} [signal] @returns {Promise<any>} */
export const json = (path, query, signal) => ask(path, { query, signal }, parsed);
