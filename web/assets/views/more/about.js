// @ts-check
// Which version runs and since when, how the page looks, who one is.
import { html, nothing } from '../../lib/lit.js';
import { View } from '../../core/dom.js';
import { logOut } from '../../core/session.js';
import { store } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { setTheme, theme } from '../../core/theme.js';
import { format, length, now, zone } from '../../core/time.js';
import '../../parts/act.js';

const lib = (/** @type {string} */ name) => new URL(`../../lib/${name}`, import.meta.url).pathname;

class About extends View {
  connectedCallback() { super.connectedCallback(); this.every(10_000); }
  render() {
    const s = store.system;
    return html`<h1>${t.about.title}</h1>
      <section class="card"><dl class="facts"><dt>${t.about.version}</dt><dd>${s?.version || store.build}</dd>${s ? html`<dt>${t.about.run}</dt><dd>${format(Date.parse(s.started), 'full')}</dd><dt>${t.about.up}</dt><dd>${length(now() - Date.parse(s.started))}</dd>` : nothing}<dt>${t.about.zone}</dt><dd>${zone.name} (${zone.at(now()).name})</dd><dt>${t.about.you}</dt><dd>${store.me?.who} · ${store.me?.scopes.join(', ')}</dd></dl></section>
      <fieldset class="card plain"><legend><h2>${t.about.theme}</h2></legend>${/** @type {const} */ (['system', 'light', 'dark']).map((v) => html`<label class="tick"><input type="radio" name="theme" .checked=${theme() === v} @change=${() => { setTheme(v); this.requestUpdate(); }}>${t.about.themes[v]}</label>`)}</fieldset>
      ${store.me?.user ? html`<v-act icon="logout" .label=${t.about.logout} .run=${() => logOut()}></v-act>` : html`<p class="muted">${t.about.nobody}</p>`}
      <p class="small muted">${t.about.free} <a href=${lib('LICENSE-lit.txt')} target="_blank">Lit</a>, <a href=${lib('LICENSE-uplot.txt')} target="_blank">uPlot</a>, <a href=${lib('LICENSE-lucide.txt')} target="_blank">Lucide</a>. <a href="/api/v1/openapi.json" target="_blank">${t.about.api}</a></p>`;
  }
}
customElements.define('v-about', About);
