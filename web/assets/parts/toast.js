// @ts-check
// A word at the lower edge on what was done, with a way back where there is one.
import { html, nothing } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { t } from '../core/strings.js';

/** @typedef {{text: string, bad?: boolean, undo?: () => void, n: number}} Toast */

/** @type {Toast[]} */
let toasts = [];
let made = 0;
/** On the page, and in each sheet: while one is open, what lies outside of it can be neither pressed nor read aloud. @type {Set<Toasts>} */
const shown = new Set();
const redraw = () => { for (const one of shown) one.requestUpdate(); };

/** Tells the result of something. @param {string} text @param {{bad?: boolean, undo?: () => void, ms?: number}} [how] */
export function toast(text, how = {}) {
  const one = { text, bad: how.bad, undo: how.undo, n: ++made };
  toasts = [...toasts.slice(-2), one];
  redraw();
  setTimeout(() => drop(one), how.ms ?? (how.undo || how.bad ? 10_000 : 4000));
}

/** @param {Toast} one */
function drop(one) {
  toasts = toasts.filter((o) => o !== one);
  redraw();
}

class Toasts extends View {
  connectedCallback() {
    super.connectedCallback();
    shown.add(this);
    this.until(() => shown.delete(this));
  }
  render() {
    return html`<div class="toasts" role="status" aria-live="polite">${toasts.map((o) => html`
      <div class=${o.bad ? 'toast danger' : 'toast'}><span>${o.text}</span>
        ${o.undo ? html`<button @click=${() => { o.undo?.(); drop(o); }}>${t.common.undo}</button>` : nothing}
        <button @click=${() => drop(o)}>${t.common.close}</button></div>`)}</div>`;
  }
}
customElements.define('v-toasts', Toasts);
