// @ts-check
// One event, at an address of its own.
import { html, nothing } from '../lib/lit.js';
import { ApiError, api } from '../core/api.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { format, length } from '../core/time.js';
import { micros } from '../player/stamp.js';
import { attempt } from '../parts/act.js';
import { percent } from './card.js';
import { groups, stacks } from './groups.js';
import { askKeep, keep, showKeeps } from './keep.js';
import { nameOf, place, playing, watch } from './place.js';
import { showWhy } from './why.js';

/** ms until what is looked at is seen. */
const watched = 2000;

/** Properties: event, its id. */
class OneEvent extends View {
  static properties = { event: {} };

  constructor() {
    super();
    this.event = '';
    /** @type {import('./groups.js').Event|undefined} */
    this.found = undefined;
    this.problem = '';
    this.known = false;
    this.about = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.asks(() => { if (this.about) void this.#arrive(); }); // what is shown stays until the answer is there
    const timer = setInterval(() => { if (!document.hidden && this.found) void this.#load(); }, 6000); // what was deleted is gone
    this.until(() => { clearInterval(timer); clearTimeout(this.looks); });
  }

  willUpdate() {
    if (this.about === this.event || !this.event) return;
    this.about = this.event;
    this.found = undefined;
    this.known = false;
    void this.#arrive();
  }

  /** Loads it; who has looked at it for a while has seen it. */
  async #arrive() {
    await this.#load();
    clearTimeout(this.looks);
    const e = this.found;
    if (e && !e.seen) this.looks = setTimeout(() => { if (this.isConnected && !document.hidden && this.found?.id === e.id) void this.#mark(true); }, watched);
  }

  async #load() {
    const about = this.about;
    try {
      const e = await api.get(`/events/${encodeURIComponent(about)}`);
      if (about === this.about) [this.found, this.problem] = [e, ''];
    } catch (err) {
      if (about !== this.about) return;
      if (err instanceof ApiError && (err.status === 404 || err.status === 422)) this.found = undefined;
      else this.problem = err instanceof ApiError ? err.text : String(err);
    }
    this.known = true;
    this.requestUpdate();
  }

  /** @param {boolean} seen */
  async #mark(seen) {
    const e = this.found;
    if (!e) return;
    await attempt(() => api.send('POST', '/events/seen', { ids: [e.id], seen }));
    await this.#load();
  }

  render() {
    const e = this.found, list = `/events${location.search}`;
    if (!e && this.problem) return html`<p class="problem" role="alert">${words.trouble(this.problem)}</p>`;
    if (!e) return this.known ? html`<div class="empty">${icon('events')}<h2>${words.gone}</h2><a class="button" href=${list}>${words.wholeList}</a></div>` : html`<p>${words.loading}</p>`;
    const from = Date.parse(e.at), us = micros(e.best ?? e.at), all = groups([e]), [card] = stacks(all, new Set()), name = nameOf(e.camera), what = `${name}, ${format(from, 'datetime')}`;
    return html`<article class="card ev-one"><h2>${!e.seen ? html`<i class="ev-new" role="img" aria-label=${words.newOne}></i>` : nothing}${what}</h2>
      <v-thumb full .camera=${e.camera} .us=${us} .box=${e.best_box ?? e.box}></v-thumb>
      <dl class="facts"><dt>${words.kind}</dt><dd>${words.kinds[e.kind] ?? e.kind}${e.detail ? `: ${e.detail}` : ''}</dd>
        ${e.end ? html`<dt>${words.length}</dt><dd>${length(Date.parse(e.end) - from)}</dd>` : nothing}
        ${e.peak ? html`<dt>${words.why2}</dt><dd>${e.kind === 'sound' ? words.louder(e.peak.toFixed(0)) : words.part(percent(e.peak))}</dd>` : nothing}
        ${e.zones?.length ? html`<dt>${words.zone}</dt><dd>${e.zones.join(', ')}</dd>` : nothing}
        ${e.kept ? html`<dt>${words.kept}</dt><dd>${icon('lock')}</dd>` : nothing}</dl>
      <div class="row"><a class="button primary" href=${playing(card)} @click=${() => watch([e])}>${icon('play')}${words.play}</a>
        <a class="button" href=${place(e.camera, from, { find: 'start' })}>${icon('search')}${words.findStart}</a>
        <v-act icon="info" .label=${words.why} .run=${() => void showWhy(e)}></v-act>
        ${store.may('control') ? html`<v-act .icon=${e.kept ? 'lock' : 'unlock'} .label=${e.kept ? words.kept : words.keep} .run=${() => (e.kept ? showKeeps(what, all) : askKeep(what, (wish) => keep(all[0], wish))).then(() => this.#load())}></v-act>` : nothing}
        <v-act icon="seen" .label=${e.seen ? words.markNew : words.markSeen} .run=${() => this.#mark(!e.seen)}></v-act>
        <a class="button" href=${list}>${words.wholeList}</a></div></article>`;
  }
}

customElements.define('v-one-event', OneEvent);
