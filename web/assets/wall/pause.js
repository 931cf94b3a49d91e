// @ts-check
// A pause of recording: how long is asked, and it ends by itself.
import { html } from '../lib/lit.js';
import { api } from '../core/api.js';
import { t } from '../core/strings.js';
import { fields, iso, midnightAt, moments, now } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';

/** @param {import('../core/store.js').Camera} c */
export async function askPause(c) {
  const seconds = await /** @type {Promise<number|undefined>} */ (sheet(t.pause.title(c.name), (close) => html`<p>${t.pause.text}</p>
    <div class="items">${t.pause.for.map(([label, s]) => html`<button class="item" @click=${() => close(s)}>${label}</button>`)}</div>
    <div class="ends"><v-act local .label=${t.common.cancel} .run=${() => close()}></v-act></div>`));
  if (seconds === undefined) return;
  await attempt(async () => {
    await api.send('POST', `/cameras/${c.id}/pause`, seconds > 0 ? { seconds } : seconds < 0 ? { until: iso(tomorrowAtSeven()) } : {});
    toast(t.pause.done, { undo: () => resume(c) });
  });
}

function tomorrowAtSeven() {
  const f = fields(now());
  return moments(Date.UTC(f.year, f.month - 1, f.day + 1, 7))[0] ?? midnightAt(f.year, f.month, f.day + 1) + 7 * 3600e3; // a zone may leave seven o'clock out
}

/** @param {import('../core/store.js').Camera} c */
export const resume = (c) => attempt(async () => {
  await api.send('POST', `/cameras/${c.id}/resume`);
  toast(t.pause.resumed);
});
