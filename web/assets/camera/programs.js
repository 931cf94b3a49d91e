// @ts-check
// Where other programs read a camera.
import { css, html, nothing } from '../lib/lit.js';
import { adopt, copy } from '../core/dom.js';
import { words } from '../core/strings-camera.js';
import { t } from '../core/strings.js';
import { toast } from '../parts/toast.js';
import '../parts/act.js';

/** @typedef {import('../core/store.js').Camera} Camera */

/** The address over RTSP, of the host that this page comes from; '' while RTSP is off. @param {Camera} c */
export function rtspOf(c) {
  if (!c.rtsp) return '';
  return `rtsp://${c.rtsp.startsWith(':') ? location.hostname : ''}${c.rtsp}`;
}

/** @param {Camera} c */
export function programs(c) {
  const address = rtspOf(c);
  if (!address) return nothing;
  const run = () => { toast(copy(address) ? words.rtspCopied : words.rtspNotCopied); };
  return html`<section class="card programs"><h2>${words.programs}</h2><p class="small muted">${words.programsHint}</p>
    <div class="row"><code>${address}</code><v-act local icon="copy" .label=${t.users.copy} .run=${run}></v-act></div></section>`;
}

adopt(css`.programs code { overflow-wrap: anywhere; min-width: 0; flex: 1 1 12rem; user-select: all; }`);
