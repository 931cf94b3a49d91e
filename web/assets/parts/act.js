// @ts-check
// A button that does something at the recorder: busy at once, a second tap is ignored, the result in words.
import { html, nothing } from '../lib/lit.js';
import { ApiError } from '../core/api.js';
import { View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { t } from '../core/strings.js';
import { toast } from './toast.js';

/** Does something, and tells when it could not be done. @template T @param {() => Promise<T>} what @returns {Promise<T|undefined>} */
export async function attempt(what) {
  try {
    return await what();
  } catch (err) {
    toast(t.common.failed(err instanceof ApiError ? err.text : String(err)), { bad: true });
    return undefined;
  }
}

/** Properties: label, icon, kind ('', primary, danger, plain), run (what it does), off (disabled), local (it needs no recorder). */
class Act extends View {
  static properties = { label: {}, icon: {}, kind: {}, run: { attribute: false }, off: { type: Boolean }, local: { type: Boolean }, busy: { state: true } };
  constructor() {
    super();
    this.label = '';
    this.kind = '';
    /** @type {import('../core/icons.js').Icon|undefined} */
    this.icon = undefined;
    /** @type {() => unknown} */
    this.run = () => undefined;
    this.off = this.local = this.busy = false;
  }
  connectedCallback() {
    super.connectedCallback();
    this.until(live.onState(() => this.requestUpdate()));
  }
  async press() {
    if (this.busy) return;
    this.busy = true;
    await attempt(async () => this.run());
    this.busy = false;
  }
  render() {
    const gone = !this.local && live.state.phase === 'gone';
    this.className = `act ${this.kind} ${this.classList.contains('wide') ? 'wide' : ''}`;
    return html`<button type="button" ?disabled=${this.off || gone} aria-busy=${this.busy} title=${gone ? t.common.gone : nothing} @click=${() => this.press()}>${icon(this.icon)}${this.label}</button>`;
  }
}
customElements.define('v-act', Act);
