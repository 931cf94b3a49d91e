// @ts-check
// How much is on the disk: what there is of each camera by its day, what is to be expected, and the room. Drawn, and as a table.
import { html, nothing } from '../../lib/lit.js';
import { View } from '../../core/dom.js';
import { words } from '../../core/strings-storage.js';
import { bytes, format, zone } from '../../core/time.js';
import '../more/plot.js';

/**
 * @typedef {object} Stored as GET /storage tells it
 * @property {string} at @property {number} size_bytes @property {number} free_bytes @property {number} min_free_bytes @property {number} bytes @property {number} kept_bytes
 * @property {string[]} choked @property {boolean} known @property {number} [days] @property {number} [room_bytes] @property {string} [by] @property {string} [full]
 * @property {{camera: string, name: string, bytes: number, kept_bytes: number, oldest: string, days?: number, by?: string, day_bytes: number}[]} cameras
 * @property {{from: string, to: string, bytes: Record<string, number>}[]} past
 * @property {{at: string, low_bytes: number, bytes: number, high_bytes: number}[]} ahead
 * @property {Record<string, number>} before
 */

/** Properties: stored. */
class Level extends View {
  static properties = { stored: { attribute: false } };
  constructor() {
    super();
    /** @type {Stored|undefined} */
    this.stored = undefined;
    this.inZone = zone.parts;
  }

  /** The store changes each second, and this is much to draw: only when it is told anew. @param {Map<string, unknown>} changed */
  shouldUpdate(changed) {
    if (this.hasUpdated && !changed.has('stored') && this.inZone === zone.parts) return false;
    this.inZone = zone.parts;
    return true;
  }

  /** Lists for the plot: times, each camera on top of those below it (the topmost first), then what is expected. @param {Stored} s */
  lists(s) {
    const first = s.past.findIndex((d) => Object.values(d.bytes).some(Boolean));
    const past = s.past.slice(Math.max(0, Math.min(first < 0 ? s.past.length : first, s.past.length - 7)));
    const skipped = s.past.slice(0, s.past.length - past.length);
    const times = [...past.map((d) => Math.min(Date.parse(d.to), Date.parse(s.at)) / 1000), ...s.ahead.slice(1).map((l) => Date.parse(l.at) / 1000)];
    const ahead = s.ahead.slice(1), none = ahead.map(() => null);
    let below = past.map(() => 0);
    const stacked = s.cameras.map((c) => {
      let sum = (s.before[c.camera] || 0) + skipped.reduce((n, d) => n + (d.bytes[c.camera] || 0), 0);
      const own = past.map((d) => (sum += d.bytes[c.camera] || 0));
      return (below = own.map((n, i) => n + below[i]));
    });
    /** @param {'low_bytes'|'bytes'|'high_bytes'} key */
    const line = (key) => [...past.map((_, i) => (i === past.length - 1 ? below[i] : null)), ...ahead.map((l) => l[key])];
    // A room many times as large would leave nothing else to see.
    const room = s.room_bytes && s.room_bytes < 8 * Math.max(s.bytes, s.ahead.at(-1)?.high_bytes || 0) ? s.room_bytes : 0;
    return { past, room, data: [times, ...stacked.map((list) => [...list, ...none]).reverse(), line('high_bytes'), line('bytes'), line('low_bytes'), ...(room ? [times.map(() => room)] : [])] };
  }

  render() {
    const s = this.stored;
    if (!s) return html`<div class="card bone tall" aria-busy="true"></div>`;
    const { past, room, data } = this.lists(s), cameras = s.cameras.map((c) => c.name);
    const names = [...[...cameras].reverse(), words.busy, words.usual, words.slow, ...(room ? [words.room] : [])];
    return html`<section class="card"><h2>${words.level}</h2><p class="small muted">${words.levelText} ${room ? words.roomLine : s.room_bytes ? words.roomLarge(bytes(s.room_bytes)) : nothing}</p>
      <v-plot days .names=${names} .data=${data} .unit=${bytes} .areas=${cameras.length} .lines=${['dash', '', 'dash', 'quota']}></v-plot>
      <details><summary>${words.table}</summary><div class="scroll" tabindex="0" role="region" aria-label=${words.level}><table>
        <thead><tr><th>${words.day}</th>${cameras.map((n) => html`<th class="n">${n}</th>`)}<th class="n">${words.together}</th></tr></thead>
        <tbody>${[...past].reverse().map((d) => html`<tr><td>${format(Date.parse(d.from), 'day')}</td>${s.cameras.map((c) => html`<td class="n">${bytes(d.bytes[c.camera] || 0)}</td>`)}<td class="n">${bytes(Object.values(d.bytes).reduce((a, b) => a + b, 0))}</td></tr>`)}</tbody></table>
        ${s.ahead.length > 1 ? html`<table><thead><tr><th>${words.ahead}</th><th class="n">${words.slow}</th><th class="n">${words.usual}</th><th class="n">${words.busy}</th></tr></thead>
        <tbody>${s.ahead.slice(1).map((l) => html`<tr><td>${format(Date.parse(l.at), 'day')}</td><td class="n">${bytes(l.low_bytes)}</td><td class="n">${bytes(l.bytes)}</td><td class="n">${bytes(l.high_bytes)}</td></tr>`)}</tbody></table>` : ''}</div></details></section>`;
  }
}
customElements.define('v-level', Level);
