// @ts-check
// What is wrong with the recorder's machine and on the way of each camera, and what to do.
import { css, html, nothing } from '../../lib/lit.js';
import { api, ApiError } from '../../core/api.js';
import { adopt, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { refresh } from '../../core/session.js';
import { store } from '../../core/store.js';
import { words } from '../../core/strings-doctor.js';
import { now } from '../../core/time.js';
import '../../parts/act.js';
import { code } from '../setup.js';

/**
 * @typedef {{severity: 'fault'|'warning'|'note'|'ok', about: string, camera?: string, address?: string, found?: string, do?: string}} Finding
 * @typedef {{step: string, seen: boolean, at?: string, what?: string, line?: string}} WayStep
 * @typedef {{camera?: string, name?: string, address?: string, mac?: string, steps: WayStep[], missing?: string}} Way
 * @typedef {{at: string, running: boolean, findings: Finding[], ways: Way[]}} Diagnosis as GET /doctor tells it
 */

const kinds = /** @type {const} */ ({ fault: ['danger', 'warn'], warning: ['warn', 'warn'], note: ['', 'info'], ok: ['ok', 'check'] });

class Doctor extends View {
  constructor() {
    super();
    /** @type {Diagnosis|undefined} */
    this.told = undefined;
    this.failed = '';
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.look()); }

  async look() {
    try {
      this.told = await api.get('/doctor');
      this.failed = '';
    } catch (err) {
      this.failed = err instanceof ApiError ? err.text : String(err);
    }
    this.requestUpdate();
    refresh(); // the header tells of faults too
  }

  render() {
    const d = this.told, some = (/** @type {Finding['severity']} */ s) => d?.findings.filter((f) => f.severity === s) || [];
    const open = [...some('fault'), ...some('warning'), ...some('note')], bad = words.count(some('fault').length, some('warning').length);
    return html`<header><h1>${words.title}</h1><v-act icon="reload" .label=${words.again} .run=${() => this.look()}></v-act></header>
      <p class="muted">${words.lead}</p>
      ${this.failed ? html`<p class="problem" role="alert">${this.failed}</p>` : nothing}
      <p class="row ${some('fault').length ? 'danger-text' : bad ? 'warn-text' : ''}" role="status">${!d ? words.looking : html`${icon(bad ? 'warn' : 'check')}<b>${bad || words.well}</b><span class="muted small num">${words.at(Date.parse(d.at))}</span>`}</p>
      ${d && !store.may('admin') ? html`<p class="muted">${words.admin}</p>` : nothing}
      ${open.length ? html`<ul class="rows findings">${open.map((f) => this.finding(f))}</ul>` : nothing}
      ${d ? html`<section class="card"><h2>${words.ways}</h2><p class="small muted">${words.waysText}</p>${d.ways.length ? d.ways.map((w) => this.way(w)) : html`<p>${words.nobody}</p>`}</section>
        <details class="card"><summary>${words.fine} (${some('ok').length})</summary><ul class="findings">${some('ok').map((f) => html`<li class="well"><b>${f.about}</b> <span class="muted">${f.found || ''}</span></li>`)}</ul></details>` : nothing}`;
  }

  /** @param {Finding} f */
  finding(f) {
    const [colour, mark] = kinds[f.severity];
    return html`<li data-severity=${f.severity}><div class="grow"><div class="row"><span class="chip ${colour}">${icon(mark, 14)}${words.severity[f.severity]}</span>${f.camera ? html`<a href="/setup/${f.camera}"><b>${f.about}</b></a>` : html`<b>${f.about}</b>`}</div>
      ${f.found ? html`<p>${code(f.found)}</p>` : nothing}${f.do ? html`<p class="do"><span class="muted">${words.todo}:</span> ${code(f.do)}</p>` : nothing}</div></li>`;
  }

  /** @param {Way} w */
  way(w) {
    const name = w.name || w.camera || w.address || '';
    return html`<div class="way"><div class="row"><b class="grow">${name}</b><span class="small muted num">${[w.address === name ? '' : w.address, w.mac].filter(Boolean).join(' · ')}</span></div>
      <ol>${w.steps.map((s) => html`<li class=${s.seen ? 'seen' : s.step === w.missing ? 'missing' : ''} title=${s.line || nothing}><span>${s.seen ? icon('check', 14) : nothing}${words.steps[s.step]}</span>
        <span class="small muted num">${s.what || (s.at ? words.ago(Math.max(0, now() - Date.parse(s.at))) : s.seen ? words.seen : words.notSeen)}</span></li>`)}</ol>
      <div class="row small"><span class="grow ${w.missing ? 'warn-text' : 'muted'}">${w.missing ? words.missing(words.steps[w.missing]) : words.whole}</span>${w.camera && store.camera(w.camera) ? html`<a class="button" href="/setup/${w.camera}">${words.diagnose}</a>` : nothing}</div></div>`;
  }
}
customElements.define('v-doctor', Doctor);

adopt(css`
  .findings > li { align-items: start; padding-top: 12px; padding-bottom: 12px; } .findings p { margin-top: 6px; overflow-wrap: anywhere; } .findings code { user-select: all; } .findings a { display: inline-flex; align-items: center; min-height: var(--target); min-width: var(--target); }
  .findings > .well { padding: 4px 0; overflow-wrap: anywhere; } v-doctor summary { min-height: var(--target); display: flex; align-items: center; cursor: pointer; font-weight: 600; }
  .way { display: grid; gap: 8px; } .way + .way { border-top: 1px solid var(--hair); padding-top: 16px; }
  .way ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(110px, 1fr)); gap: 8px; }
  .way li { display: grid; gap: 2px; align-content: start; padding: 6px 8px; border: 1px solid var(--hair); border-radius: var(--radius); } .way li > span { display: flex; align-items: center; gap: 4px; overflow-wrap: anywhere; }
  .way .seen > span:first-child { font-weight: 600; } .way .seen .icon { color: var(--ok); } .way .missing { border-color: var(--warn); box-shadow: inset 0 0 0 1px var(--warn); }
`);
