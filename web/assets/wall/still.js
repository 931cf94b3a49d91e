// @ts-check
// The last picture of a camera that sends none now: from what was recorded.
import { api } from '../core/api.js';
import { iso } from '../core/time.js';

/** @param {import('../core/store.js').Camera} c @returns {Promise<{jpeg: Uint8Array<ArrayBuffer>, us: number}|undefined>} */
export async function lastPicture(c) {
  const at = Date.parse(c.last_frame || c.last_seen || '');
  if (Number.isNaN(at)) return undefined;
  try {
    const { bytes, headers } = await api.bytes(`/cameras/${c.id}/frame.jpg`, { query: { at: iso(at) } });
    const told = headers.get('X-Timestamp') || '';
    return { jpeg: new Uint8Array(bytes), us: /^[\d.]+$/.test(told) ? Number(told) * 1e6 : Date.parse(told) * 1e3 || at * 1e3 };
  } catch {
    return undefined; // nothing stands there any more
  }
}
