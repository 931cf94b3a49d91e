// @ts-check
// What the worker asks the recorder for. It has no part in the page's own line of requests, so it keeps one
// of its own: two at once, which with the page's three stays below the six connections of a browser.

const base = '/api/v1';
const most = 2;

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

/**
 * Asks, two at once at most.
 * @template T
 * @param {string} path
 * @param {{query?: Record<string, string|number|undefined>, range?: [number, number], signal?: AbortSignal}} how range: first byte and the one behind the last
 * @param {(answer: Response) => Promise<T>} read
 * @returns {Promise<T>}
 */
export async function ask(path, how, read) {
  if (running >= most) await new Promise((go) => waiting.push(() => go(undefined)));
  running++;
  try {
    how.signal?.throwIfAborted();
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(how.query ?? {})) if (value !== undefined && value !== '') query.set(key, String(value));
    const headers = how.range ? { Range: `bytes=${how.range[0]}-${how.range[1] - 1}` } : undefined;
    const answer = await fetch(`${base}${path}${query.size ? '?' + query : ''}`, { headers, signal: how.signal });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Problem(answer.status, problem.detail ?? answer.statusText);
    }
    return await read(answer);
  } catch (err) {
    throw err instanceof TypeError ? new Problem(0, err.message) : err; // what fetch says of connections
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** @param {string} path @param {Record<string, string|number|undefined>} query @param {AbortSignal} [signal] @returns {Promise<any>} */
export const json = (path, query, signal) => ask(path, { query, signal }, (a) => a.json());
