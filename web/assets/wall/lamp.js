// @ts-check
// The infrared lamp of a camera, from its tile's menu. How a camera is told is loaded when it is first wanted.
import { api } from '../core/api.js';
import { t } from '../core/strings.js';
import { toast } from '../parts/toast.js';

/** @typedef {import('../core/store.js').Camera} Camera */

/** @type {Set<string>} cameras that are being told */
const busy = new Set();

/** Asks whether the lamp is on, and whether a camera that is not connected takes commands all the same. @param {Camera} c @returns {Promise<{on?: boolean, mqtt?: boolean}>} */
export async function lamp(c) {
  const state = await api.get(`/cameras/${c.id}/state`).catch(() => undefined);
  return { on: state && state.settings.ir === 'on', mqtt: state?.mqtt };
}

/** Switches it, and tells what came of that. @param {Camera} c @param {boolean} on */
export async function light(c, on) {
  if (busy.has(c.id)) return;
  busy.add(c.id);
  toast(t.menu.telling(c.name));
  try {
    const { tell } = await import('../camera/tell.js');
    const { outcome } = await tell(c.id, { set: { ir: on ? 'on' : 'off' } });
    toast(`${c.name}: ${outcome.text}`, { bad: outcome.how === 'not' || outcome.how === 'late' });
  } catch {
    toast(t.common.noFile, { bad: true });
  } finally {
    busy.delete(c.id);
  }
}
