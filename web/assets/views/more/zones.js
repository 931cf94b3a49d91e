// @ts-check
// The cameras whose motion can be tuned.
import { html } from '../../lib/lit.js';
import { View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { pathOf } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { ordered } from '../../wall/order.js';

class Tunings extends View {
  render() {
    const all = ordered();
    return html`<header><h1>${t.more.parts.zones[0]}</h1></header>
      ${all.length ? html`<nav class="rows" aria-label=${t.more.parts.zones[0]}>${all.map((c) => html`<a href="/setup/${pathOf(c)}/zones">${icon('zones')}<b class="grow">${c.name}</b>${icon('right')}</a>`)}</nav>`
      : html`<div class="empty">${icon('live')}<p>${t.pill.none}</p></div>`}`;
  }
}
customElements.define('v-tunings', Tunings);
