// @ts-check
// Each camera's time in one line, and of a night its best pictures: what happened, at a glance.
import { html, nothing, repeat } from '../lib/lit.js';
import { go } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { words } from '../core/strings-events.js';
import { format } from '../core/time.js';
import { micros } from '../player/stamp.js';
import { link } from '../timeline/places.js';
import '../timeline/strip.js';
import '../timeline/thumb.js';
import { place, playing, watch } from './place.js';

/** @typedef {import('./filter.js').Filter} Filter */
/** @typedef {import('./groups.js').Group} Group */

const most = 12, best = 6;

/** @param {Filter} f @param {Group[]} groups of which the best are shown; none: lines alone */
export function strips(f, groups) {
  const cameras = f.cams.length ? store.cameras.filter((c) => f.cams.some((x) => store.camera(x) === c)) : store.cameras;
  return html`<section class="ev-strips" aria-label=${words.strip}>${repeat(cameras.slice(0, most), (c) => c.id, (c) => html`<div>
    <a href="/timeline/${encodeURIComponent(pathOf(c))}?t=${encodeURIComponent(link(f.from * 1000))}&span=${f.to - f.from > 86400e3 ? '7d' : '12h'}" @click=${(/** @type {MouseEvent} */ e) => into(e, c.id, f)}>
      <span>${c.name}</span><v-strip .camera=${c.id} .from=${f.from} .to=${f.to}></v-strip></a>
    ${bestOf(groups, c.id)}</div>`)}</section>`;
}

/** @param {Group[]} groups @param {string} camera */
function bestOf(groups, camera) {
  const list = groups.filter((g) => g.camera === camera && g.best.best).sort((a, b) => b.peak - a.peak).slice(0, best).sort((a, b) => a.from - b.from);
  if (!list.length) return nothing;
  return html`<div class="ev-best">${repeat(list, (g) => g.key, (g) => html`<a href=${playing({ key: g.key, from: g.from, to: g.to, groups: [g], shown: g, fresh: g.fresh, kept: g.kept })} aria-label="${words.play}: ${format(g.from, 'datetime')}"
    @click=${() => watch(g.events.filter((e) => !e.seen))}><v-thumb .camera=${camera} .us=${micros(g.best.best ?? g.best.at)} .box=${g.best.best_box}></v-thumb><span class="num small">${format(g.from, 'hm')}</span></a>`)}</div>`;
}

/** A tap on a line goes to the moment under the finger. @param {MouseEvent} e @param {string} camera @param {Filter} f */
function into(e, camera, f) {
  const line = /** @type {HTMLElement} */ (e.currentTarget).querySelector('v-strip')?.getBoundingClientRect();
  if (!line || e.clientX < line.left || e.ctrlKey || e.metaKey || !e.clientX) return;
  e.preventDefault();
  e.stopPropagation();
  go(place(camera, f.from + ((e.clientX - line.left) / line.width) * (f.to - f.from)));
}
