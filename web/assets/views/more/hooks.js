// @ts-check
// Who is told what happens: each hook, how its calls go, and a test of it.
import { css, html, nothing } from '../../lib/lit.js';
import { api, ApiError } from '../../core/api.js';
import { adopt, copy, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { store } from '../../core/store.js';
import { first, words } from '../../core/strings-hooks.js';
import { now } from '../../core/time.js';
import '../../parts/act.js';
import { toast } from '../../parts/toast.js';

/**
 * @typedef {{name: string, on: string[], form: 'command'|'json'|'ntfy', where: string, cameras: string[], signed: boolean, waiting: number, oldest?: string, done: number, failed: number, lost: number,
 *   called?: string, ok: boolean, answer?: string}} Hook as GET /hooks tells it
 * @typedef {{on: string, sent: string, ok: boolean, answer: string, error?: string, seconds: number}} Trial what came of a test
 */

const guide = new URL('../../docs/hooks.md', import.meta.url).pathname;
const again = 15_000; // ms between two looks at how calls go
const longest = 630_000; // ms that a test may take: the longest timeout of a hook, and a little

/** A line of JSON in lines for people; others as they are. @param {string} text */
const inLines = (text) => text.split('\n').map((line) => {
  try { return line.startsWith('{') ? JSON.stringify(JSON.parse(line), null, 2) : line; } catch { return line; }
}).join('\n');

class Hooks extends View {
  constructor() {
    super();
    /** @type {Hook[]|undefined} */
    this.hooks = undefined;
    this.failed = '';
    /** @type {Map<string, Trial|'runs'>} of each hook the last test */
    this.trials = new Map();
  }
  connectedCallback() {
    super.connectedCallback();
    this.asks(() => this.load());
    const timer = setInterval(() => !document.hidden && this.load(), again);
    this.until(() => clearInterval(timer));
  }

  async load() {
    if (!store.may('admin')) return;
    try {
      this.hooks = (await api.get('/hooks')).hooks;
      this.failed = '';
    } catch (err) {
      this.failed = err instanceof ApiError ? err.text : String(err);
    }
    this.requestUpdate();
  }

  /** @param {Hook} h */
  async test(h) {
    const with_ = /** @type {HTMLSelectElement|null} */ (this.querySelector(`[data-hook="${CSS.escape(h.name)}"] select`));
    this.trials.set(h.name, 'runs');
    this.requestUpdate();
    try {
      this.trials.set(h.name, await api.send('POST', `/hooks/${encodeURIComponent(h.name)}/test`, with_ ? { on: with_.value } : {}, { limit: longest }));
    } catch (err) {
      this.trials.delete(h.name);
      throw err; // the button tells it
    } finally {
      this.requestUpdate();
    }
  }

  render() {
    if (!store.may('admin')) return html`<h1>${words.title}</h1><p class="muted">${words.admin}</p>`;
    return html`<header><h1>${words.title}</h1><v-act icon="reload" .label=${words.again} .run=${() => this.load()}></v-act></header>
      <p class="muted">${words.lead}</p>
      ${this.failed ? html`<p class="problem" role="alert">${this.failed}</p>` : nothing}
      ${this.hooks?.length === 0 ? this.nobody() : this.hooks?.map((h) => this.hook(h))}
      ${this.hooks ? html`<p><a class="hook-guide" href=${guide} target="_blank">${icon('info')}${words.guide}</a></p>` : nothing}`;
  }

  nobody() {
    return html`<section class="card hook-none"><h2>${words.none}</h2><p>${words.noneText}</p><pre tabindex="0" role="region" aria-label="config.toml">${first}</pre>
      <div><v-act local icon="copy" .label=${words.copy} .run=${() => { if (copy(first)) toast(words.copied); }}></v-act></div></section>`;
  }

  /** @param {Hook} h */
  hook(h) {
    const called = h.called ? Date.parse(h.called) : undefined, trial = this.trials.get(h.name);
    const [colour, mark, state] = called === undefined ? /** @type {const} */ (['', 'info', words.fresh]) : h.ok ? /** @type {const} */ (['ok', 'check', words.worked]) : /** @type {const} */ (['danger', 'warn', words.failed]);
    return html`<section class="card" data-hook=${h.name} aria-label=${h.name}><header><h2>${h.name}</h2><span class="chip ${colour}">${icon(mark, 14)}${state}</span></header>
      <dl class="facts"><dt>${words.told}</dt><dd>${h.on.map((on) => words.on[on] || on).join(', ')}</dd><dt>${words.goes}</dt><dd>${words.to(h.form, h.where, h.signed)}</dd>
        ${h.cameras.length ? html`<dt>${words.cameras}</dt><dd>${h.cameras.map((c) => store.camera(c)?.name || c).join(', ')}</dd>` : nothing}
        <dt>${words.last}</dt><dd>${called === undefined ? words.never : words.at(called, Math.max(0, now() - called))}</dd>
        ${called !== undefined && h.answer ? html`<dt>${words.answer}</dt><dd class=${h.ok ? 'hook-answer' : 'hook-answer danger-text'}>${h.answer}</dd>` : nothing}
        <dt>${words.waits}</dt><dd class=${h.waiting && !h.ok ? 'warn-text' : ''}>${h.waiting ? words.waiting(h.waiting, h.oldest ? Date.parse(h.oldest) : undefined) : words.nothing}</dd>
        <dt>${words.calls}</dt><dd>${words.count(h.done, h.failed, h.lost)}</dd></dl>
      <div class="row">${h.on.length > 1 ? html`<label class="hook-with"><span class="muted">${words.with}</span><select>${h.on.map((on) => html`<option value=${on}>${words.on[on] || on}</option>`)}</select></label>` : nothing}
        <v-act icon="play" .label=${words.test} .run=${() => this.test(h)}></v-act></div>
      <div class="hook-trial" role="status" aria-label=${words.testOf(h.name)}>${trial === 'runs' ? html`<p class="muted">${words.testing}</p>` : trial ? this.trial(trial) : nothing}</div></section>`;
  }

  /** @param {Trial} t */
  trial(t) {
    const said = (/** @type {string} */ title, /** @type {string} */ text) => html`<h3>${title}</h3>${text ? html`<pre tabindex="0" role="region" aria-label=${title}>${text}</pre>` : html`<p class="muted">${words.silent}</p>`}`;
    return html`<p class="row ${t.ok ? 'ok-text' : 'danger-text'}">${icon(t.ok ? 'check' : 'warn')}<b class="grow">${t.ok ? words.went(t.seconds) : words.broke(t.error || '')}</b></p>${said(words.sent, inLines(t.sent))}${said(words.came, t.answer)}<p class="small muted">${words.uncounted}</p>`;
  }
}
customElements.define('v-hooks', Hooks);

adopt(css`
  v-hooks pre { margin: 0; padding: 12px; max-height: 280px; overflow: auto; background: var(--bg); border: 1px solid var(--hair); border-radius: var(--radius); font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: text; }
  v-hooks .card > header { min-height: 0; } v-hooks h2 { overflow-wrap: anywhere; } .hook-answer { white-space: pre-wrap; } .hook-trial { display: grid; gap: 8px; } .hook-trial:empty { display: none; }
  .hook-with { display: flex; align-items: center; gap: 8px; flex: 0 1 auto; white-space: nowrap; } .hook-with select { width: auto; } .hook-guide { display: inline-flex; align-items: center; gap: 8px; min-height: var(--target); }
`);
