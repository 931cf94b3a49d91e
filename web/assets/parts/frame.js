// @ts-check
// What stands around every view: logo, whether all is recorded, the recorder's clock, the connection, and where to go.
import { html, nothing } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { route } from '../core/router.js';
import { store } from '../core/store.js';
import { t } from '../core/strings.js';
import { format, now, zone } from '../core/time.js';

class Header extends View {
  constructor() {
    super();
    this.className = 'header';
  }
  connectedCallback() {
    super.connectedCallback();
    this.setAttribute('role', 'banner');
    this.every(1000);
    this.until(live.onState(() => this.requestUpdate()));
  }

  pill() {
    if (!store.known) return html`<span class="pill muted">${t.pill.loading}</span>`;
    if (live.state.phase === 'gone') return html`<span class="pill muted">${t.pill.unknown}</span>`;
    const all = store.cameras.filter((c) => c.approved);
    if (!all.length) return html`<a class="pill" href="/setup">${t.pill.none}</a>`;
    if (!('recording' in all[0])) return html`<span class="pill">${store.me?.user || ''}</span>`; // who may look and not read
    const writing = all.filter((c) => c.recording === 'on' || c.recording === 'ready').length;
    const bad = all.some((c) => c.recording === 'failing') || store.system?.disk.trouble, faults = store.system?.faults || 0;
    const days = bad ? 0 : store.system?.retention?.days, kind = bad || faults ? 'danger' : writing < all.length ? 'warn' : 'ok';
    return html`<a class="pill ${kind === 'ok' ? '' : kind}" href=${faults ? '/more/doctor' : '/storage'}><span class="dot ${kind}" aria-hidden="true"></span>
      <span>${t.pill.recording(writing, all.length)}${faults ? ` · ${t.pill.faults(faults)}` : days ? html` · <span class="num">${t.pill.fits(days)}</span>` : nothing}</span></a>`;
  }

  render() {
    const phase = live.state.phase, ms = now();
    return html`<a class="logo" href="/live" aria-label="${t.name}, ${t.nav.live}"><img src=${new URL('../icon.svg', import.meta.url).pathname} alt="" width="28" height="28"><span>${t.name}</span></a>
      ${this.pill()}
      <div class="clock" role="timer" aria-label=${t.clock.label}><b>${format(ms, 'time')}</b><span title=${zone.name}>${zone.differs() ? t.clock.differs(zone.at(ms).name) : html`<span class="date">${format(ms, 'day')} </span>${zone.at(ms).name}`}</span></div>
      <div class="link" role="img" aria-label=${t.link[phase]} title=${t.link[phase]}><i class="dot ${phase === 'open' ? 'ok' : phase === 'gone' ? 'danger' : 'warn'}" aria-hidden="true"></i><span aria-hidden="true">${t.link[phase]}</span></div>`;
  }
}
customElements.define('v-header', Header);

const places = /** @type {const} */ (['live', 'timeline', 'events', 'storage', 'more']);

class Places extends View {
  render() {
    const view = route().view, at = view === 'setup' || view === 'zones' ? 'more' : view;
    return html`<nav class="places" aria-label=${t.nav.label}>${places.map((p) => html`
      <a href="/${p}" aria-current=${at === p ? 'page' : nothing}>${icon(p, 22)}<span>${t.nav[p]}</span></a>`)}</nav>`;
  }
}
customElements.define('v-places', Places);
