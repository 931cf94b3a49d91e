// @ts-check
// What the page asks the recorder for. A browser opens six connections to a host: at most three requests
// run at once here, so that the websocket, the player's worker and a person's next tap find one.

const base = '/api/v1';
const most = 3;
const limit = 20_000; // ms that an answer may take

/** A problem document (RFC 9457), or an answer that never came (status 0). */
export class ApiError extends Error {
  /** @param {{title?: string, status: number, detail?: string, errors?: {message?: string, location?: string}[]}} problem @param {Headers} [headers] */
  constructor(problem, headers) {
    super(problem.detail || problem.title || `HTTP ${problem.status}`);
    this.title = problem.title || '';
    this.status = problem.status;
    this.detail = problem.detail || '';
    this.errors = problem.errors || [];
    this.headers = headers;
  }
  /** The problem in words, with the fields that are wrong. */
  get text() {
    return [this.message, ...this.errors.map((e) => e.message || '')].filter(Boolean).join(': ');
  }
}

/** @typedef {Record<string, string|number|boolean|undefined|null>} Query what is undefined or null is left out */

let running = 0;
/** @type {(() => void)[]} */
const waiting = [];
/** @type {(() => void)|undefined} */
let unauthorized;

/** Has a function told when a request is refused since nobody is logged in. @param {() => void} fn */
export function onUnauthorized(fn) { unauthorized = fn; }

/** @param {string} path @param {Query} [query] */
function address(path, query) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query || {})) if (value !== undefined && value !== null) search.set(key, String(value));
  const text = search.toString();
  return base + path + (text && '?' + text);
}

/**
 * @template T @param {string} path @param {RequestInit} init @param {Query|undefined} query @param {(answer: Response) => Promise<T>} read @param {number} [within] ms
 * @returns {Promise<T>}
 */
async function ask(path, init, query, read, within = limit) {
  if (running < most) running++;
  else await /** @type {Promise<void>} */ (new Promise((go) => waiting.push(go))); // for a place that is handed on
  try {
    init.signal?.throwIfAborted();
    const signals = [AbortSignal.timeout(within), ...(init.signal ? [init.signal] : [])];
    const answer = await fetch(address(path, query), { ...init, signal: AbortSignal.any(signals), credentials: 'same-origin' });
    if (!answer.ok) throw await problemOf(answer);
    return await read(answer);
  } catch (err) {
    if (err instanceof ApiError) {
      if (err.status === 401 && path !== '/session') unauthorized?.();
      throw err;
    }
    if (init.signal?.aborted) throw init.signal.reason; // the caller gave up: no failure
    throw new ApiError({ status: 0, title: 'The recorder does not answer' });
  } finally {
    const next = waiting.shift();
    if (next) next(); else running--;
  }
}

/** @param {Response} answer */
async function problemOf(answer) {
  const told = await answer.json().catch(() => ({}));
  return new ApiError({ title: answer.statusText, ...told, status: answer.status }, answer.headers);
}

/** @param {Response} answer @returns {Promise<any>} */
const json = (answer) => (answer.status === 204 ? Promise.resolve(null) : answer.json());

export const api = {
  /**
   * JSON of the API. @param {string} path below /api/v1 @param {{query?: Query, signal?: AbortSignal}} [how]
   * @returns {Promise<any>}
   */
  get: (path, how = {}) => ask(path, { signal: how.signal }, how.query, json),

  /**
   * JSON that is asked for again and again. @param {string} path @param {{query?: Query, tag?: string}} [how] tag: of the answer before
   * @returns {Promise<{answer: any, tag: string}|undefined>} undefined: it is the same still
   */
  async again(path, how = {}) {
    try {
      return await ask(path, { cache: 'no-store', headers: how.tag ? { 'If-None-Match': how.tag } : {} }, how.query,
        async (answer) => ({ answer: await answer.json(), tag: answer.headers.get('ETag') ?? '' }));
    } catch (err) {
      if (err instanceof ApiError && err.status === 304) return undefined;
      throw err;
    }
  },

  /** Only whether it would be given, and how large. @param {string} path @param {{query?: Query}} [how] @returns {Promise<Headers>} */
  head: (path, how = {}) => ask(path, { method: 'HEAD' }, how.query, async (answer) => answer.headers),

  /**
   * Bytes, all or a range: first byte and the one behind the last.
   * @param {string} path @param {{query?: Query, range?: [number, number], signal?: AbortSignal}} [how]
   * @returns {Promise<{bytes: ArrayBuffer, headers: Headers}>}
   */
  bytes: (path, how = {}) => ask(path, {
    signal: how.signal, headers: how.range ? { Range: `bytes=${how.range[0]}-${how.range[1] - 1}` } : {},
  }, how.query, async (answer) => ({ bytes: await answer.arrayBuffer(), headers: answer.headers })),

  /**
   * Sends a change. @param {'POST'|'PUT'|'PATCH'|'DELETE'} method @param {string} path @param {unknown} [body] @param {{limit?: number, signal?: AbortSignal}} [how] limit: ms that it may take
   * @returns {Promise<any>} null where the answer is empty
   */
  send: (method, path, body, how = {}) => ask(path, {
    method, signal: how.signal, headers: body === undefined ? {} : { 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body),
  }, undefined, json, how.limit),

  /** A list to its end, page by page. @param {string} path @param {string} of the list's name @param {{query?: Query, signal?: AbortSignal}} [how] @param {number} [pages] at most */
  async list(path, of, how = {}, pages = 20) {
    /** @type {any[]} */
    const all = [];
    for (let cursor = /** @type {string|undefined} */ (undefined), n = 0; n < pages; n++) {
      const page = await api.get(path, { ...how, query: { ...how.query, cursor } });
      all.push(...page[of]);
      if (!(cursor = page.next)) break;
    }
    return all;
  },
};
