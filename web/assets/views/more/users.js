// @ts-check
// Who may see what: users, tokens of programs, one's own password, and what was done.
import { css, html, nothing } from '../../lib/lit.js';
import { api } from '../../core/api.js';
import { adopt, copy, View } from '../../core/dom.js';
import { icon } from '../../core/icons.js';
import { store } from '../../core/store.js';
import { t } from '../../core/strings.js';
import { format } from '../../core/time.js';
import { attempt } from '../../parts/act.js';
import { confirm, sheet } from '../../parts/sheet.js';
import { toast } from '../../parts/toast.js';

/** @typedef {{name: string, role: 'admin'|'viewer', all_cameras: boolean, cameras: string[], created: string}} User
 * @typedef {{name: string, scopes: string[], used?: string, owner?: string, expires?: string}} Token
 * @typedef {{id: number, at: string, who: string, what: string, about: string, detail: string, address: string}} Entry */

/** Shows a secret once, with a way to take it along. @param {string} title @param {string} text @param {string} secret */
const tell = (title, text, secret) => sheet(title, (close) => html`<p class="secret">${text}</p><div class="ends">
  <v-act local icon="copy" .label=${t.users.copy} .run=${() => { copy(secret); toast(t.users.copied); }}></v-act><v-act local kind="primary" .label=${t.common.close} .run=${() => close()}></v-act></div>`);

/** A form in a sheet. @param {string} title @param {unknown} fields @param {string} yes @returns {Promise<FormData|undefined>} */
const ask = (title, fields, yes) => sheet(title, (close) => html`<form class="form" @submit=${(/** @type {SubmitEvent} */ e) => { e.preventDefault(); close(new FormData(/** @type {HTMLFormElement} */ (e.target))); }}>${fields}
  <div class="ends"><v-act local .label=${t.common.cancel} .run=${() => close()}></v-act><button class="button primary">${yes}</button></div></form>`);

const cameraTicks = (/** @type {string[]} */ chosen, /** @type {boolean} */ all) => html`<fieldset class="card"><legend><b>${t.users.cameras}</b></legend>
  <label class="tick"><input type="checkbox" name="all" ?checked=${all}>${t.users.all}</label>
  ${store.cameras.map((c) => html`<label class="tick"><input type="checkbox" name="camera" value=${c.id} ?checked=${chosen.includes(c.id)}>${c.name}</label>`)}</fieldset>`;

/** @param {FormData} f */
const seen = (f) => ({ all_cameras: f.has('all'), cameras: f.has('all') ? [] : f.getAll('camera').map(String) });

class Users extends View {
  constructor() {
    super();
    /** @type {User[]} */ this.users = [];
    /** @type {Token[]} */ this.tokens = [];
    /** @type {Entry[]} */ this.entries = [];
    this.more = true;
  }
  connectedCallback() { super.connectedCallback(); this.asks(() => this.load()); }

  async load() {
    if (!store.may('admin')) return;
    const [users, tokens, audit] = await Promise.all([attempt(() => api.get('/users')), attempt(() => api.get('/tokens')), attempt(() => api.get('/audit', { query: { limit: 30 } }))]);
    this.users = users?.users ?? this.users;
    this.tokens = tokens?.tokens ?? this.tokens;
    this.entries = audit?.entries ?? this.entries;
    this.requestUpdate();
  }

  async add() {
    const f = await ask(t.users.add, html`<label class="field"><span>${t.users.name}</span><input name="name" required maxlength="64" autocomplete="off" autocapitalize="none"></label>
      <label class="field"><span>${t.users.role}</span><select name="role"><option value="viewer">${t.users.roles.viewer}</option><option value="admin">${t.users.roles.admin}</option></select></label>
      <label class="field"><span>${t.users.password}</span><input name="password" minlength="8" autocomplete="new-password"><span class="hint">${t.users.drawn}</span></label>${cameraTicks([], true)}`, t.users.add);
    if (!f) return;
    const role = String(f.get('role')), name = String(f.get('name')), password = String(f.get('password'));
    const told = await attempt(() => api.send('POST', '/users', { name, role, ...(password ? { password } : {}), ...(role === 'viewer' ? seen(f) : {}) }));
    if (told?.password) await tell(t.users.added, t.users.told(name, told.password), told.password);
    else if (told) toast(t.users.added);
    this.load();
  }

  /** @param {User} u */
  async change(u) {
    const at = `/users/${encodeURIComponent(u.name)}`;
    const what = await /** @type {Promise<string|FormData|undefined>} */ (sheet(u.name, (close) => html`<form class="form" @submit=${(/** @type {SubmitEvent} */ e) => { e.preventDefault(); close(new FormData(/** @type {HTMLFormElement} */ (e.target))); }}>
      <label class="field"><span>${t.users.role}</span><select name="role"><option value="viewer" ?selected=${u.role === 'viewer'}>${t.users.roles.viewer}</option><option value="admin" ?selected=${u.role === 'admin'}>${t.users.roles.admin}</option></select></label>
      ${cameraTicks(u.cameras, u.all_cameras)}<button class="button primary">${t.common.save}</button></form>
      <div class="ends"><v-act local icon="key" .label=${t.users.reset} .run=${() => close('reset')}></v-act><v-act local icon="logout" .label=${t.users.sessions} .run=${() => close('out')}></v-act><v-act local kind="danger" icon="trash" .label=${t.users.remove} .run=${() => close('remove')}></v-act></div>`));
    if (what instanceof FormData) {
      const role = String(what.get('role'));
      if (await attempt(() => api.send('PATCH', at, { role, ...(role === 'viewer' ? seen(what) : {}) }))) toast(t.common.saved);
    } else if (what === 'reset') {
      const told = await attempt(() => api.send('PUT', `${at}/password`, {}));
      if (told?.password) await tell(t.users.reset, t.users.told(u.name, told.password), told.password);
    } else if (what === 'out') {
      await attempt(async () => { await api.send('DELETE', `${at}/sessions`); toast(t.users.loggedOut); });
    } else if (what === 'remove' && await confirm(t.users.remove, t.users.removeText(u.name), t.users.remove)) {
      await attempt(async () => { await api.send('DELETE', at); toast(t.users.removed); });
    }
    if (what) this.load();
  }

