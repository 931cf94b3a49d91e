// @ts-check
// Settings of the whole box or of a camera, as fields: what is in force, where it comes from, and what is set here.
import { css, html, live, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { adopt, View } from '../../core/dom.js';
import { t } from '../../core/strings.js';
import { attempt } from '../../parts/act.js';
import { toast } from '../../parts/toast.js';

/** @typedef {{key: string, value: any, default?: any, origin: 'default'|'file'|'set'|'environment'|'flag', own?: boolean, who?: string, fixed: boolean, restart: boolean}} Setting */

/** Properties: camera (an id; '': the whole box), only (the keys that are shown begin so). */
class Settings extends View {
  static properties = { camera: {}, only: {} };
  constructor() {
    super();
    this.camera = this.only = '';
    /** @type {Setting[]|undefined} */
    this.settings = undefined;
  }
  get path() { return this.camera ? `/cameras/${this.camera}/settings` : '/settings'; }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }
  async load() {
    this.settings = (await attempt(() => api.get(this.path)))?.settings ?? this.settings;
    this.requestUpdate();
  }

  /** @param {Setting} s @param {unknown} value null takes back what was set */
  async change(s, value) {
    const told = await attempt(() => api.send('PATCH', this.path, { [s.key]: value }));
    if (told) {
      const before = s.origin === 'set' && (!this.camera || s.own) ? s.value : null;
      this.settings = told.settings;
      toast(t.settings.changed, { undo: () => this.change({ ...s, origin: 'default' }, before) });
    }
    this.requestUpdate(); // what was refused stands as it was
  }

  render() {
    if (!this.settings) return html`<div class="card bone" aria-busy="true"></div>`;
    const shown = this.settings.filter((s) => s.key.startsWith(this.only) && t.settings.keys[s.key]);
    const groups = [...new Set(shown.map((s) => s.key.split('.')[0]))];
    return groups.map((g) => html`<section class="card"><h2>${/** @type {any} */ (t.settings.group)[g] || g}</h2>${shown.filter((s) => s.key.startsWith(g + '.')).map((s) => this.row(s))}</section>`);
  }

  /** @param {Setting} s */
  row(s) {
    const [label, hint] = t.settings.keys[s.key], mine = this.camera ? s.own : s.origin === 'set';
    const from = this.camera ? (s.own ? t.settings.own : t.settings.box) : t.settings.origin[s.origin];
    return html`<div class="setting"><div class="grow"><label for=${s.key}><b>${label}</b></label> <span class="chip">${from}</span><div class="small muted" id="${s.key}-hint">${hint}${s.fixed ? ` ${t.settings.fixed}` : ''}${s.restart ? ` ${t.settings.restart}` : ''}</div></div>
      <div class="row control">${this.control(s)}${mine && !s.fixed ? html`<button class="button plain" @click=${() => this.change(s, null)}>${t.common.reset}</button>` : nothing}</div></div>`;
  }

  /** @param {Setting} s */
  control(s) {
    const set = (/** @type {Event} */ e) => {
      const el = /** @type {HTMLInputElement} */ (e.target);
      this.change(s, el.type === 'checkbox' ? el.checked : el.type === 'range' ? Number(el.value) : el.value.trim());
    };
    /** @type {Record<string, [string, string][]>} */
    const choices = { 'recording.mode': Object.entries(t.settings.modes), 'cloud.new_cameras': [['accept', 'let in'], ['approve', 'ask first']], 'log.level': ['debug', 'info', 'warn', 'error'].map((v) => [v, v]) };
    const about = `${s.key}-hint`;
    if (typeof s.value === 'boolean') return html`<label class="tick"><input id=${s.key} type="checkbox" aria-describedby=${about} .checked=${live(s.value)} ?disabled=${s.fixed} @change=${set}>${s.value ? t.settings.on : t.settings.off}</label>`;
    if (choices[s.key]) return html`<select id=${s.key} aria-describedby=${about} ?disabled=${s.fixed} @change=${set}>${choices[s.key].map(([v, word]) => html`<option value=${v} .selected=${live(v === s.value)}>${word}</option>`)}</select>`;
    if (typeof s.value === 'number') return html`<input id=${s.key} type="range" min=${s.key === 'motion.sound' ? 0 : 1} max="10" aria-describedby=${about} .value=${live(String(s.value))} ?disabled=${s.fixed} @change=${set}><output class="num">${s.value}</output>`;
    return html`<input id=${s.key} autocomplete="off" spellcheck="false" aria-describedby=${about} .value=${live(String(s.value))} ?disabled=${s.fixed} @change=${set}>`;
  }
}
customElements.define('v-settings', Settings);

adopt(css`
  v-settings { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); } .card.bone { min-height: 240px; }
  .setting { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 4px 0; } .setting + .setting { border-top: 1px solid var(--hair); padding-top: 12px; } .setting > .grow { flex: 1 1 200px; }
  .setting .control { flex: 0 1 260px; flex-wrap: nowrap; } .setting .control > input:not([type=checkbox]), .setting .control > select { flex: 1; } output { min-width: 2ch; text-align: right; }
`);
