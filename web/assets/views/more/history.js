// @ts-check
// How cameras and recorder were over hours and days: a line for each camera in words, plots, and the same as a table.
import { css, html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { adopt, View } from '../../core/dom.js';
import { live } from '../../core/live.js';
import { store } from '../../core/store.js';
import { words } from '../../core/strings-health.js';
import { bytes, format, iso, now, zone } from '../../core/time.js';
import { attempt } from '../../parts/act.js';
import './plot.js';

/** @typedef {{camera: string, at: number[], frames: number[], lost: number[], repaired: number[], dropped: number[], sounds: number[], opened: number[], age_ms: number[], online: number[]}} CameraHistory */
/** @typedef {{at: number[], sync_ms: number[], sync_max_ms: number[], free_bytes: number[], memory_bytes: number[], waiting_bytes: number[], dropped: number[], cpu: number[]}} BoxHistory */
/** @typedef {{step_seconds: number, cameras: CameraHistory[], box: BoxHistory}} Told */

const hour = 3600e3;
/** @type {[string, number][]} */
const spans = [['1h', hour], ['24h', 24 * hour], ['7d', 168 * hour], ['30d', 720 * hour]];
const sum = (/** @type {number[]} */ list) => list.reduce((a, b) => a + b, 0);
const digits = (/** @type {number} */ n, /** @type {number} */ most = 1) => n.toFixed(n >= 100 ? 0 : most);

/** "Door: 0.3 % loss, 12 repaired; connected 3 times, last 14:02". @param {string} name @param {CameraHistory} h */
export function inWords(name, h) {
  const frames = sum(h.frames), lost = sum(h.lost), all = frames + lost;
  if (!all) return words.silent(name);
  const opened = h.at.filter((_, i) => h.opened[i] > 0), again = sum(h.opened);
  const online = sum(h.online) / h.at.length;
  return `${name}: ${[
    lost ? words.loss((100 * lost) / all, lost) : words.noLoss, sum(h.repaired) ? words.repaired(sum(h.repaired)) : '', sum(h.dropped) ? words.dropped(sum(h.dropped)) : '',
  ].filter(Boolean).join(', ')}; ${again ? words.connected(again, opened[opened.length - 1] * 1000) : words.stayed}${online < 0.995 ? `; ${words.online(100 * online)}` : ''}.`;
}

class History extends View {
  constructor() {
    super();
    this.span = '1h';
    /** @type {Told|undefined} */
    this.told = undefined;
    /** What the page shows now is made of. @type {unknown[]} */
    this.shows = [];
  }
  connectedCallback() {
    super.connectedCallback();
    this.asks(() => this.load());
    const timer = setInterval(() => !document.hidden && live.state.phase === 'open' && this.load(true), 60_000);
    this.until(() => clearInterval(timer));
  }
  /** @param {boolean} [poll] nobody asked: a failure is not told */
  async load(poll = false) {
    const span = this.span, to = now(), length = spans.find(([name]) => name === span)?.[1] || hour;
    const ask = () => api.get('/health', { query: { from: iso(Math.round(to - length)), to: iso(Math.round(to)), res: length > 24 * hour ? '10m' : '1m' } });
    const told = await (poll ? ask().catch(() => undefined) : attempt(ask));
    if (told && span === this.span) this.told = told;
    this.requestUpdate();
  }
  /** @param {string} span */
  choose(span) { this.span = span; this.told = undefined; this.load(); this.requestUpdate(); }

  /** The store changes each second, and this is much to draw: only when something of it is otherwise. */
  shouldUpdate() {
    const shows = [this.told, this.span, zone.parts, store.cameras.map((c) => c.name).join('|')];
    if (this.hasUpdated && shows.every((x, i) => x === this.shows[i])) return false;
    this.shows = shows;
    return true;
  }

  /** A camera's numbers at the times of all, null where it has none. @param {number[]} times @param {CameraHistory} h @param {(i: number) => number|null} of */
  line(times, h, of) {
    const at = new Map(h.at.map((s, i) => [s, i]));
    return times.map((s) => { const i = at.get(s); return i === undefined ? null : of(i); });
  }

  /** @param {string} title @param {string[]} names @param {any} data @param {(n: number) => string} unit */
  plot(title, names, data, unit) {
    return html`<section class="card"><h2>${title}</h2><v-plot .names=${names} .data=${data} .unit=${unit}></v-plot>
      <details><summary>${words.table}</summary><div class="scroll" tabindex="0" role="region" aria-label=${title}><table><thead><tr><th>${words.time}</th>${names.map((n) => html`<th class="n">${n}</th>`)}</tr></thead>
        <tbody>${[...data[0].keys()].reverse().slice(0, 200).map((/** @type {number} */ i) => html`<tr><td><time>${format(data[0][i] * 1000, 'datetime')}</time></td>${names.map((_, n) => html`<td class="n">${data[n + 1][i] === null ? '–' : unit(data[n + 1][i])}</td>`)}</tr>`)}</tbody></table></div></details></section>`;
  }

  cameras(/** @type {Told} */ told) {
    const names = told.cameras.map((h) => store.camera(h.camera)?.name || h.camera), times = [...new Set(told.cameras.flatMap((h) => h.at))].sort((a, b) => a - b);
    const lines = (/** @type {(h: CameraHistory, i: number) => number|null} */ of) => [times, ...told.cameras.map((h) => this.line(times, h, (i) => of(h, i)))];
    const fps = (/** @type {number} */ n) => digits(n), percent = (/** @type {number} */ n) => `${digits(n, 2)} %`;
    return html`<section class="card"><h2>${words.inWords}</h2><ul class="said">${told.cameras.map((h, i) => html`<li>${inWords(names[i], h)}</li>`)}</ul></section>
      ${this.plot(words.frames, names, lines((h, i) => h.frames[i] / told.step_seconds), fps)}
      ${this.plot(words.lost, names, lines((h, i) => (h.frames[i] + h.lost[i] ? (100 * h.lost[i]) / (h.frames[i] + h.lost[i]) : null)), percent)}
      ${this.plot(words.fixed, names, lines((h, i) => h.repaired[i]), String)}
      ${this.plot(words.age, names, lines((h, i) => (h.online[i] ? h.age_ms[i] / 1000 : null)), (n) => `${digits(n)} s`)}
      ${this.plot(words.opened, names, lines((h, i) => h.opened[i]), String)}
      ${this.plot(words.sound, names, lines((h, i) => h.sounds[i] / told.step_seconds), fps)}`;
  }

  box(/** @type {BoxHistory} */ b) {
    return html`${this.plot(words.sync, [words.median, words.most], [b.at, b.sync_ms, b.sync_max_ms], (n) => `${digits(n)} ms`)}
      ${this.plot(words.free, [words.free], [b.at, b.free_bytes], bytes)}${this.plot(words.memory, [words.memory, words.waiting], [b.at, b.memory_bytes, b.waiting_bytes], bytes)}
      ${this.plot(words.cpu, [words.cpu], [b.at, b.cpu.map((n) => 100 * n)], (n) => `${digits(n)} %`)}${this.plot(words.drops, [words.drops], [b.at, b.dropped], String)}`;
  }

  render() {
    const told = this.told;
    return html`<div class="row" role="group" aria-label=${words.span}>${spans.map(([name]) => html`<button class="button" aria-pressed=${name === this.span} @click=${() => this.choose(name)}>${words.spans[name]}</button>`)}</div>
      ${!told ? html`<div class="card bone tall" aria-busy="true"></div>` : !told.box.at.length ? html`<p class="card muted">${words.nothing}</p>` : html`${told.cameras.length ? this.cameras(told) : nothing}<h2>${words.box}</h2>${this.box(told.box)}`}`;
  }
}
customElements.define('v-history', History);

adopt(css`v-history { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); } v-history .button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); } .said { display: grid; gap: 8px; } details summary { min-height: 44px; display: flex; align-items: center; cursor: pointer; color: var(--accent); }`);
