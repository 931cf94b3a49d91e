// @ts-check
// What is not looked at every day: cameras, schedule, health, doctor, hooks, users, about.
import { html, nothing } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { route } from '../core/router.js';
import { store } from '../core/store.js';
import { t } from '../core/strings.js';

/** @type {Record<string, {icon: import('../core/icons.js').Icon, load: () => Promise<unknown>, view: unknown, admin?: boolean}>} admin: others are not led there */
const parts = {
  cameras: { icon: 'live', load: () => import('./more/cameras.js'), view: html`<v-cameras></v-cameras>` },
  zones: { icon: 'zones', load: () => import('./more/zones.js'), view: html`<v-tunings></v-tunings>` },
  schedule: { icon: 'schedule', load: () => import('./more/schedule.js'), view: html`<v-schedule></v-schedule>` },
  health: { icon: 'health', load: () => import('./more/health.js'), view: html`<v-health></v-health>` },
  doctor: { icon: 'search', load: () => import('./more/doctor.js'), view: html`<v-doctor></v-doctor>` },
  hooks: { icon: 'bell', load: () => import('./more/hooks.js'), view: html`<v-hooks></v-hooks>`, admin: true },
  users: { icon: 'users', load: () => import('./more/users.js'), view: html`<v-users></v-users>` },
  about: { icon: 'info', load: () => import('./more/about.js'), view: html`<v-about></v-about>` },
};

const mine = () => Object.entries(parts).filter(([, p]) => !p.admin || store.may('admin'));

class More extends View {
  constructor() {
    super();
    /** @type {Set<string>} */
    this.here = new Set();
    this.failed = false;
  }

  render() {
    const part = route().params.part || '';
    if (!part) return html`<div class="page"><h1>${t.more.title}</h1><nav class="rows" aria-label=${t.more.title}>${mine().map(([name, p]) => html`
      <a href="/more/${name}">${icon(p.icon)}<span class="grow"><b>${t.more.parts[name][0]}</b><br><span class="muted small">${t.more.parts[name][1]}</span></span>${icon('right')}</a>`)}</nav></div>`;
    const known = parts[part];
    if (!known) return html`<div class="empty">${icon('search')}<h2>${t.common.notFound}</h2></div>`;
    if (!this.here.has(part)) {
      if (!this.failed) known.load().then(() => { this.here.add(part); }, () => { this.failed = true; }).then(() => this.requestUpdate());
      return this.failed ? html`<div class="empty">${icon('warn')}<p>${t.common.noFile}</p></div>` : nothing;
    }
    return html`<div class="page"><nav class="tabs" aria-label=${t.more.title}>${mine().map(([name]) => html`<a href="/more/${name}" aria-current=${name === part ? 'page' : nothing}>${t.more.parts[name][0]}</a>`)}</nav>${known.view}</div>`;
  }
}
customElements.define('v-more', More);
