// @ts-check
// What elements of the page share. They render into the document itself: one style sheet, and labels, focus and
// anchors that need no bridge.
import { LitElement } from '../lib/lit.js';
import { live } from './live.js';
import { store } from './store.js';

/** An element that renders without a shadow, and again when the store changes. */
export class View extends LitElement {
  /** @type {(() => void)[]} */
  #ends = [];
  createRenderRoot() { return this; }
  connectedCallback() {
    super.connectedCallback();
    this.until(store.subscribe(() => this.requestUpdate()));
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    for (const end of this.#ends.splice(0)) end();
  }
  /** Has something ended when the element leaves the page. @param {() => void} end */
  until(end) { this.#ends.push(end); }
  /** Renders each so many ms while the page is seen. @param {number} ms */
  every(ms) {
    const timer = setInterval(() => !document.hidden && this.requestUpdate(), ms);
    this.until(() => clearInterval(timer));
  }
  /** Calls load now, and again when what was asked for before is stale. @param {() => void} load */
  asks(load) {
    load();
    this.until(live.onAfresh(load));
  }
}

/** Adds the style sheet of a module to the document. @param {import('../lib/lit.js').CSSResult} css */
export function adopt(css) {
  if (css.styleSheet) document.adoptedStyleSheets.push(css.styleSheet);
}

/** A value that stays on this device; storage may be forbidden. @param {string} key */
export const kept = {
  /** @param {string} key @param {string} [otherwise] */
  get(key, otherwise = '') {
    try { return localStorage.getItem('v720dvr.' + key) ?? otherwise; } catch { return otherwise; }
  },
  /** @param {string} key @param {string} value */
  set(key, value) {
    try { localStorage.setItem('v720dvr.' + key, value); } catch { /* a private window forgets */ }
  },
};

/** Has the browser keep bytes as a file. @param {Blob|string} what a URL or the bytes @param {string} name */
export function download(what, name) {
  const link = document.createElement('a');
  link.href = typeof what === 'string' ? what : URL.createObjectURL(what);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  if (typeof what !== 'string') setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Copies a text; on plain http there is no clipboard API. @param {string} text @returns {boolean} */
export function copy(text) {
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
