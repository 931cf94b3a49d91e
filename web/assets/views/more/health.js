// @ts-check
// How recorder, disk and cameras are: what must be done, and whether it gets better or worse.
import { html, nothing } from '../../lib/lit.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { age } from '../../core/live.js';
import { refresh } from '../../core/session.js';
import { store } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { bytes, format, length, now } from '../../core/time.js';
import { ordered } from '../../wall/order.js';
import './history.js';

class Health extends View {
  connectedCallback() {
    super.connectedCallback();
    refresh();
    this.every(2000); // ages grow
  }

  render() {
    const s = store.system, all = ordered();
    return html`<h1>${t.health.title}</h1>
      ${s ? html`<section class="card"><h2>${t.health.problems}</h2>${s.problems.length ? html`<ul>${s.problems.map((/** @type {string} */ p) => html`<li class="row danger-text">${icon('warn')}<span class="grow">${p}</span></li>`)}</ul>` : html`<p class="row">${icon('check')}<span>${t.health.well}</span></p>`}</section>
      <section class="card"><h2>${t.health.disk}</h2><dl class="facts"><dt>${t.health.trouble}</dt><dd>${s.disk.trouble || t.health.noTrouble}${s.disk.error ? `: ${s.disk.error}` : ''}</dd><dt>${t.health.free}</dt><dd>${bytes(s.disk.free_bytes)} / ${bytes(s.disk.size_bytes)}</dd>
        <dt>${t.health.waiting}</dt><dd>${bytes(s.disk.waiting_bytes)} / ${bytes(s.disk.budget_bytes)}</dd>${s.disk.folder ? html`<dt>${t.health.folder}</dt><dd>${s.disk.folder}</dd>` : nothing}</dl></section>` : nothing}
      <section class="card"><h2>${t.health.cameras}</h2><div class="scroll" tabindex="0" role="region" aria-label=${t.health.cameras}><table><thead><tr><th>${t.cameras.name}</th><th class="n">${t.health.fps}</th><th class="n">${t.health.age}</th><th class="n">${t.health.lostNow}</th><th class="n">${t.health.repaired}</th><th class="n">${t.cameras.dropped}</th></tr></thead>
        <tbody>${all.map((c) => html`<tr><td>${c.name}</td><td class="n">${c.fps.toFixed(1)}</td><td class="n">${c.last_frame ? length(age(Date.parse(c.last_frame))) : '–'}</td><td class="n">${c.lost}</td><td class="n">${c.repaired}</td><td class="n">${c.dropped}</td></tr>`)}</tbody></table></div></section>
      <v-history></v-history>
      ${s ? html`<section class="card"><h2>${t.health.doors}</h2><dl class="facts"><dt>${t.health.malformed}</dt><dd>${s.doors.malformed}</dd><dt>${t.health.strangers}</dt><dd>${s.doors.strangers}</dd><dt>${t.health.refused}</dt><dd>${s.doors.refused}</dd><dt>${t.health.droppedAt}</dt><dd>${s.doors.dropped}</dd></dl></section>
      <section class="card"><h2>${t.health.recorder}</h2><dl class="facts"><dt>${t.health.version}</dt><dd>${s.version}</dd><dt>${t.health.up}</dt><dd>${format(Date.parse(s.started), 'datetime')} (${length(now() - Date.parse(s.started))})</dd></dl></section>` : nothing}`;
  }
}
customElements.define('v-health', Health);
