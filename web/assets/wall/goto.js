// @ts-check
// "Who was at the door at 14:05?": the clock of a camera asks for a time and goes there.
import { html, nothing } from '../lib/lit.js';
import { go } from '../core/router.js';
import { pathOf } from '../core/store.js';
import { t } from '../core/strings.js';
import { iso, moments, now, parse, zone } from '../core/time.js';
import { sheet } from '../parts/sheet.js';

/** @param {import('../core/store.js').Camera} c */
export function askTime(c) {
  let wrong = false;
  const there = (/** @type {number} */ ms) => go(`/timeline/${pathOf(c)}?t=${encodeURIComponent(iso(ms))}`);
  const opened = sheet(t.wall.goto, (close, redraw) => html`<form @submit=${(/** @type {SubmitEvent} */ e) => {
    e.preventDefault();
    const text = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (e.target).elements.namedItem('at')).value;
    const ms = parse(text, now());
    wrong = ms === undefined;
    if (ms === undefined) return redraw();
    close();
    const both = moments(ms + zone.offset(ms));
    there(both.length > 1 && !/[+-]\d/.test(text.slice(10)) ? both[0] : ms);
  }}><label class="field"><span>${c.name}</span><input name="at" inputmode="text" autocomplete="off" placeholder="14:05" aria-invalid=${wrong ? 'true' : nothing} aria-describedby="goto-hint">
    <span id="goto-hint" class=${wrong ? 'problem' : 'hint'} role=${wrong ? 'alert' : nothing}>${wrong ? t.wall.gotoWrong : t.wall.gotoHint}</span></label>
    <p></p><div class="ends"><v-act local .label=${t.common.cancel} .run=${() => close()}></v-act><button class="button primary">${t.wall.gotoGo}</button></div></form>`);
  /** @type {HTMLInputElement|null} */ (document.querySelector('dialog input[name=at]'))?.focus();
  return opened;
}