  async addToken() {
    const f = await ask(t.users.addToken, html`<label class="field"><span>${t.users.name}</span><input name="name" required maxlength="64" autocomplete="off"></label>
      <fieldset class="card"><legend><b>${t.users.scopes}</b></legend>${['read', 'live', 'control', 'admin'].map((s) => html`<label class="tick"><input type="checkbox" name="scope" value=${s} ?checked=${s === 'read'}>${s}</label>`)}</fieldset>${cameraTicks([], true)}`, t.users.addToken);
    if (!f) return;
    const name = String(f.get('name'));
    const told = await attempt(() => api.send('POST', '/tokens', { name, scopes: f.getAll('scope'), ...seen(f) }));
    if (told) await tell(t.users.addToken, t.users.token(name, told.token), told.token);
    this.load();
  }

  /** @param {Token} k */
  async revoke(k) {
    if (await confirm(t.users.revoke, t.users.revokeText(k.name), t.users.revoke)) await attempt(async () => { await api.send('DELETE', `/tokens/${encodeURIComponent(k.name)}`); toast(t.users.revoked); });
    this.load();
  }

  async earlier() {
    const page = await api.get('/audit', { query: { limit: 30, before: this.entries[this.entries.length - 1]?.id } });
    this.more = page.entries.length > 0;
    this.entries = [...this.entries, ...page.entries];
    this.requestUpdate();
  }

  /** @param {SubmitEvent} e */
  async own(e) {
    e.preventDefault();
    const form = /** @type {HTMLFormElement} */ (e.target), f = new FormData(form);
    await attempt(async () => {
      await api.send('PUT', '/session/password', { old: f.get('old'), new: f.get('new') });
      form.reset();
      toast(t.users.changed);
    });
  }

  render() {
    const admin = store.may('admin');
    return html`<header><h1>${t.users.title}</h1>${admin ? html`<v-act icon="plus" .label=${t.users.add} .run=${() => this.add()}></v-act>` : nothing}</header>
      ${admin ? html`<ul class="rows">${this.users.length ? nothing : html`<li aria-busy="true"></li>`}${this.users.map((u) => html`<li>${icon('user')}<div class="grow"><b>${u.name}</b><br><span class="small muted">${t.users.roles[u.role]}${u.role === 'viewer' ? ` · ${u.all_cameras ? t.users.all : u.cameras.map((id) => store.camera(id)?.name || id).join(', ') || t.common.none}` : ''}</span></div>
        <button class="button icon-only plain" aria-label=${t.tile.menu(u.name)} @click=${() => this.change(u)}>${icon('edit')}</button></li>`)}</ul>` : nothing}
      ${store.me?.user ? html`<form class="card" @submit=${this.own}><h2>${t.users.own}</h2><input hidden autocomplete="username" .value=${store.me.user}><label class="field"><span>${t.users.old}</span><input type="password" name="old" required autocomplete="current-password"></label>
        <label class="field"><span>${t.users.new}</span><input type="password" name="new" required minlength="8" autocomplete="new-password"></label><div><button class="button">${t.users.change}</button></div></form>` : nothing}
      ${admin ? html`<header class="row"><h2 class="grow">${t.users.tokens}</h2><v-act icon="plus" .label=${t.users.addToken} .run=${() => this.addToken()}></v-act></header>
        ${this.tokens.length ? html`<ul class="rows">${this.tokens.map((k) => html`<li>${icon('key')}<div class="grow"><b>${k.name}</b><br><span class="small muted">${k.scopes.join(', ')} · ${t.users.used} ${k.used ? format(Date.parse(k.used), 'datetime') : t.users.never}</span></div><button class="button plain" @click=${() => this.revoke(k)}>${t.users.revoke}</button></li>`)}</ul>` : html`<p class="muted">${t.users.noTokens}</p>`}
        <section class="card"><h2>${t.users.audit}</h2><div class="scroll" tabindex="0" role="region" aria-label=${t.users.audit}><table class="audit"><tbody>${this.entries.map((e) => html`<tr><td><time>${format(Date.parse(e.at), 'datetime')}</time></td><td>${e.who || t.users.nobody}</td><td>${e.what}</td><td class="muted">${e.about} ${e.detail}</td></tr>`)}</tbody></table></div>
        ${this.more && this.entries.length ? html`<div><v-act .label=${t.users.auditMore} .run=${() => this.earlier()}></v-act></div>` : nothing}</section>` : nothing}`;
  }
}
customElements.define('v-users', Users);

adopt(css`.form { display: grid; gap: 16px; } .secret { font-size: 16px; user-select: all; } .audit { min-width: 560px; } .page header.row { justify-content: space-between; }`);
