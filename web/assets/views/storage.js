// @ts-check
// Does it fit, and what does each camera take: one sentence, then the days.
import { css, html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { adopt, View } from '../core/dom.js';
import { fit, fitFrom } from '../core/fit.js';
import { icon } from '../core/icons.js';
import { pathOf, store } from '../core/store.js';
import { t } from '../core/strings.js';
import { bytes, dayOf, format, iso, now } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { confirm } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';
import './more/plot.js';

const hour = 3600e3, day = 24 * hour, back = 30;

/** @typedef {{id: number, camera: string, from: string, to: string, note: string, until?: string, in_force: boolean, bytes: number}} Keep */

class Storage extends View {
  constructor() {
    super();
    /** @type {{start: number, sums: Map<string, number>}[]} the last days, the oldest first */
    this.days = [];
    /** @type {{key: string, value: any}[]} */
    this.rules = [];
    /** @type {Keep[]} */
    this.keeps = [];
    this.asked = false;
    /** @type {import('../core/fit.js').Fit|undefined} */
    this.fit = undefined;
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }

  // The newest first, and drawn as they come: a month of four cameras is 35,000 segments.
  async load() {
    const today = dayOf(now()), sums = new Map();
    const days = [];
    for (let i = back - 1, end = today.end; i >= 0; i--) {
      const { start } = dayOf(end - hour);
      days.unshift({ start, sums: /** @type {Map<string, number>} */ (new Map()) });
      sums.set(start, days[0].sums);
      end = start;
    }
    this.days = days;
    api.get('/keeps', { query: {} }).then((told) => { this.keeps = told.keeps.filter((/** @type {Keep} */ k) => k.in_force); this.requestUpdate(); }, () => {});
    if (store.may('admin')) api.get('/settings').then((told) => { this.rules = told.settings; this.requestUpdate(); }, () => {});
    const oldest = Date.parse(store.system?.disk.oldest || '') || days[0].start;
    /** @type {any[]} */
    const recent = [];
    for (let i = days.length - 1; i >= 0 && days[i].start + day + hour > oldest && this.isConnected; i--) {
      const from = days[i].start, to = dayOf(from + hour).end;
      const list = await attempt(() => api.list('/segments', 'segments', { query: { from: iso(from), to: iso(to), limit: 1000 } }, 20));
      if (!list) break;
      for (const s of list) {
        if (Date.parse(s.start) < from) continue; // it is in the day before
        days[i].sums.set(s.camera, (days[i].sums.get(s.camera) || 0) + s.bytes);
        if (Date.parse(s.end) > now() - 6 * hour) recent.push(s);
      }
      if (i >= days.length - 2 && store.system) this.fit = fit(recent, fitFrom(store.system), store.system.disk);
      this.asked = true;
      this.requestUpdate();
    }
    this.asked = true;
    this.requestUpdate();
  }

  /** @param {string} key */
  rule(key) { return this.rules.find((r) => r.key === key)?.value || ''; }

  verdict() {
    const disk = store.system.disk, kept = disk.oldest ? now() - Date.parse(disk.oldest) : 0;
    if (!kept) return t.storage.nothing;
    const f = this.fit, left = f ? f.days - f.kept / day : 0;
    const age = this.rule('retention.max_age'), size = this.rule('retention.max_size');
    return [t.storage.verdict(kept, f ? left : 0, f ? now() + left * day : undefined), age && t.storage.byAge(age), size && t.storage.bySize(size)].filter(Boolean).join(' ');
  }

  render() {
    const s = store.system;
    if (!s) return html`<div class="page"><h1>${t.storage.title}</h1><div class="card bone tall" aria-busy="true"></div></div>`;
    const cameras = store.cameras, shown = this.days.filter((d, i) => d.sums.size || i > this.days.length - 8);
    const data = [shown.map((d) => (d.start + 12 * hour) / 1000), ...stacked(cameras.map((c) => shown.map((d) => d.sums.get(c.id) || 0)))];
    const total = (/** @type {string} */ id) => shown.reduce((n, d) => n + (d.sums.get(id) || 0), 0);
    const used = s.disk.size_bytes - s.disk.free_bytes;
    return html`<div class="page"><header><h1>${t.storage.title}</h1>${store.may('admin') ? html`<a class="button" href="/more/cameras">${icon('settings')}${t.storage.edit}</a>` : nothing}</header>
      <section class="card"><p class="verdict" aria-live="polite">${this.asked ? this.verdict() : t.common.loading}</p>
        <meter min="0" max=${s.disk.size_bytes} value=${used} aria-label=${t.storage.size}></meter>
        <dl class="facts"><dt>${t.storage.free}</dt><dd>${bytes(s.disk.free_bytes)} / ${bytes(s.disk.size_bytes)}</dd><dt>${t.storage.min}</dt><dd>${bytes(s.disk.min_free_bytes)}</dd>${this.fit ? html`<dt>${t.storage.rate}</dt><dd>${bytes(this.fit.perDay)}</dd>` : nothing}
          ${s.disk.oldest ? html`<dt>${t.storage.oldest}</dt><dd><time>${format(Date.parse(s.disk.oldest), 'datetime')}</time></dd>` : nothing}${s.retention.last_sweep ? html`<dt>${t.storage.swept}</dt><dd><time>${format(Date.parse(s.retention.last_sweep), 'datetime')}</time></dd>` : nothing}<dt>${t.storage.deleted}</dt><dd>${s.retention.deleted}</dd></dl>
        ${s.retention.problem ? html`<p class="problem">${s.retention.problem}</p>` : nothing}</section>
      <section class="card"><h2>${t.storage.bytesOf}</h2><p class="small muted">${t.storage.moreDays}</p><v-plot bars .names=${cameras.map((c) => c.name).reverse()} .data=${[data[0], ...data.slice(1).reverse()]} .unit=${bytes}></v-plot>
        <details><summary>${t.storage.table}</summary><div class="scroll" tabindex="0" role="region" aria-label=${t.storage.bytesOf}><table><thead><tr><th>${t.storage.day}</th>${cameras.map((c) => html`<th class="n">${c.name}</th>`)}<th class="n">${t.storage.total}</th></tr></thead>
          <tbody>${[...shown].reverse().map((d) => html`<tr><td>${format(d.start, 'day')}</td>${cameras.map((c) => html`<td class="n">${bytes(d.sums.get(c.id) || 0)}</td>`)}<td class="n">${bytes([...d.sums.values()].reduce((a, b) => a + b, 0))}</td></tr>`)}</tbody></table></div></details></section>
      <section class="card"><h2>${t.storage.perCamera}</h2><ul>${cameras.map((c) => html`<li class="row"><span class="grow">${c.name}</span><b class="num">${bytes(total(c.id))}</b></li>`)}</ul></section>
      <section class="card"><h2>${t.storage.kept}</h2>${this.keeps.length ? html`<p class="muted small">${t.storage.keptText}</p><ul>${this.keeps.map((k) => this.keep(k))}</ul>` : html`<p class="muted">${t.storage.noKept}</p>`}</section>
      <p class="muted small">${t.storage.preview}</p></div>`;
  }

  /** @param {Keep} k */
  keep(k) {
    const c = store.camera(k.camera), what = `${c?.name || k.camera}, ${format(Date.parse(k.from), 'datetime')}–${format(Date.parse(k.to))}`;
    return html`<li class="row kept">${icon('lock')}<span class="grow"><a href="/timeline/${c ? pathOf(c) : k.camera}?t=${encodeURIComponent(k.from)}">${what}</a><br><span class="small muted num">${k.note ? `${k.note} · ` : ''}${bytes(k.bytes)} · ${k.until ? `${t.storage.until} ${format(Date.parse(k.until), 'datetime')}` : t.storage.forever}</span></span>
      ${store.may('control') ? html`<v-act .label=${t.storage.end} .run=${() => this.letGo(k, what)}></v-act>` : nothing}</li>`;
  }

  /** @param {Keep} k @param {string} what */
  async letGo(k, what) {
    if (!await confirm(t.storage.end, t.storage.endText(what), t.storage.end)) return;
    await api.send('DELETE', `/keeps/${k.id}`);
    toast(t.storage.ended);
    this.keeps = this.keeps.filter((o) => o.id !== k.id);
    this.requestUpdate();
  }
}
customElements.define('v-storage', Storage);

/** Each list on top of the one before. @param {number[][]} lists */
function stacked(lists) {
  let below = lists[0]?.map(() => 0) || [];
  return lists.map((list) => (below = list.map((n, i) => n + below[i])));
}

adopt(css`.kept + .kept { border-top: 1px solid var(--hair); padding-top: 8px; margin-top: 8px; } .verdict { font-size: 16px; font-weight: 600; } meter { width: 100%; height: 12px; } .card.tall { min-height: 320px; } details summary { min-height: 44px; display: flex; align-items: center; cursor: pointer; color: var(--accent); }`);
