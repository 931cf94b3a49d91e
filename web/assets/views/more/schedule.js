// @ts-check
// What each camera does now by its schedule, and what comes.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { store } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { format } from '../../core/time.js';
import { attempt } from '../../parts/act.js';
import { ordered } from '../../wall/order.js';
import { code } from '../setup.js';

/** @typedef {{mode: 'continuous'|'motion'|'off', why: string, until?: string, changes: {at: string, mode: 'continuous'|'motion'|'off', why: string}[]}} Plan */

class Schedule extends View {
  constructor() {
    super();
    /** @type {Map<string, Plan>} */
    this.plans = new Map();
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }
  async load() {
    for (const c of store.cameras) {
      const plan = await attempt(() => api.get(`/cameras/${c.id}/schedule`, { query: { changes: 6 } }));
      if (plan) this.plans.set(c.id, plan);
      this.requestUpdate();
    }
  }
  render() {
    if (store.known && !this.plans.size && store.cameras.length && !this.asking) { this.asking = true; this.load(); }
    return html`<h1>${t.schedule.title}</h1><p class="muted">${code(t.schedule.edit)}</p>${ordered().map((c) => {
      const p = this.plans.get(c.id);
      return html`<section class="card"><h2>${c.name}</h2>${p ? html`<p><b>${t.schedule.now}: ${t.schedule.modes[p.mode]}</b>${p.until ? html` ${t.schedule.until} <time>${format(Date.parse(p.until), 'datetime')}</time>` : nothing} <span class="muted">(${p.why})</span></p>
        ${p.changes.length ? html`<div class="scroll" tabindex="0" role="region" aria-label=${c.name}><table><thead><tr><th>${t.schedule.next}</th><th></th><th>${t.schedule.why}</th></tr></thead><tbody>${p.changes.map((n) => html`<tr><td><time>${format(Date.parse(n.at), 'datetime')}</time></td><td>${t.schedule.modes[n.mode]}</td><td class="muted">${n.why}</td></tr>`)}</tbody></table></div>` : html`<p class="muted">${t.schedule.always}</p>`}` : html`<p class="bone">&nbsp;</p><p class="bone">&nbsp;</p>`}</section>`;
    })}`;
  }
  asking = false;
}
customElements.define('v-schedule', Schedule);
