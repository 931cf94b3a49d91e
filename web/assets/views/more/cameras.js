// @ts-check
// The cameras, and one of them: name, facts, pause, settings.
import { html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { go, route } from '../../core/router.js';
import { pathOf, store } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { format } from '../../core/time.js';
import '../../parts/act.js';
import { ailing } from '../../parts/ailments.js';
import { toast } from '../../parts/toast.js';
import '../../wall/tile.js';
import { ordered } from '../../wall/order.js';
import { askPause, resume } from '../../wall/pause.js';
import './settings.js';

/** @param {string|undefined} at */
const when = (at) => (at ? html`<time datetime=${at}>${format(Date.parse(at), 'datetime')}</time>` : '–');

class Cameras extends View {
  render() {
    const named = route().params.camera;
    if (!named) return this.list();
    const c = store.camera(named);
    if (c) return this.one(c);
    return store.known ? html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p></div>` : nothing;
  }

  list() {
    return html`<header><h1>${t.cameras.title}</h1><a class="button" href="/setup">${icon('plus')}${t.cameras.add}</a></header>
      ${store.cameras.length ? html`<nav class="rows" aria-label=${t.cameras.title}>${ordered().map((c) => html`<a href="/more/cameras/${pathOf(c)}">
        <i class="dot ${c.online && c.approved ? 'ok' : 'danger'}" aria-hidden="true"></i><span class="grow"><b>${c.name}</b><br><span class="muted small num">${c.state}${c.online ? ` · ${t.cameras.perSecond(c.fps)}` : ''} · ${t.recording[c.recording]}</span></span>${icon('right')}</a>`)}</nav>`
      : html`<div class="empty">${icon('live')}<p>${t.pill.none}</p></div>`}
      ${store.may('admin') ? html`<h2>${t.settings.all}</h2><v-settings></v-settings>` : nothing}`;
  }

  /** @param {import('../../core/store.js').Camera} c */
  async rename(c) {
    const input = /** @type {HTMLInputElement} */ (this.querySelector('#name'));
    await api.send('PATCH', `/cameras/${c.id}/settings`, { name: input.value.trim() || null });
    toast(t.cameras.renamed);
    go(`/more/cameras/${c.id}`); // the name that stood in the URL is no more
  }

  /** @param {import('../../core/store.js').Camera} c */
  one(c) {
    const admin = store.may('admin');
    return html`<header><a class="button icon-only" href="/more/cameras" aria-label=${t.common.back}>${icon('left')}</a><h1>${c.name}</h1></header>
      <div class="row"><a class="button" href="/live/${pathOf(c)}">${icon('live')}${t.nav.live}</a><a class="button" href="/setup/${pathOf(c)}">${icon('health')}${t.menu.diagnose}</a>
        ${store.may('control') ? c.recording === 'paused' ? html`<v-act icon="play" .label=${t.menu.resume} .run=${() => resume(c)}></v-act>` : html`<button class="button" @click=${() => askPause(c)}>${icon('pause')}${t.menu.pause}</button>` : nothing}</div>
      ${ailing(c)}
      ${admin ? html`<section class="card"><label class="field"><span>${t.cameras.name}</span><div class="row"><input id="name" class="grow" .value=${c.name} maxlength="64" autocomplete="off"><v-act .label=${t.common.save} .run=${() => this.rename(c)}></v-act></div><span class="hint">${t.cameras.nameHint}</span></label></section>` : nothing}
      <section class="card"><h2>${t.cameras.facts}</h2><dl class="facts">
        <dt>${t.cameras.id}</dt><dd>${c.id}</dd><dt>${t.cameras.model}</dt><dd>${c.model || '–'}</dd><dt>${t.cameras.firmware}</dt><dd>${c.firmware || '–'}</dd><dt>${t.cameras.address}</dt><dd>${c.address || '–'}</dd>
        <dt>${t.cameras.since}</dt><dd>${c.online ? when(c.since) : '–'}</dd><dt>${t.cameras.seen}</dt><dd>${when(c.last_seen)}</dd><dt>${t.cameras.pictures}</dt><dd>${c.frames} · ${t.cameras.perSecond(c.fps)}</dd>
        <dt>${t.cameras.lost}</dt><dd>${c.lost}</dd><dt>${t.cameras.repaired}</dt><dd>${c.repaired}</dd><dt>${t.cameras.dropped}</dt><dd>${c.dropped}</dd>${c.segment ? html`<dt>${t.cameras.file}</dt><dd>${c.segment}</dd>` : nothing}</dl></section>
      ${admin ? html`<v-settings .camera=${c.id}></v-settings>` : html`<p class="muted">${t.common.mayNot}</p>`}`;
  }
}
customElements.define('v-cameras', Cameras);
