// @ts-check
// What settings would have made of the past, before they are saved: the recorder judges its footage again. The newest question counts; one before is given up by ending its request.
import { api, ApiError } from '../core/api.js';
import { dayOf, fields, iso, moments, now } from '../core/time.js';

/**
 * @typedef {import('./judge.js').Settings} Settings
 * @typedef {{kind: string, start: string, end: string, peak: number, peak_at: string, best: string, box: number[], only?: boolean}} Judged
 * @typedef {{events: Judged[], now: Judged[], new: number, gone: number, judged: number, tracked_seconds: number, decoded_seconds: number, settings: Settings, now_settings: Settings}} Answer
 * @typedef {'night'|'day'|'half'} Span
 * @typedef {{phase: 'asking'|'waiting'|'here'|'failed', answer?: Answer, key?: string, error?: string}} State answer: the one that came last, key: what it is of
 */

const patience = 350; // ms of rest before the recorder is asked
const longest = 10 * 60e3; // ms: a month on a small board

/** A span of the past; the night is from 22:00 to 7:00 on the recorder's clock, up to now. @param {Span} name @returns {{from: number, to: number}} ms */
export function past(name) {
  const to = now(), { year, month, day } = fields(to), { start } = dayOf(to);
  if (name !== 'night') return { from: to - (name === 'half' ? 0.5 : 24) * 3600e3, to };
  const eve = moments(Date.UTC(year, month - 1, day - 1, 22))[0] ?? start - 2 * 3600e3, morning = moments(Date.UTC(year, month - 1, day, 7))[0] ?? start + 7 * 3600e3;
  return { from: eve, to: Math.min(to, morning) };
}

/** Of what an answer is. @param {Settings} s @param {Span} span */
export const keyOf = (s, span) => JSON.stringify([s.sensitivity, s.min_size, s.hold, s.zones, span]);

export class Effect {
  /** @param {string} camera @param {() => void} changed */
  constructor(camera, changed) {
    this.camera = camera;
    this.changed = changed;
    /** @type {State} */
    this.state = { phase: 'asking' };
    this.wanted = '';
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** @type {AbortController|undefined} */
    this.asks = undefined;
  }

  /** Has settings tried, soon. @param {Settings} s @param {Span} span @param {number} [wait] ms */
  want(s, span, wait = patience) {
    const key = keyOf(s, span);
    if (key === this.wanted) return;
    this.end();
    this.wanted = key;
    this.#become({ phase: 'asking' });
    this.timer = setTimeout(() => this.#ask(s, span, key), wait);
  }

  end() {
    clearTimeout(this.timer);
    this.asks?.abort();
    this.wanted = '';
  }

  /** @param {Partial<State>} change */
  #become(change) {
    this.state = { ...this.state, error: undefined, ...change };
    this.changed();
  }

  /** @param {Settings} s @param {Span} span @param {string} key */
  async #ask(s, span, key) {
    const stop = this.asks = new AbortController(), { from, to } = past(span);
    try {
      const answer = await replay(this.camera, s, from, to, stop.signal);
      if (this.wanted === key) this.#become({ phase: 'here', answer, key });
    } catch (err) {
      if (stop.signal.aborted || this.wanted !== key) return;
      if (err instanceof ApiError && (err.status === 429 || err.status === 503)) {
        this.#become({ phase: 'waiting' });
        this.timer = setTimeout(() => this.#ask(s, span, key), 1000 * (Number(err.headers?.get('Retry-After')) || 3));
        return;
      }
      this.#become({ phase: 'failed', error: err instanceof ApiError ? err.text : String(err) });
    }
  }
}

/** @param {string} camera @param {Partial<Settings>} settings @param {number} from ms @param {number} to ms @param {AbortSignal} [signal] @returns {Promise<Answer>} */
export const replay = (camera, settings, from, to, signal) =>
  api.send('POST', `/cameras/${camera}/motion/replay`, { from: iso(from), to: iso(to), settings }, { signal, limit: longest });
