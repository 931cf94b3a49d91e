// @ts-check
// Files among the recordings that are none of their footage, and why each is left alone. Nothing is shown where there are none.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { store } from '../../core/store.js';
import { foreign, words } from '../../core/strings-storage.js';
import { bytes } from '../../core/time.js';

/** @typedef {{path: string, bytes: number, why: string}} LeftFile */
/** @typedef {{files: LeftFile[], count: number, bytes: number, more: boolean, watched_folders: number, watched_all: boolean}} Left */

class Files extends View {
  constructor() {
    super();
    /** @type {Left|undefined} */
    this.told = undefined;
    this.asked = 0;
    this.limit = 20;
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }
  async load() {
    if (!store.may('admin')) return;
    const mine = ++this.asked;
    try {
      const told = await api.get('/storage/files', { query: { limit: this.limit } });
      if (mine !== this.asked) return; // another was asked since
      this.told = told;
    } catch { /* who sees some cameras alone may not know, and else the view says that it is gone */ }
    this.requestUpdate();
  }
  render() {
    const t = this.told;
    if (!t?.count) return nothing;
    const left = t.count - t.files.length;
    return html`<section class="card"><h2>${words.left}</h2><p class="small muted">${words.leftText}${t.watched_all ? '' : ` ${words.leftLate}`}</p>
      <p class="num">${words.files(t.count)}${t.more ? ` ${words.leftMore}` : ''}, ${bytes(t.bytes)}</p>
      <ul class="rows">${t.files.map((f) => html`<li><span class="grow"><span class="path">${f.path}</span><br><span class="small muted num">${bytes(f.bytes)} · ${foreign[f.why] || f.why}</span></span></li>`)}</ul>
      ${left > 0 ? html`<button class="button" @click=${() => { this.limit = Math.min(10_000, this.limit * 10); this.load(); }}>${words.leftAll(left)}</button>` : nothing}</section>`;
  }
}
customElements.define('v-files', Files);
