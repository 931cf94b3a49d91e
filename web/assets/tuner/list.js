// @ts-check
// The zones as a list: what each does, its name, and those that are ready or proposed.
import { html, live, nothing } from '../lib/lit.js';
import { icon } from '../core/icons.js';
import { words } from '../core/strings-zones.js';
import '../parts/act.js';
import { clocks, parts } from './presets.js';

/** @typedef {import('./judge.js').Zone} Zone */
/**
 * @typedef {{zones: Zone[], selected: number, off: boolean, pick: (i: number) => void, change: (i: number, change: Partial<Zone>) => void, remove: (i: number) => void, add: (zones: Zone[]) => void,
 *   draw: () => void, propose: () => Promise<void>}} List
 */

/** @param {List} l */
export function list(l) {
  const { zones, off } = l;
  const lead = !zones.length ? words.noZones : zones.some((z) => z.kind === 'include') ? words.someInclude : words.onlyExclude;
  return html`<section class="card tn-zones"><h2>${words.zones}</h2><p class="muted">${lead}</p>
    <ul>${zones.map((z, i) => row(l, z, i))}</ul>
    <div class="row"><button type="button" class="button" ?disabled=${off} @click=${l.draw}>${icon('plus')}${words.add}</button></div>
    <details><summary>${words.ready}</summary>${ready(l)}</details>
    <div><v-act icon="search" .label=${words.propose} .off=${off} .run=${l.propose}></v-act><p class="small muted">${words.proposeHint}</p></div></section>`;
}

/** @param {List} l @param {Zone} z @param {number} i */
function row(l, z, i) {
  const name = z.name || words.unnamed(i + 1), on = i === l.selected;
  const text = (/** @type {Event} */ e) => /** @type {HTMLInputElement} */ (e.target).value;
  return html`<li class=${on ? 'on' : ''}><button type="button" class="tn-pick" aria-expanded=${on} @click=${() => l.pick(on ? -1 : i)}>
      <i class="tn-kind ${z.kind}" aria-hidden="true"></i><b class="grow">${name}</b><span class="small muted">${z.kind === 'include' ? words.include : words.exclude}</span>${icon(on ? 'up' : 'edit', 16)}</button>
    ${on ? html`<div class="tn-zone">
      <label class="field"><span>${words.name}</span><input maxlength="60" autocomplete="off" ?disabled=${l.off} .value=${live(z.name ?? '')} @change=${(/** @type {Event} */ e) => l.change(i, { name: text(e).trim() })}></label>
      <label class="field"><span>${words.kind}</span><select ?disabled=${l.off} @change=${(/** @type {Event} */ e) => l.change(i, { kind: /** @type {Zone['kind']} */ (text(e)), sensitivity: undefined })}>
        ${/** @type {const} */ (['include', 'exclude']).map((k) => html`<option value=${k} .selected=${live(k === z.kind)}>${words[k]}</option>`)}</select></label>
      ${z.kind === 'include' ? html`<label class="field"><span>${words.own}</span><select ?disabled=${l.off} @change=${(/** @type {Event} */ e) => l.change(i, { sensitivity: Number(text(e)) || undefined })}>
        ${[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => html`<option value=${n} .selected=${live(n === (z.sensitivity ?? 0))}>${n || words.ownNone}</option>`)}</select></label>` : nothing}
      ${l.off ? nothing : html`<button type="button" class="button danger" @click=${() => l.remove(i)}>${icon('trash')}${words.deleteZone}</button>`}</div>` : nothing}</li>`;
}

/** @param {List} l */
function ready(l) {
  const some = (/** @type {Record<string, import('./polygon.js').Point[]>} */ from, /** @type {Zone['kind']} */ kind, /** @type {string|undefined} */ name) => Object.entries(from).map(([key, points]) => html`
    <button type="button" class="button" ?disabled=${l.off} @click=${() => l.add([{ name: name ?? words.parts[key], kind, points }])}>${words.parts[key]}</button>`);
  return html`<h3>${words.partsCount}</h3><div class="tn-ready">${some(parts, 'include', undefined)}</div>
    <h3>${words.partsOut}</h3><div class="tn-ready">${some(clocks, 'exclude', words.clockName)}${some(parts, 'exclude', undefined).slice(1)}</div>`;
}
