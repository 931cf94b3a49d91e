// @ts-check
// How copying footage away goes: what waits, what stands there, what is wrong. Nothing is shown where there is no archive.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { live } from '../../core/live.js';
import { store } from '../../core/store.js';
import { words } from '../../core/strings-archive.js';
import { bytes, format } from '../../core/time.js';
import { toast } from '../../parts/toast.js';

/** @typedef {{segments: number, bytes: number, oldest?: string}} Some */
/** @typedef {{segments: number, done: number, bytes: number, got_bytes: number, busy: boolean, error?: string}} Return */
/** @typedef {{on: boolean, place?: string, known: boolean, waiting: Some & {resting: number}, archived: Some & {last?: string}, copying?: string, copying_done_bytes?: number, copying_bytes?: number, bytes_per_second: number,
 *   lost: number, problem?: string, problem_since?: string, next_try?: string, last_error?: string, last_error_at?: string, restore?: Return}} Archive */

const often = 5_000; // ms

/** Why it does not go begins as what a log says. @param {string} text */
const begun = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What is said first of it. @param {Archive} a */
export function sentence(a) {
  if (!a.known) return words.looking;
  if (a.copying) return words.copying(bytes(a.bytes_per_second));
  return a.waiting.segments ? words.queue : words.well;
}

class ArchiveCard extends View {
  constructor() {
    super();
    /** @type {Archive|undefined} */
    this.told = undefined;
    this.asked = 0;
  }
  connectedCallback() {
    super.connectedCallback();
    this.asks(() => this.load());
    const timer = setInterval(() => this.told?.on && !document.hidden && live.state.phase === 'open' && this.load(), often);
    this.until(() => clearInterval(timer));
  }
  async load() {
    if (!store.may('admin')) return;
    const mine = ++this.asked;
    try {
      const told = await api.get('/archive');
      if (mine !== this.asked) return; // another was asked since
      this.told = told;
    } catch { /* the view says that it is gone */ }
    this.requestUpdate();
  }
  async retry() {
    await api.send('POST', '/archive/retry');
    toast(words.retried);
    await this.load();
  }

  /** @param {Some} s */
  some(s) {
    return s.segments ? html`${words.segments(s.segments)}, ${bytes(s.bytes)}${s.oldest ? html`, ${words.oldest} <time>${format(Date.parse(s.oldest), 'datetime')}</time>` : nothing}` : words.nothing;
  }

  /** @param {Return} r */
  back(r) {
    if (r.error) return html`<p class="problem row">${icon('warn')}<span class="grow">${words.notBack}: ${r.error}</span></p>`;
    return r.busy ? html`<p class="num" role="status">${words.back}: ${r.done} ${words.of} ${words.segments(r.segments)}, ${bytes(r.got_bytes)} ${words.of} ${bytes(r.bytes)}</p>` : html`<p class="muted small">${words.isBack(words.segments(r.done))}</p>`;
  }

  render() {
    const a = this.told;
    if (!a?.on) return nothing;
    return html`<section class="card"><h2>${words.title}</h2>
      ${a.lost ? html`<p class="problem row">${icon('warn')}<span class="grow">${words.lost(words.segments(a.lost))}</span></p>` : nothing}
      ${a.problem ? html`<p class="problem row">${icon('warn')}<span class="grow">${begun(a.problem)}${a.problem_since ? html`<br><span class="small num">${words.since} <time>${format(Date.parse(a.problem_since), 'datetime')}</time>${a.next_try ? html`, ${words.next} <time>${format(Date.parse(a.next_try))}</time>` : nothing}</span>` : nothing}</span></p>`
        : html`<p class="row">${icon(a.known && !a.waiting.segments ? 'check' : undefined)}<span class="grow">${sentence(a)}</span></p>`}
      ${a.copying && a.copying_bytes ? html`<progress max=${a.copying_bytes} value=${a.copying_done_bytes || 0} aria-label=${words.progress}></progress>` : nothing}
      <dl class="facts">${a.known ? html`<dt>${words.waits}</dt><dd>${this.some(a.waiting)}${a.waiting.resting ? `, ${words.resting(a.waiting.resting)}` : ''}</dd>` : nothing}
        <dt>${words.whole}</dt><dd>${this.some(a.archived)}</dd>${a.archived.last ? html`<dt>${words.newest}</dt><dd><time>${format(Date.parse(a.archived.last), 'datetime')}</time></dd>` : nothing}
        ${a.place ? html`<dt>${words.to}</dt><dd class="wrap">${a.place}</dd>` : nothing}
        ${a.last_error && !a.problem ? html`<dt>${words.last}</dt><dd>${a.last_error_at ? html`<time>${format(Date.parse(a.last_error_at), 'datetime')}</time>: ` : nothing}${a.last_error}</dd>` : nothing}</dl>
      ${a.restore ? this.back(a.restore) : nothing}
      ${a.place && (a.problem || a.waiting.resting) ? html`<v-act .label=${words.retry} icon="redo" .run=${() => this.retry()}></v-act>` : nothing}</section>`;
  }
}
customElements.define('v-archive', ArchiveCard);
