// @ts-check
// What opens over the page: from below on a phone, in the middle on a desk. A dialog of the browser keeps focus in it and gives it back.
import { html, render } from '../lib/lit.js';
import { t } from '../core/strings.js';
import './act.js';
import './toast.js';

let titles = 0;

/**
 * Opens a sheet. @template T
 * @param {string} title
 * @param {(close: (answer?: T) => void, redraw: () => void) => unknown} body its content, below the title
 * @returns {Promise<T|undefined>} what it was closed with; undefined: it was left
 */
export function sheet(title, body) {
  const dialog = document.createElement('dialog');
  const id = `sheet-${++titles}`;
  dialog.setAttribute('aria-labelledby', id);
  document.body.append(dialog);
  return new Promise((resolve) => {
    /** @type {T|undefined} */
    let answer;
    const close = (/** @type {T|undefined} */ with_) => { answer = with_; dialog.close(); };
    const redraw = () => render(html`<div class="inner"><h2 id=${id}>${title}</h2>${body(close, redraw)}</div><v-toasts></v-toasts>`, dialog);
    dialog.addEventListener('close', () => { render(html``, dialog); dialog.remove(); resolve(answer); });
    dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); }); // on the shade beside it
    addEventListener('popstate', () => dialog.close(), { once: true });
    redraw();
    dialog.showModal();
  });
}

/** Asks before something is done that cannot be undone. @param {string} title @param {string} text @param {string} yes @returns {Promise<boolean>} */
export async function confirm(title, text, yes) {
  return await sheet(title, (close) => html`<p>${text}</p><div class="ends">
    <v-act local .label=${t.common.cancel} .run=${() => close(false)}></v-act>
    <v-act kind="danger" .label=${yes} .run=${() => close(true)}></v-act></div>`) === true;
}
