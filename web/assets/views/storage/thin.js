// @ts-check
// Which footage keeps fewer pictures, and how many: steps, each later than the one before and with less.
import { css, html, live, nothing } from '../../lib/lit.js';
import { adopt, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { words } from '../../core/strings-storage.js';
import { ageOf } from './steps.js';

/** @typedef {{after: string, fps: number, silent?: boolean}} Step */

const ages = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365].map((n) => `${n}d`);
const rates = [5, 2, 1, 0.5, 0.2, 0.1];
const most = 3; // steps; a list of config.toml may have more

/** As one text, so that two lists can be compared. @param {Step[]} list */
export const textOf = (list) => JSON.stringify(list.map((s) => ({ after: s.after, fps: s.fps, ...(s.silent ? { silent: true } : {}) })));

/** In words. @param {Step[]} list */
export const thinText = (list) => (list.length ? list.map((s) => `${words.thinAfter(ageOf(s.after) / 86400)} ${words.rate(s.fps)}`).join(', ') : words.thinNever);

/** The values between those of the neighbours, with the one in force at its place. @template T @param {T[]} all @param {T} own @param {(v: T) => number} order @param {number} above @param {number} below */
function between(all, own, order, above, below) {
  const list = all.filter((v) => order(v) > above && order(v) < below);
  if (!list.some((v) => order(v) === order(own))) list.push(own);
  return list.sort((a, b) => order(a) - order(b));
}

/** Properties: steps (null: as all), all (what holds for all cameras), own (of a camera), fixed. Tells thin with the new steps. */
class Thin extends View {
  static properties = { steps: { attribute: false }, all: { attribute: false }, own: { type: Boolean }, fixed: { type: Boolean } };
  constructor() {
    super();
    /** @type {Step[]|null} */
    this.steps = [];
    /** @type {Step[]} */
    this.all = [];
    this.own = this.fixed = false;
  }

  /** @param {Step[]|null} steps */
  tell(steps) { this.dispatchEvent(new CustomEvent('thin', { detail: steps })); }
  /** @param {number} i @param {Partial<Step>} change */
  change(i, change) { this.tell((this.steps || []).map((s, n) => (n === i ? { ...s, ...change } : s))); }

  /** What comes behind the last step; undefined where nothing fits. @returns {Step|undefined} */
  another() {
    const list = this.steps || [], last = list.at(-1);
    if (!last) return { after: '7d', fps: 2 };
    const after = ages.find((a) => ageOf(a) >= 4 * ageOf(last.after)) || ages.find((a) => ageOf(a) > ageOf(last.after)), less = rates.filter((r) => r < last.fps);
    return after && less.length && list.length < most ? { after, fps: less.find((r) => r <= last.fps / 20) ?? /** @type {number} */ (less.at(-1)), ...(last.silent ? { silent: true } : {}) } : undefined;
  }

  /** @param {Step} s @param {number} i */
  step(s, i) {
    const list = /** @type {Step[]} */ (this.steps), age = (/** @type {Step|undefined} */ o, /** @type {number} */ none) => (o ? ageOf(o.after) : none);
    const afters = between(ages, s.after, ageOf, age(list[i - 1], 0), age(list[i + 1], Infinity)), at = afters.indexOf(s.after), text = words.thinAfter(ageOf(s.after) / 86400);
    const fps = between(rates, s.fps, (n) => n, list[i + 1]?.fps ?? 0, list[i - 1]?.fps ?? Infinity).reverse();
    const go = (/** @type {number} */ n) => this.change(i, { after: afters[Math.max(0, Math.min(afters.length - 1, n))] }), name = `thin-${i}`;
    return html`<li class="thin-step"><div class="row"><output class="num grow" for=${name}>${text}</output><button class="button icon-only" aria-label="${words.thinRemove}: ${text}" ?disabled=${this.fixed} @click=${() => this.tell(list.filter((_, n) => n !== i))}>${icon('trash')}</button></div>
      <div class="row line"><button class="button icon-only" aria-label="${words.thinAge} −" ?disabled=${this.fixed || at === 0} @click=${() => go(at - 1)}>${icon('minus')}</button>
        <input class="grow" id=${name} name=${name} type="range" min="0" max=${afters.length - 1} step="1" aria-label=${words.thinAge} aria-valuetext=${text} .value=${live(String(at))} ?disabled=${this.fixed} @input=${(/** @type {any} */ e) => go(Number(e.target.value))}>
        <button class="button icon-only" aria-label="${words.thinAge} +" ?disabled=${this.fixed || at === afters.length - 1} @click=${() => go(at + 1)}>${icon('plus')}</button></div>
      <label class="field"><span>${words.thinRate}</span><select name="${name}-fps" ?disabled=${this.fixed} @change=${(/** @type {any} */ e) => this.change(i, { fps: Number(e.target.value) })}>
        ${fps.map((n) => html`<option value=${n} .selected=${n === s.fps}>${words.rate(n)}</option>`)}</select></label>
      <label class="row check"><input type="checkbox" name="${name}-silent" .checked=${live(!!s.silent)} ?disabled=${this.fixed} @change=${(/** @type {any} */ e) => this.change(i, { silent: e.target.checked })}><span>${words.thinSilent}</span></label></li>`;
  }

  render() {
    const list = this.steps, another = this.another();
    return html`<fieldset class="thin" ?disabled=${this.fixed}><legend><b>${words.thin}</b> <span class="small muted">${this.fixed ? words.fixed : words.thinHint}</span></legend>
      ${this.own ? html`<label class="field"><span>${words.thinFor}</span><select name="thin-own" @change=${(/** @type {any} */ e) => this.tell(e.target.value ? this.all : null)}>
        <option value="" .selected=${!list}>${words.asAll(thinText(this.all))}</option><option value="own" .selected=${!!list}>${words.thinOwn}</option></select></label>` : nothing}
      ${list ? html`${list.length ? html`<ul>${list.map((s, i) => this.step(s, i))}</ul>` : html`<p class="muted small">${words.thinNone}</p>`}
        ${another ? html`<button class="button" name="thin-add" @click=${() => this.tell([...list, another])}>${icon('plus')}${list.length ? words.thinMore : words.thinAdd}</button>` : nothing}` : nothing}</fieldset>`;
  }
}
customElements.define('v-thin', Thin);

adopt(css`
  .thin { border: 0; padding: 0; margin: 0; display: grid; gap: 12px; min-width: 0; } .thin ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; } .thin legend { padding: 0; margin-bottom: 8px; }
  .thin-step { display: grid; gap: 8px; padding: 12px; border: 1px solid var(--hair); border-radius: var(--radius); } .thin-step output { font-weight: 600; } .thin-step .line { flex-wrap: nowrap; } .thin .check { min-height: 44px; } .thin > button { justify-self: start; }
`);
