// @ts-check
// What goes next and why, with a button that keeps it.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { pathOf, store } from '../../core/store.js';
import { reasons, words } from '../../core/strings-storage.js';
import { bytes, format, now } from '../../core/time.js';
import { toast } from '../../parts/toast.js';

/** @typedef {{camera: string, name: string, from: string, to: string, bytes: number, rule: string, when: string, last: string}} Going */

class Next extends View {
  constructor() {
    super();
    /** @type {Going[]|undefined} */
    this.list = undefined;
    this.asked = 0;
    this.shown = 8;
    this.whose = ''; // '': all cameras
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }
  async load() {
    const mine = ++this.asked;
    try {
      const told = await api.get('/storage/next', { query: { limit: 500 } });
      if (mine !== this.asked) return; // another was asked since
      this.list = told.next;
    } catch { /* the view says that it is gone */ }
    this.requestUpdate();
  }

  /** @param {Going} g */
  async keep(g) {
    await api.send('POST', '/keeps', { camera: g.camera, from: g.from, to: g.to, note: words.keepNote });
    toast(words.keptNow);
    await this.load();
    this.dispatchEvent(new CustomEvent('kept', { bubbles: true }));
  }

  /** @param {Going} g */
  row(g) {
    const from = Date.parse(g.from), to = Date.parse(g.to), c = store.camera(g.camera);
    const span = `${format(from, 'day')} ${format(from, 'hm')}–${format(to, 'hm')}`;
    return html`<li data-camera=${g.camera}><span class="grow"><a href="/timeline/${c ? pathOf(c) : g.camera}?t=${encodeURIComponent(g.from)}">${g.name}, ${span}</a><br>
      <span class="small muted num">${bytes(g.bytes)} · ${reasons[g.rule] || g.rule} · ${Date.parse(g.when) <= now() ? words.goesNow : words.goes(Date.parse(g.when))}</span></span>
      ${store.may('control') ? html`<v-act .label=${words.keep} icon="lock" .run=${() => this.keep(g)}></v-act>` : nothing}</li>`;
  }

  render() {
    const mine = this.list?.filter((g) => !this.whose || g.camera === this.whose) || [];
    return html`<section class="card"><h2>${words.next}</h2>
      ${store.cameras.length > 1 && this.list?.length ? html`<label class="field"><span>${words.nextOf}</span><select name="next-of" @change=${(/** @type {any} */ e) => { this.whose = e.target.value; this.shown = 8; this.requestUpdate(); }}>
        <option value="">${words.all}</option>${store.cameras.map((c) => html`<option value=${c.id} .selected=${c.id === this.whose}>${c.name}</option>`)}</select></label>` : nothing}
      ${!this.list ? html`<div class="bone" aria-busy="true">&nbsp;</div>`
      : mine.length ? html`<ul class="rows going">${mine.slice(0, this.shown).map((g) => this.row(g))}</ul>` : html`<p class="muted row">${icon('check')}${words.nextNone}</p>`}
      ${mine.length > this.shown ? html`<button class="button" @click=${() => { this.shown += 20; this.requestUpdate(); }}>${words.nextMore}</button>` : nothing}</section>`;
  }
}
customElements.define('v-next', Next);
