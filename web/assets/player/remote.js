// @ts-check
// A camera's footage at the recorder, as the source of an index.
import { ask, json, parsed, whole } from './request.js';
import { micros, text } from './stamp.js';
import { spoken } from './voice.js';

/**
 * @param {string} camera
 * @returns {import('./index.js').Source}
 */
export function remote(camera) {
  const path = `/cameras/${encodeURIComponent(camera)}`;
  return {
    async rows(from, to) {
      /** @type {[string, number, number, number, number][]} */
      const rows = [];
      let cursor = '', now = 0;
      do {
        const page = await ask(`${path}/index`, { query: { from: text(from), to: text(to), limit: 20000, cursor } }, async (answer, within) => {
          now = Date.parse(answer.headers.get('Date') ?? '') * 1000; // the recorder's clock, to the second
          return parsed(answer, within);
        });
        for (const [file, offset, size, us, kind] of page.rows) rows.push([page.files[file], offset, size, page.base_us + us, kind]);
        cursor = page.next ?? '';
      } while (cursor);
      return { rows, now };
    },

    async bytes(row, first, end, signal) {
      return ask(`/segments/${encodeURIComponent(row.file)}/file`, { range: [first, end], signal }, (answer, within) => {
        if (answer.status !== 206) throw new Error('the recorder did not answer with a part of the file');
        return whole(answer, within);
      });
    },

    voice: async () => spoken,
    frames: (from, to, step, signal, each) => frames(camera, from, to, step, signal, each).catch(unlessEmpty),

    async spans(from, to) {
      const found = await json(`${path}/spans`, { from: text(from), to: text(to), res: 0 });
      return {
        recorded: found.recorded.map((/** @type {any} */ r) => [micros(r.from), micros(r.to)]),
        gaps: found.gaps.map((/** @type {any} */ g) => ({ from: micros(g.from), to: micros(g.to), reason: g.reason })),
      };
    },
  };
}

/**
 * Every so manieth picture of a span, as they come.
 * @param {string} camera @param {number} from @param {number} to @param {number} step @param {AbortSignal} signal
 * @param {(us: number, jpeg: Uint8Array) => Promise<void>} each is waited for, so that the recorder waits too
 * @returns {Promise<void>}
 */
async function frames(camera, from, to, step, signal, each) {
  let cursor = '';
  do {
    const query = { from: text(from), to: text(to), step, limit: 200, cursor };
    cursor = await ask(`/cameras/${encodeURIComponent(camera)}/frames`, { query, signal }, async (answer, within) => {
      const reader = answer.body?.getReader();
      if (!reader) return '';
      let rest = new Uint8Array(0);
      for (;;) {
        const { done, value } = await within(reader.read());
        if (done) break;
        rest = joined(rest, value);
        for (let head; (head = rest.length >= 12 ? new DataView(rest.buffer, rest.byteOffset) : undefined) && rest.length >= 12 + head.getUint32(0);) {
          const end = 12 + head.getUint32(0);
          await each(Number(head.getBigInt64(4)), rest.slice(12, end));
          rest = rest.subarray(end);
        }
      }
      return answer.headers.get('X-Next') ?? '';
    });
  } while (cursor);
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {Uint8Array<ArrayBuffer>} */
function joined(a, b) {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** @param {any} err A span without pictures is no failure. */
function unlessEmpty(err) {
  if (err?.status !== 404) throw err;
}
