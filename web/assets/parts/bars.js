// @ts-check
// What must be seen on every view: the recorder is gone or back, the disk takes nothing, another version runs.
import { html, nothing } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { store } from '../core/store.js';
import { t } from '../core/strings.js';

const patience = 2000; // ms: a reconnect that takes a moment is nobody's business

class Bars extends View {
  constructor() { super(); this.className = 'bars'; }
  connectedCallback() {
    super.connectedCallback();
    this.every(1000);
    this.until(live.onState(() => this.requestUpdate()));
  }
  render() {
    const s = live.state, disk = store.system?.disk;
    const gone = s.phase === 'gone' ? Date.now() - s.since : 0;
    const trouble = disk?.trouble && store.me;
    document.title = (trouble || gone > patience ? '(!) ' : '') + t.name;
    return html`
      ${gone > patience ? html`<div class="strip danger" role="alert">${icon('offline')}<span aria-live="off"><span class="num">${t.link.bar(gone)}</span></span><button class="button" @click=${() => live.hurry()}>${t.link.retry}</button></div>` : nothing}
      ${s.back ? html`<div class="strip ok" role="status">${icon('check')}<span>${t.link.back}</span></div>` : nothing}
      ${trouble ? html`<div class="strip ${disk.trouble === 'slow' ? 'warn' : 'danger'}" role="alert">${icon('warn')}
        <span>${disk.trouble === 'slow' ? t.disk.slow(Date.parse(disk.since)) : t.disk.bar(disk.trouble, Date.parse(disk.since))}</span>
        <a class="button" href="/storage">${t.disk.free}</a><a class="button" href="/more/health">${t.disk.why}</a></div>` : nothing}
      ${store.outdated ? html`<div class="strip" role="status">${icon('reload')}<span>${t.link.outdated}</span><button class="button" @click=${() => location.reload()}>${t.link.reload}</button></div>` : nothing}`;
  }
}
customElements.define('v-bars', Bars);
