// @ts-check
// One camera: what it is, what it can be told, what it is called, and its settings.
import { css, html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { adopt, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { live } from '../../core/live.js';
import { go } from '../../core/router.js';
import { pathOf, store } from '../../core/store.js';
import { words } from '../../core/strings-camera.js';
import { words as say } from '../../core/strings-say.js';
import { t } from '../../core/strings.js';
import { danger } from '../../camera/danger.js';
import { facts } from '../../camera/facts.js';
import { programs } from '../../camera/programs.js';
import { steer } from '../../camera/steer.js';
import { Steering, whyNot } from '../../camera/tell.js';
import { attempt } from '../../parts/act.js';
import { ailing } from '../../parts/ailments.js';
import { toast } from '../../parts/toast.js';
import '../../camera/say.js';
import '../../wall/tile.js';
import { askPause, resume } from '../../wall/pause.js';
import './settings.js';

/** @typedef {import('../../core/store.js').Camera} Camera */

const askEvery = 5000; // ms: somebody else, or the camera itself, may change what it says of itself

/** Properties: camera (its id). */
class CameraView extends View {
  static properties = { camera: {} };
  constructor() {
    super();
    this.camera = '';
    this.steering = new Steering('', () => this.requestUpdate());
  }

  connectedCallback() {
    super.connectedCallback();
    this.until(live.onState(() => this.requestUpdate()));
    this.until(live.onAfresh(() => this.steering.load()));
    const timer = setInterval(() => !document.hidden && live.state.phase === 'open' && this.steering.load(), askEvery);
    this.until(() => clearInterval(timer));
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('camera') || !this.camera) return;
    this.steering = new Steering(this.camera, () => this.requestUpdate());
    this.steering.load();
  }

  /** @param {Camera} c */
  async rename(c) {
    const input = /** @type {HTMLInputElement} */ (this.querySelector('#name'));
    await api.send('PATCH', `/cameras/${c.id}/settings`, { name: input.value.trim() || null });
    toast(t.cameras.renamed);
    go(`/more/cameras/${c.id}`); // the name that stood in the URL is no more
  }

  /** Says what the camera itself does not tell. @param {Camera} c @param {'motor'|'speaker'} what @param {Event} e */
  async has(c, what, e) {
    const tick = /** @type {HTMLInputElement} */ (e.target);
    const done = await attempt(() => api.send('PATCH', `/cameras/${c.id}/settings`, { [what]: tick.checked || null }));
    if (done) toast(words.hasSaved);
    else tick.checked = !tick.checked;
  }

  render() {
    const c = store.camera(this.camera);
    if (!c) return nothing;
    const admin = store.may('admin'), of = this.steering;
    of.why = whyNot(c, of.state);
    const tick = (/** @type {'motor'|'speaker'} */ what) => html`<label class="tick"><input type="checkbox" name=${what} .checked=${!!c[what]} @change=${(/** @type {Event} */ e) => this.has(c, what, e)}>${words[what]}</label>`;
    return html`<header><a class="button icon-only" href="/more/cameras" aria-label=${t.common.back}>${icon('left')}</a><h1>${c.name}</h1></header>
      <div class="row"><a class="button" href="/live/${pathOf(c)}">${icon('live')}${t.nav.live}</a><a class="button" href="/setup/${pathOf(c)}">${icon('health')}${t.menu.diagnose}</a>
        ${store.may('control') ? c.recording === 'paused' ? html`<v-act icon="play" .label=${t.menu.resume} .run=${() => resume(c)}></v-act>` : html`<button class="button" @click=${() => askPause(c)}>${icon('pause')}${t.menu.pause}</button>` : nothing}</div>
      ${ailing(c)}
      <div class="beside"><div>${store.may('live') ? html`<v-tile plain .camera=${c.id}></v-tile>` : nothing}</div>
        <div class="hands">${steer(c, of)}
          ${c.speaker ? html`<section class="card"><h2>${say.title}</h2><v-say .camera=${c.id} .off=${of.why}></v-say></section>` : nothing}
          ${admin ? html`<section class="card"><h2>${words.has}</h2><p class="small muted">${words.hasHint}</p><div>${tick('motor')}${tick('speaker')}</div></section>` : nothing}
          ${danger(c, of)}</div>${facts(c, of.state)}</div>
      ${programs(c)}
      ${admin ? html`<section class="card"><label class="field"><span>${t.cameras.name}</span><div class="row"><input id="name" class="grow" .value=${c.name} maxlength="64" autocomplete="off"><v-act .label=${t.common.save} .run=${() => this.rename(c)}></v-act></div><span class="hint">${t.cameras.nameHint}</span></label></section>
        <v-settings .camera=${c.id}></v-settings>` : html`<p class="muted">${t.common.mayNot}</p>`}`;
  }
}
customElements.define('v-camera', CameraView);

adopt(css`
  v-camera { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); } v-camera .hands { display: grid; gap: 16px; align-content: start; grid-template-columns: minmax(0, 1fr); }
  v-camera .beside { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); } @media (min-width: 900px) { v-camera .beside { grid-template: auto 1fr / minmax(0, 5fr) minmax(0, 6fr); align-items: start; } v-camera .hands { grid-area: 1 / 2 / span 2; } }
`);
