// @ts-check
// The way of a camera from its box to the first file, step by step as the recorder sees it: the home view while there
// is no camera, and the answer to "why is it silent?" of each one later.
import { css, html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { adopt, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { route } from '../core/router.js';
import { store } from '../core/store.js';
import { s as words } from '../core/strings-setup.js';
import { t } from '../core/strings.js';
import { ailing } from '../parts/ailments.js';
import { confirm } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';
import '../wall/tile.js';

/** @typedef {import('../core/store.js').Camera} Camera @typedef {import('../core/store.js').Arrival} Arrival */
/** @typedef {{key: string, done: boolean, optional?: boolean, at?: number, fact?: string, line?: string}} Step optional: nobody waits for it */

const patience = 20_000; // ms without progress until the help of a step opens by itself

/** How far a camera has come. What it has not been seen to do is not done. @param {Camera|undefined} c @param {Arrival|undefined} a @returns {Step[]} */
export function steps(c, a) {
  const seen = new Map((a?.steps || []).map((one) => [one.step, one]));
  const step = (/** @type {import('../core/store.js').StepName} */ key, /** @type {boolean} */ done, /** @type {Partial<Step>} */ more = {}) => {
    const one = seen.get(key);
    return { key, done, at: one ? Date.parse(one.at) : undefined, line: one?.line, ...more };
  };
  const streams = !!c?.online && c.state === 'streaming', flows = !!c?.online && (c.fps > 0 || Date.parse(seen.get('frame')?.at || '') >= Date.parse(seen.get('stream')?.at || ''));
  const where = [a?.address || c?.address, a?.mac].filter(Boolean).join(' · ');
  return [
    { key: 'wifi', done: !!c || !!a, fact: where || undefined },
    ...(seen.has('dns') || store.system?.dns ? [step('dns', seen.has('dns') || !!c?.online)] : []),
    step('http', seen.has('http') || !!c?.online, { fact: [c?.model, c?.firmware].filter(Boolean).join(' · ') }),
    step('connect', !!c?.online, { fact: c && !c.online ? [c.state, c.away].filter(Boolean).join(' · ') : undefined }),
    step('mqtt', !!c?.online && seen.has('mqtt'), { optional: true }),
    ...(c && !c.approved ? [{ key: 'approve', done: false }] : []),
    step('stream', streams || flows, { fact: c?.online ? c.state : undefined }),
    step('frame', flows, { fact: flows && c?.fps ? t.cameras.perSecond(c.fps) : undefined }),
    step('sound', flows && seen.has('sound'), { optional: true }),
    step('file', flows && seen.has('file'), { optional: c?.recording === 'on' || c?.recording === 'ready', fact: c?.problem || (c?.segment ? words.writing(c.segment) : c && t.recording[c.recording]) }),
  ];
}

/** Who may start and stop a demo camera, which belongs to nobody's own cameras. */
export const demoes = () => store.may('admin') && !!store.me?.all_cameras;

/** Ends the demo, if whoever tapped means it. */
export async function stopDemo() {
  if (!(await confirm(t.wall.stopDemo, words.stopDemoText, t.wall.stopDemo))) return;
  await api.send('DELETE', '/demo');
  toast(t.wall.demoStopped);
}

class Setup extends View {
  constructor() {
    super();
    this.progress = { mark: '', at: Date.now() };
  }
  connectedCallback() {
    super.connectedCallback();
    this.every(1000);
    this.until(live.onState(() => this.requestUpdate()));
  }

  /** The camera that is on its way, and what was seen of it; or of an address that may become one. @returns {{c: Camera|undefined, a: Arrival|undefined}} */
  who() {
    const named = route().view === 'setup' ? route().params.camera : undefined;
    const c = named ? store.camera(named) : store.cameras.find((o) => !o.last_frame && o.online) || store.cameras.find((o) => !o.last_frame && store.arrivals.some((a) => a.camera === o.id));
    if (named || c) return { c, a: store.arrivals.find((a) => a.camera === c?.id) };
    const newest = (/** @type {Arrival} */ a) => Math.max(0, ...a.steps.map((one) => Date.parse(one.at)));
    const known = new Set(store.cameras.map((o) => o.id));
    const a = store.arrivals.filter((one) => !one.camera || !known.has(one.camera)).sort((x, y) => newest(y) - newest(x))[0];
    return { c: undefined, a: store.cameras.length ? undefined : a };
  }

  render() {
    const named = route().view === 'setup' ? route().params.camera : undefined, { c, a } = this.who();
    if (named && !store.known) return html`<div class="page"></div>`;
    if (named && !c) return html`<div class="empty">${icon('search')}<p>${t.common.unknownCamera}</p><a class="button" href="/live">${t.common.toLive}</a></div>`;
    const all = steps(c, a), first = all.find((one) => !one.done && !one.optional);
    const mark = all.map((one) => (one.done ? one.key : '')).join();
    if (mark !== this.progress.mark) this.progress = { mark, at: Date.now() };
    // Help opens by itself where nothing has happened for a while: before that it is only in the way.
    const open = Date.now() - this.progress.at;
    const helps = open > patience || (!!named && open > 1000); // what is done within a second is only being told
    const strangers = c ? [] : store.arrivals.filter((one) => !one.camera && one !== a);
    return html`<div class="page"><header><h1>${named && c ? words.diagnosis(c.name) : store.cameras.some((o) => o.last_frame) ? words.another : words.title}</h1>${c?.last_frame ? html`<a class="button" href="/live/${c.id}">${icon('live')}${t.nav.live}</a>` : nothing}<a class="button" href="/more/doctor">${icon('search')}${t.more.parts.doctor[0]}</a></header>
      <p class="muted" role="status">${!c && !a ? (store.cameras.length ? words.anotherLead : words.lead) : first ? `${words.next}: ${words.steps[first.key][0]}` : c?.ailments?.length ? words.ails : words.fine}</p>
      ${ailing(c)}
      <ol class="rows steps">${all.map((one) => this.step(one, one === first, helps, c))}</ol>
      ${strangers.length ? html`<section class="card"><h2>${words.strangers}</h2><p class="small muted">${words.strangersText}</p><ul>${strangers.slice(0, 8).map((one) => html`<li class="num small">${[one.address, one.mac, ...one.steps.map((o) => words.steps[o.step][0])].filter(Boolean).join(' · ')}</li>`)}</ul></section>` : nothing}
      ${c ? html`<div class="mini"><v-tile plain saver .camera=${c.id}></v-tile></div>` : store.cameras.length || a ? nothing : html`<section class="card"><h2>${words.demoTitle}</h2>
        ${demoes() ? html`<p>${words.demo}</p><div><v-act icon="play" .label=${words.startDemo} .run=${() => api.send('POST', '/demo')}></v-act></div>` : html`<p>${words.demoAdmin}</p>`}</section>`}
      ${c?.demo && demoes() ? html`<section class="card"><p>${t.wall.demo}</p><div><v-act .label=${t.wall.stopDemo} .run=${stopDemo}></v-act></div></section>` : nothing}</div>`;
  }

  /** @param {Step} one @param {boolean} now @param {boolean} helps @param {Camera|undefined} c */
  step(one, now, helps, c) {
    const [title, help] = words.steps[one.key];
    const when = one.done ? (one.at ? words.seenAt(one.at) : '') : one.at ? words.lastSeen(one.at) : now ? words.waitingNow : words.pending;
    return html`<li class=${one.done ? 'done' : now ? 'now' : ''} data-step=${one.key}><span class="mark" aria-hidden="true">${one.done ? icon('check', 18) : nothing}</span>
      <div class="grow"><div class="row"><b>${title}</b><span class="small ${now && !one.done ? 'warn-text' : 'muted'} num">${when}</span></div>
        <div class="small muted num">${one.fact || '\u00a0'}</div>
        ${one.line ? html`<code class="line" title=${one.line}>${one.line}</code>` : nothing}
        ${now && (helps || !c) ? html`<details ?open=${helps}><summary>${words.next}</summary><p class="small">${help}</p></details>` : nothing}
        ${now && one.key === 'approve' && c && store.may('control') ? html`<v-act kind="primary" .label=${words.approve} .run=${async () => { await api.send('POST', `/cameras/${c.id}/approve`); toast(words.approved); }}></v-act>` : nothing}</div></li>`;
  }
}
customElements.define('v-setup', Setup);

adopt(css`
  .steps li { align-items: start; padding-top: 12px; padding-bottom: 12px; }
  .steps .mark { flex: none; width: 24px; height: 24px; border: 2px solid var(--line); border-radius: 50%; display: grid; place-items: center; }
  .steps .done .mark { background: var(--ok); border-color: var(--ok); } .steps .done .mark .icon { color: var(--surface); stroke-width: 3; } .steps .now .mark { border-color: var(--warn); border-width: 3px; }
  .steps .row { justify-content: space-between; } .steps details { margin-top: 4px; } .steps summary { min-height: 24px; cursor: pointer; color: var(--accent); font-size: 12px; padding: 4px 0; } .steps v-act { margin-top: 8px; }
  .steps .line { display: block; margin-top: 4px; padding: 2px 6px; font-size: 12px; color: var(--muted); background: var(--raised); border-radius: 4px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .mini { max-width: 320px; } code { font: 13px/1.4 ui-monospace, monospace; background: var(--raised); padding: 1px 5px; border-radius: 4px; }
`);

/** A text in which `commands` stand. @param {string} text */
export const code = (text) => text.split('`').map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));
