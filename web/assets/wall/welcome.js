// @ts-check
// A camera has just come for the first time: what it is called, and when it is recorded, is asked right there.
import { css, html, nothing } from '../lib/lit.js';
import { api } from '../core/api.js';
import { adopt, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { pathOf, store } from '../core/store.js';
import { s as words } from '../core/strings-setup.js';
import { t } from '../core/strings.js';
import { toast } from '../parts/toast.js';
import '../parts/act.js';

/** Properties: camera (its id), done (called when nothing more is asked). */
class Welcome extends View {
  static properties = { camera: {}, done: { attribute: false } };
  constructor() {
    super();
    this.camera = '';
    this.done = () => {};
    this.mode = '';
  }

  // Not when it is connected: it may stand in the page before this module has come, and has its camera later.
  firstUpdated() {
    if (store.may('admin')) api.get(`/cameras/${this.camera}/settings`).then((a) => { this.mode = a.settings.find((/** @type {any} */ o) => o.key === 'recording.mode')?.value || ''; this.requestUpdate(); }, () => {});
  }

  async save() {
    const name = /** @type {HTMLInputElement} */ (this.querySelector('input[name=name]')).value.trim();
    const mode = /** @type {HTMLInputElement|null} */ (this.querySelector('input[name=mode]:checked'))?.value;
    const changes = { ...(name && name !== store.camera(this.camera)?.name ? { name } : {}), ...(mode && mode !== this.mode ? { 'recording.mode': mode } : {}) };
    if (Object.keys(changes).length) {
      await api.send('PATCH', `/cameras/${this.camera}/settings`, changes);
      toast(words.saved);
    }
    this.done();
  }

  render() {
    const c = store.camera(this.camera);
    if (!c) return nothing;
    if (!store.may('admin')) return html`<section class="card welcome"><h2>${words.welcome(c.name)}</h2><div><button class="button" @click=${() => this.done()}>${words.done}</button></div></section>`;
    return html`<section class="card welcome"><h2>${words.welcome(c.name)}</h2><p class="muted">${words.welcomeText}</p>
      <label class="field"><span>${words.name}</span><input name="name" maxlength="64" .value=${c.name === c.id ? '' : c.name} placeholder=${c.id} autocomplete="off"><span class="hint">${words.nameHint}</span></label>
      <fieldset class="modes"><legend>${words.records}</legend>${Object.entries(words.modes).map(([mode, label]) => html`<label class="tick"><input type="radio" name="mode" value=${mode} ?checked=${mode === this.mode}>${label}</label>`)}</fieldset>
      <div class="row"><v-act kind="primary" .label=${words.done} .run=${() => this.save()}></v-act>
        <a class="button" href="/setup/${pathOf(c)}/zones">${icon('zones')}${words.zones}</a>
        ${c.demo && store.me?.all_cameras ? html`<v-act .label=${t.wall.stopDemo} .run=${async () => (await import('../views/setup.js')).stopDemo()}></v-act>` : nothing}</div></section>`;
  }
}
customElements.define('v-welcome', Welcome);

adopt(css`
  .welcome { max-width: 640px; margin: 0 auto 12px; } .modes { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 20px; } .modes legend { font-weight: 600; padding: 0; }
  v-welcome { display: block; padding: 0 8px; }
`);
