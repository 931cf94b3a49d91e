// @ts-check
// The cameras; one of them is camera.js.
import { html, nothing } from '../../lib/lit.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { route } from '../../core/router.js';
import { pathOf, store } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { ordered } from '../../wall/order.js';
import './camera.js';
import './settings.js';

class Cameras extends View {
  render() {
    const named = route().params.camera;
    if (!named) return this.list();
    const c = store.camera(named);
    if (c) return html`<v-camera .camera=${c.id}></v-camera>`;
    return store.known ? html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p></div>` : nothing;
  }

  list() {
    return html`<header><h1>${t.cameras.title}</h1><a class="button" href="/setup">${icon('plus')}${t.cameras.add}</a></header>
      ${store.cameras.length ? html`<nav class="rows" aria-label=${t.cameras.title}>${ordered().map((c) => html`<a href="/more/cameras/${pathOf(c)}">
        <i class="dot ${c.online && c.approved ? 'ok' : 'danger'}" aria-hidden="true"></i><span class="grow"><b>${c.name}</b><br><span class="muted small num">${c.state}${c.online ? ` · ${t.cameras.perSecond(c.fps)}` : ''} · ${t.recording[c.recording]}</span></span>${icon('right')}</a>`)}</nav>`
      : html`<div class="empty">${icon('live')}<p>${t.pill.none}</p></div>`}
      ${store.may('admin') ? html`<h2>${t.settings.all}</h2><v-settings></v-settings>` : nothing}`;
  }
}
customElements.define('v-cameras', Cameras);
