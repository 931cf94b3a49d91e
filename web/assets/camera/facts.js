// @ts-check
// What a camera is, as it says itself and as the recorder sees it.
import { html, nothing } from '../lib/lit.js';
import { live } from '../core/live.js';
import { words } from '../core/strings-camera.js';
import { t } from '../core/strings.js';
import { format, now } from '../core/time.js';

/** @typedef {import('../core/store.js').Camera} Camera @typedef {import('./tell.js').State} State */

const when = (/** @type {string|undefined} */ at) => (at ? html`<time datetime=${at}>${format(Date.parse(at), 'datetime')}</time>` : '–');

/** Share of pictures that did not come whole, since the camera first came. @param {State} s */
function loss(s) {
  const all = s.pictures + s.lost;
  return all ? words.lossOf((100 * s.lost) / all, s.lost) : '–';
}

/** How it can be told something. @param {State} s */
const ways = (s) => [s.control && words.ways.control, s.mqtt && words.ways.mqtt].filter(Boolean).join(', ') || words.ways.none;

/** @param {Camera} c @param {State|undefined} s undefined: not known yet */
export function facts(c, s) {
  const row = (/** @type {string} */ name, /** @type {unknown} */ value) => html`<dt>${name}</dt><dd>${value || '–'}</dd>`;
  const told = (/** @type {unknown} */ value) => (s ? value || words.unknown : '–');
  const here = live.state.phase !== 'gone' && c.online;
  return html`<section class="card"><h2>${words.is}</h2><dl class="facts">
    ${row(t.cameras.model, c.model)}${row(t.cameras.firmware, c.firmware || s?.firmware)}${row(t.cameras.id, c.id)}${row(t.cameras.address, c.address)}
    ${row(words.wifi, told(s?.wifi))}${row(words.battery, told(s?.battery !== undefined && `${s.battery} %${s.low_battery ? `, ${words.low}` : ''}`))}
    ${row(words.card, s && (s.card ? words.cardSize(s.card.capacity_gb, s.card.free_mb) : words.noCard))}${row(words.reach, s && ways(s))}
    ${row(t.cameras.since, here ? when(c.since) : '–')}${row(t.cameras.seen, when(c.last_seen))}${row(words.connections, s && words.times(s.connections))}
    ${row(words.rate, here ? t.cameras.perSecond(c.fps) : '–')}${row(words.loss, s && loss(s))}
    ${row(t.cameras.repaired, String(c.repaired))}${row(t.cameras.dropped, String(c.dropped))}
    ${c.segment ? row(t.cameras.file, c.segment) : nothing}${s?.reported_at ? row(words.told, words.ago(Math.max(0, now() - Date.parse(s.reported_at)))) : nothing}</dl></section>`;
}
