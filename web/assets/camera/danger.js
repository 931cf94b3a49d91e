// @ts-check
// What a person may regret: each has a second step that names what happens.
import { css, html, nothing } from '../lib/lit.js';
import { adopt } from '../core/dom.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-camera.js';
import { confirm } from '../parts/sheet.js';
import { button, line } from './steer.js';

/** @typedef {import('../core/store.js').Camera} Camera @typedef {import('./tell.js').Steering} Steering */

/** Asks, and tells it. @param {Camera} c @param {Steering} of @param {string} name */
async function ask(c, of, name) {
  const [label, what, yes] = words.dangers[name];
  if (await confirm(`${label}: ${c.name}`, what, yes)) of.tell(name, { do: name, sure: true });
}

/** @param {Camera} c @param {Steering} of */
export function danger(c, of) {
  const known = Object.keys(words.dangers).filter((name) => of.state?.commands.some((o) => o.name === name));
  if (!known.length) return nothing;
  const admin = store.may('admin'), off = of.why || (admin ? '' : words.dangerAdmin);
  return html`<details class="card dangers"><summary>${words.danger}</summary><div class="hold"><p class="small muted">${admin ? words.dangerHint : words.dangerAdmin}</p>
    ${known.map((name) => line(of, name, words.dangers[name][0], name === 'sd-format' && !of.state?.card ? words.noCardWhy : words.dangers[name][1],
      button(of, name, `${words.dangers[name][0]} …`, () => ask(c, of, name), off || (name === 'sd-format' && !of.state?.card ? words.noCardWhy : ''), 'danger')))}</div></details>`;
}

adopt(css`
  .dangers { display: block; } .dangers .hold { display: grid; gap: 12px; margin-top: 8px; } .dangers > summary { min-height: 44px; display: flex; align-items: center; gap: 8px; margin: -8px 0; font-size: 16px; font-weight: 600; color: var(--danger); cursor: pointer; } .dangers > summary::before { content: "▸" / ""; } .dangers[open] > summary::before { content: "▾" / ""; }
  @media (max-width: 599px) { .dangers .steer { grid-template-columns: minmax(0, 1fr); } }
`);
