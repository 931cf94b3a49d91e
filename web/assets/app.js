// @ts-check
// The page begins here: who looks, then the view that the URL names, loaded when it is first wanted.
import { html, nothing } from './lib/lit.js';
import { View } from './core/dom.js';
import { icon } from './core/icons.js';
import { onRoute, route } from './core/router.js';
import { begin } from './core/session.js';
import { store } from './core/store.js';
import { t } from './core/strings.js';
import { setTheme } from './core/theme.js';
import './parts/bars.js';
import './parts/frame.js';
import './parts/toast.js';

/** @type {Record<string, () => Promise<unknown>>} */
const views = {
  live: () => import('./views/live.js'),
  timeline: () => import('./views/timeline.js'),
  mini: () => import('./views/timeline.js'),
  events: () => import('./views/events.js'),
  storage: () => import('./views/storage.js'),
  setup: () => import('./views/setup.js'),
  zones: () => import('./views/zones.js'),
  more: () => import('./views/more.js'),
  login: () => import('./views/login.js'),
};

/** @type {Record<string, unknown>} */
const elements = {
  live: html`<v-live></v-live>`, timeline: html`<v-timeline></v-timeline>`, mini: html`<v-mini></v-mini>`, events: html`<v-events></v-events>`,
  storage: html`<v-storage></v-storage>`, setup: html`<v-setup></v-setup>`, zones: html`<v-zones></v-zones>`, more: html`<v-more></v-more>`,
};

class App extends View {
  constructor() {
    super();
    /** @type {Map<string, 'loading'|'here'|'failed'>} */
    this.loaded = new Map();
    this.phase = 'asking';
    this.shownView = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.until(onRoute(() => { this.requestUpdate(); this.arrive(); }));
    this.begin();
  }

  async begin() {
    if (views[route().view]) this.load(route().view); // while the recorder is asked who looks
    try {
      await begin();
      this.phase = 'known';
    } catch {
      this.phase = 'failed';
      setTimeout(() => this.begin(), 3000);
    }
    this.requestUpdate();
  }

  /** @param {string} view @returns {'loading'|'here'|'failed'} */
  load(view) {
    const how = this.loaded.get(view);
    if (how) return how;
    this.loaded.set(view, 'loading');
    views[view]().then(() => this.loaded.set(view, 'here'), () => this.loaded.set(view, 'failed')).then(() => this.requestUpdate());
    return 'loading';
  }

  /** A view that has just been gone to begins at its top, and readers of the screen are told of it. */
  arrive() {
    const view = route().view;
    if (view === this.shownView) return;
    this.shownView = view;
    scrollTo(0, 0);
    this.querySelector('main')?.focus({ preventScroll: true });
  }

  view() {
    const view = route().view;
    if (!views[view] || view === 'login') return html`<div class="empty">${icon('search')}<h2>${t.common.notFound}</h2><a class="button" href="/live">${t.common.toLive}</a></div>`;
    switch (this.load(view)) {
      case 'failed': return html`<div class="empty">${icon('warn')}<p>${t.common.noFile}</p><button class="button" @click=${() => location.reload()}>${t.common.reload}</button></div>`;
      case 'loading': return nothing;
    }
    return elements[view];
  }

  render() {
    if (this.phase === 'failed') return html`<div class="empty" role="alert">${icon('offline')}<h2>${t.common.gone}</h2></div>`;
    if (this.phase === 'asking') return nothing;
    if (!store.me) {
      this.load('login');
      return html`<v-login></v-login><v-toasts></v-toasts>`;
    }
    if (route().view === 'mini') return this.view();
    return html`<a class="skip" href="#view">${t.skip}</a>
      <div class="shell"><v-header></v-header><v-bars></v-bars><v-places></v-places><main id="view" tabindex="-1">${this.view()}</main></div><v-toasts></v-toasts>`;
  }
}

setTheme();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => setTheme());
customElements.define('v-app', App);
