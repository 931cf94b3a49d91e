// @ts-check
// What is wrong with a camera's pictures or sound, a sentence each: what it is and what helps.
import { css, html, nothing } from '../lib/lit.js';
import { adopt } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { s as words } from '../core/strings-setup.js';

/** @param {string} text */
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** @param {import('../core/store.js').Camera|undefined} c */
export const ailing = (c) => (c?.ailments?.length ? html`<section class="ailments"><h2>${words.ailing}</h2><ul class="rows">${c.ailments.map((a) => html`<li data-kind=${a.kind}>${icon('warn', 18)}<div class="grow"><p>${sentence(a.text)}</p>
  <p class="small muted num">${words.ailsSince(Date.parse(a.since))}</p></div></li>`)}</ul></section>` : nothing);

adopt(css`
  .ailments { display: grid; gap: var(--s2); }
  .ailments .rows .icon { flex: none; color: var(--warn); }
`);
