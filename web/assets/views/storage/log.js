// @ts-check
// What was deleted, and by which rule: each file, those that went together as one row.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { store } from '../../core/store.js';
import { reasons, words } from '../../core/strings-storage.js';
import { bytes, format } from '../../core/time.js';

/** @typedef {{camera: string, from: string, to: string, bytes: number, rule: string, at: string}} Deleted */
/** @typedef {{camera: string, rule: string, at: number, from: number, to: number, bytes: number, files: number}} Group */

const together = 3600e3; // what one rule took of a camera within an hour is one row

/** @param {Deleted[]} list newest first @returns {Group[]} */
export function grouped(list) {
  /** @type {Group[]} */
  const groups = [];
  /** @type {Map<string, Group>} */
  const last = new Map();
  for (const d of list) {
    const key = `${d.camera} ${d.rule}`, at = Date.parse(d.at), from = Date.parse(d.from), to = Date.parse(d.to);
    const g = last.get(key);
    if (g && g.at - at < together) {
      g.from = Math.min(g.from, from);
      g.to = Math.max(g.to, to);
      g.bytes += d.bytes;
      g.files++;
      continue;
    }
    const made = { camera: d.camera, rule: d.rule, at, from, to, bytes: d.bytes, files: 1 };
    groups.push(made);
    last.set(key, made);
  }
  return groups;
}

class Log extends View {
  constructor() {
    super();
    /** @type {Deleted[]|undefined} */
    this.list = undefined;
    this.asked = 0;
    this.limit = 200;
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }
  async load() {
    const mine = ++this.asked;
    try {
      const told = await api.get('/storage/deletions', { query: { limit: this.limit } });
      if (mine !== this.asked) return; // another was asked since
      this.list = told.deletions;
    } catch { /* the view says that it is gone */ }
    this.requestUpdate();
  }
  render() {
    const rows = grouped(this.list || []);
    return html`<section class="card"><h2>${words.log}</h2>${rows.length ? html`<p class="small muted">${words.logText}</p><ul class="rows">${rows.map((g) => html`<li><span class="grow">${store.camera(g.camera)?.name || g.camera}, ${format(g.from, 'datetime')} – ${format(g.to, 'datetime')}<br>
      <span class="small muted num">${format(g.at, 'datetime')} · ${words.files(g.files)}, ${bytes(g.bytes)} · ${reasons[g.rule] || g.rule}</span></span></li>`)}</ul>` : html`<p class="muted">${words.logNone}</p>`}
      ${this.list?.length === this.limit && this.limit < 5000 ? html`<button class="button" @click=${() => { this.limit = Math.min(5000, this.limit * 5); this.load(); }}>${words.logMore}</button>` : nothing}</section>`;
  }
}
customElements.define('v-deleted', Log);
