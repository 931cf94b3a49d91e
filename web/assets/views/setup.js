// @ts-check
// The way of a camera from its box to the first file, step by step: the home view while there is no camera, and
// the answer to "why is it silent?" of each one later.
import { css, html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { adopt, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { route } from '../core/router.js';
import { store } from '../core/store.js';
import { t } from '../core/strings.js';
import { toast } from '../parts/toast.js';
import '../wall/tile.js';

/** @typedef {{key: string, done: boolean, at?: number, fact?: string}} Step */

/**
 * How far a camera has come. What it has not been seen to do is not done. @param {import('../core/store.js').Camera|undefined} c @returns {Step[]}
 */
export function steps(c) {
  const seen = Date.parse(c?.last_seen || ''), since = Date.parse(c?.since || ''), frame = Date.parse(c?.last_frame || '');
  const fresh = !!c && c.online && c.fps > 0, asked = c?.state === 'streaming' || fresh;
  return [
    // The recorder does not see these two happen: a camera that has registered has been through them.
    { key: 'wifi', done: !!c, fact: c && [t.setup.follows, c.address].filter(Boolean).join(' · ') },
    { key: 'dns', done: !!c, fact: c && t.setup.follows },
    { key: 'http', done: !!c && (!!c.firmware || c.online), fact: [c?.model, c?.firmware].filter(Boolean).join(' · ') },
    { key: 'connect', done: !!c?.online, at: since, fact: c && !c.online ? [c.state, seen ? t.setup.seenAt(seen) : ''].filter(Boolean).join(' · ') : undefined },
    { key: 'approve', done: !!c?.approved },
    { key: 'stream', done: !!c?.online && asked, fact: c?.online ? c.state : undefined },
    { key: 'frame', done: fresh, at: frame, fact: fresh && c ? t.cameras.perSecond(c.fps) : undefined },
    { key: 'file', done: fresh && (c?.recording === 'on' || c?.recording === 'ready'), fact: c?.problem || c?.segment || (c && t.recording[c.recording]) },
  ];
}

class Setup extends View {
  constructor() {
    super();
    this.openSince = { key: '', at: Date.now() };
  }
  connectedCallback() { super.connectedCallback(); this.every(1000); }

  render() {
    const named = route().view === 'setup' ? route().params.camera : undefined;
    const c = named ? store.camera(named) : store.cameras.find((o) => !o.last_frame);
    if (named && !store.known) return html`<div class="page"></div>`;
    if (named && !c) return html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p><a class="button" href="/live">${t.common.toLive}</a></div>`;
    const all = steps(c), first = all.find((s) => !s.done);
    if (first?.key !== this.openSince.key) this.openSince = { key: first?.key || '', at: Date.now() };
    // Help opens by itself where nothing has happened for a while: before that it is only in the way.
    const open = Date.now() - this.openSince.at;
    const helps = open > 20_000 || !!named && open > 1000; // what is done within a second is only being told
    return html`<div class="page"><header><h1>${c ? t.setup.diagnosis(c.name) : store.cameras.length ? t.setup.another : t.setup.title}</h1>${c ? html`<a class="button" href="/live/${c.id}">${icon('live')}${t.nav.live}</a>` : nothing}</header>
      <p class="muted">${!c ? (store.cameras.length ? t.setup.anotherLead : t.setup.lead) : first ? `${t.setup.next}: ${t.setup.steps[first.key][0]}` : t.setup.fine}</p>
      <ol class="rows steps">${all.map((s) => this.step(s, s === first, helps, c))}</ol>
      ${c ? html`<div class="mini"><v-tile plain saver .camera=${c.id}></v-tile></div>` : html`<section class="card"><h2>${t.setup.demoTitle}</h2><p>${code(t.setup.demo)}</p></section>`}</div>`;
  }

  /** @param {Step} s @param {boolean} now @param {boolean} helps @param {import('../core/store.js').Camera|undefined} c */
  step(s, now, helps, c) {
    const [title, help] = t.setup.steps[s.key];
    return html`<li class=${s.done ? 'done' : now ? 'now' : ''}><span class="mark" aria-hidden="true">${s.done ? icon('check', 18) : nothing}</span>
      <div class="grow"><div class="row"><b>${title}</b><span class="small ${s.done ? 'muted' : now ? 'warn-text' : 'muted'} num">${s.done ? (s.at ? t.setup.seenAt(s.at) : '') : now ? t.setup.waitingNow : t.setup.pending}</span></div>
        <div class="small muted num">${s.fact || '\u00a0'}</div>
        ${now && (helps || !c) ? html`<details ?open=${helps}><summary>${t.setup.next}</summary><p class="small">${help}</p></details>` : nothing}
        ${now && s.key === 'approve' && c && store.may('control') ? html`<v-act kind="primary" .label=${t.setup.approve} .run=${async () => { await api.send('POST', `/cameras/${c.id}/approve`); toast(t.setup.approved); }}></v-act>` : nothing}</div></li>`;
  }
}
customElements.define('v-setup', Setup);

/** A text in which `commands` stand. @param {string} text */
export const code = (text) => text.split('`').map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));

adopt(css`
  .steps li { align-items: start; padding-top: 12px; padding-bottom: 12px; }
  .steps .mark { flex: none; width: 24px; height: 24px; border: 2px solid var(--line); border-radius: 50%; display: grid; place-items: center; }
  .steps .done .mark { background: var(--ok); border-color: var(--ok); } .steps .done .mark .icon { color: var(--surface); stroke-width: 3; } .steps .now .mark { border-color: var(--warn); border-width: 3px; }
  .steps details { margin-top: 4px; } .steps summary { min-height: 24px; cursor: pointer; color: var(--accent); font-size: 12px; padding: 4px 0; } .steps v-act { margin-top: 8px; }
  .mini { max-width: 320px; } code { font: 13px/1.4 ui-monospace, monospace; background: var(--raised); padding: 1px 5px; border-radius: 4px; }
`);
