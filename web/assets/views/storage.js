// @ts-check
// Does it fit, and what goes: one sentence, the days, what goes next and why, other rules, what is kept, what was deleted, what else lies there.
import { css, html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { adopt, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { refresh } from '../core/session.js';
import { store } from '../core/store.js';
import { daysText, reasons, words } from '../core/strings-storage.js';
import { bytes, format } from '../core/time.js';
import { attempt } from '../parts/act.js';
import './storage/archive.js';
import './storage/files.js';
import './storage/kept.js';
import './storage/level.js';
import './storage/log.js';
import './storage/next.js';
import './storage/rules.js';
import { verdict } from './storage/verdict.js';

const often = 60_000; // ms

class Storage extends View {
  constructor() {
    super();
    /** @type {import('./storage/level.js').Stored|undefined} */
    this.stored = undefined;
    this.asked = 0;
  }
  connectedCallback() {
    super.connectedCallback();
    this.asks(() => this.load());
    const timer = setInterval(() => !document.hidden && live.state.phase === 'open' && this.load(true), often);
    this.until(() => clearInterval(timer));
  }
  /** @param {boolean} [poll] nobody asked: a failure is not told */
  async load(poll = false) {
    const mine = ++this.asked, ask = () => api.get('/storage'), told = await (poll ? ask().catch(() => undefined) : attempt(ask));
    if (!told || mine !== this.asked) return; // another was asked since
    this.stored = told;
    this.requestUpdate();
  }

  /** Something was deleted, or kept: all of it says otherwise now. */
  again() {
    this.load();
    refresh();
    for (const part of /** @type {NodeListOf<HTMLElement & {load(): void}>} */ (this.querySelectorAll('v-next, v-kept, v-deleted, v-files'))) part.load();
  }

  /** @param {import('./storage/level.js').Stored} s */
  cameras(s) {
    return html`<section class="card"><h2>${words.perCamera}</h2><div class="scroll" tabindex="0" role="region" aria-label=${words.perCamera}><table><thead><tr><th></th><th class="n">${words.now}</th><th class="n">${words.of}</th><th class="n">${words.reaches}</th><th>${words.why}</th></tr></thead>
      <tbody>${s.cameras.map((c) => html`<tr><td>${c.name}</td><td class="n">${bytes(c.bytes)}</td><td class="n">${c.day_bytes ? bytes(c.day_bytes) : '–'}</td><td class="n">${c.days ? daysText(c.days) : '–'}</td><td class="muted">${c.by ? reasons[c.by] || c.by : ''}</td></tr>`)}</tbody></table></div></section>`;
  }

  render() {
    const s = this.stored, trouble = store.system?.disk.trouble;
    if (!s) return html`<div class="page"><h1>${words.title}</h1><p class="muted">${words.loading}</p><div class="card bone tall" aria-busy="true"></div></div>`;
    const used = s.size_bytes - s.free_bytes, oldest = s.cameras.map((c) => Date.parse(c.oldest)).sort((a, b) => a - b)[0];
    return html`<div class="page" @applied=${() => this.again()} @kept=${() => this.again()}><h1>${words.title}</h1>
      <section class="card"><p class="verdict" aria-live="polite">${verdict(s, s.cameras.length > 0)}</p>
        ${trouble === 'full' ? html`<p class="problem row">${icon('warn')}<span class="grow">${words.freeText}</span></p>` : nothing}
        <meter min="0" max=${s.size_bytes || 1} value=${used} aria-label="${words.size}: ${bytes(used)} / ${bytes(s.size_bytes)}"></meter>
        <dl class="facts"><dt>${words.recorded}</dt><dd>${bytes(s.bytes)}</dd><dt>${words.free}</dt><dd>${bytes(s.free_bytes)} / ${bytes(s.size_bytes)}</dd>${s.min_free_bytes ? html`<dt>${words.staysFree}</dt><dd>${bytes(s.min_free_bytes)}</dd>` : nothing}
          ${oldest ? html`<dt>${words.oldest}</dt><dd><time>${format(oldest, 'datetime')}</time></dd>` : nothing}</dl></section>
      ${store.may('admin') ? html`<v-rules .disk=${s.size_bytes}></v-rules>` : html`<p class="muted small">${words.adminOnly}</p>`}
      <v-next></v-next><v-level .stored=${s}></v-level>${this.cameras(s)}<v-kept .stored=${s}></v-kept><v-archive></v-archive><v-deleted></v-deleted><v-files></v-files></div>`;
  }
}
customElements.define('v-storage', Storage);

adopt(css`
  v-storage .page > * { min-width: 0; } .verdict { font-size: 16px; font-weight: 600; } meter { width: 100%; height: 12px; } .card.tall { min-height: 320px; }
  details summary { min-height: 44px; display: flex; align-items: center; cursor: pointer; color: var(--accent); } v-storage .rows { border: 0; } v-storage td { white-space: nowrap; } v-storage .rows > li { padding: 8px 0; } .path { overflow-wrap: anywhere; } .danger-text { color: var(--danger); }
`);
