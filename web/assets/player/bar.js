// @ts-check
// The player's buttons.
import { html, live, nothing } from '../lib/lit.js';
import { icon } from '../core/icons.js';
import { speedText, words } from '../core/strings-footage.js';
import { speeds } from './player.js';

/**
 * @param {import('./player.js').Player} player
 * @param {{do: (command: import('./keys.js').Command | 'rate' | 'more' | 'select', value?: number) => void, full: boolean, selecting: boolean, file: boolean, busy: boolean}} view
 */
export function bar(player, view) {
  const button = (/** @type {import('../core/icons.js').Icon} */ glyph, /** @type {string} */ label, /** @type {() => void} */ run, /** @type {boolean} */ pressed = false) =>
    html`<button class="button icon-only" aria-label=${label} title=${label} aria-pressed=${pressed ? 'true' : nothing} @click=${run}>${icon(glyph)}</button>`;
  const rates = [...speeds.map((s) => -s).reverse(), ...speeds];
  const silence = words.silence[player.silence];
  return html`<div class="tl-bar" role="group" aria-label=${words.play}>
    <div>${view.file ? nothing : button('previous', words.previousEvent, () => view.do('event-'))}
      ${button('back10', words.back10, () => view.do('back5', 10))}
      ${view.file ? nothing : button('start', words.findStart, () => view.do('start'))}
      ${button('stepBack', words.stepBack, () => view.do('step-'))}
      <button class="button tl-play icon-only" aria-label=${player.wanted ? words.pause : words.play} title=${player.wanted ? words.pause : words.play} @click=${() => view.do('toggle')}>${icon(player.wanted ? 'pause' : 'play', 24)}</button>
      ${button('stepForward', words.stepForward, () => view.do('step+'))}
      ${button('forward10', words.forward10, () => view.do('on5', 10))}
      ${view.file ? nothing : button('next', words.nextEvent, () => view.do('event+'))}</div>
    <div><select aria-label=${words.speed} @change=${(/** @type {any} */ e) => view.do('rate', Number(e.target.value))} .value=${live(String(player.rate))}>
        ${rates.map((r) => html`<option value=${String(r)} ?selected=${r === player.rate}>${speedText(r)}</option>`)}</select>
      <button class="button icon-only" aria-label=${player.sound ? words.soundOff : words.soundOn} aria-description=${silence} title=${silence} aria-pressed=${player.sound} @click=${() => view.do('sound')}>${icon(player.sound && (player.silence === '' || player.silence === 'standing') ? 'sound' : 'mute')}</button>
      ${button('snapshot', words.snapshot, () => view.do('snapshot'))}
      ${view.file ? nothing : html`${button('select', words.select, () => view.do('select'), view.selecting)}`}
      ${button(view.full ? 'shrink' : 'expand', view.full ? words.fullEnd : words.full, () => view.do('full'), view.full)}
      ${button('menu', words.more, () => view.do('more'))}</div>
  </div>`;
}
