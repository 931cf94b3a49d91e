// @ts-check
// What is kept, apart from the rest: what it takes, and whether it is in the way of the rules.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { pathOf, store } from '../../core/store.js';
import { words } from '../../core/strings-storage.js';
import { bytes, format } from '../../core/time.js';
import { confirm } from '../../parts/sheet.js';
import { toast } from '../../parts/toast.js';

/** @typedef {{id: number, camera: string, from: string, to: string, note: string, until?: string, in_force: boolean, bytes: number}} Keep */

const much = 0.5; // of the room, from which on it is said

/** Properties: stored (GET /storage). */
class Kept extends View {
  static properties = { stored: { attribute: false } };
  constructor() {
    super();
    /** @type {import('./level.js').Stored|undefined} */
    this.stored = undefined;
    /** @type {Keep[]} */
    this.keeps = [];
    this.asked = 0;
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }
  async load() {
    const mine = ++this.asked;
    try {
      const told = (await api.list('/keeps', 'keeps', {}, 3)).filter((k) => k.in_force);
      if (mine !== this.asked) return; // another was asked since
      this.keeps = told;
    } catch { /* the view says that it is gone */ }
    this.requestUpdate();
  }

  /** @param {Keep} k @param {string} what */
  async letGo(k, what) {
    if (!await confirm(words.end, words.endText(what), words.end)) return;
    await api.send('DELETE', `/keeps/${k.id}`);
    toast(words.ended);
    this.asked++; // an answer that is on its way has it still
    this.keeps = this.keeps.filter((o) => o.id !== k.id);
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent('kept', { bubbles: true }));
  }

  /** @param {Keep} k */
  keep(k) {
    const c = store.camera(k.camera), what = `${c?.name || k.camera}, ${format(Date.parse(k.from), 'datetime')}–${format(Date.parse(k.to))}`;
    return html`<li>${icon('lock')}<span class="grow"><a href="/timeline/${c ? pathOf(c) : k.camera}?t=${encodeURIComponent(k.from)}">${what}</a><br><span class="small muted num">${k.note ? `${k.note} · ` : ''}${bytes(k.bytes)} · ${k.until ? `${words.until} ${format(Date.parse(k.until), 'datetime')}` : words.forever}</span></span>
      ${store.may('control') ? html`<v-act .label=${words.end} .run=${() => this.letGo(k, what)}></v-act>` : nothing}</li>`;
  }

  render() {
    const s = this.stored, part = s?.room_bytes ? s.kept_bytes / s.room_bytes : 0;
    return html`<section class="card"><h2>${words.kept}${s?.kept_bytes ? html` <span class="chip num">${bytes(s.kept_bytes)}</span>` : nothing}</h2>
      ${part > much ? html`<p class="problem row">${icon('warn')}<span class="grow">${words.chokes(`${Math.round(part * 100)} %`)}</span></p>` : nothing}${s?.choked.map((text) => html`<p class="problem">${text}</p>`)}
      ${this.keeps.length ? html`<p class="muted small">${words.keptText}</p><ul class="rows">${this.keeps.map((k) => this.keep(k))}</ul>` : html`<p class="muted">${words.noKept}</p>`}</section>`;
  }
}
customElements.define('v-kept', Kept);
