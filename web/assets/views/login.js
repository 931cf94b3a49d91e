// @ts-check
// Who is not logged in sees this, at whatever URL: behind it the view that was asked for comes.
import { html, nothing } from '../lib/lit.js';
import { ApiError } from '../core/api.js';
import { View } from '../core/dom.js';
import { logIn } from '../core/session.js';
import { t } from '../core/strings.js';

class Login extends View {
  static properties = { problem: { state: true }, busy: { state: true }, open: { state: true } };
  constructor() {
    super();
    this.problem = '';
    this.busy = this.open = false;
  }
  firstUpdated() { this.querySelector('input')?.focus(); }

  /** @param {SubmitEvent} e */
  async submit(e) {
    e.preventDefault();
    if (this.busy) return;
    const form = new FormData(/** @type {HTMLFormElement} */ (e.target));
    this.busy = true;
    this.problem = '';
    try {
      await logIn(String(form.get('user')), String(form.get('password')));
    } catch (err) {
      this.problem = err instanceof ApiError && err.status === 401 ? t.login.wrong : err instanceof ApiError ? err.text : String(err);
      const password = /** @type {HTMLInputElement|null} */ (this.querySelector('input[name=password]'));
      password?.select();
    }
    this.busy = false;
  }

  render() {
    return html`<main class="login"><form @submit=${this.submit}>
      <div class="brand"><img src=${new URL('../icon.svg', import.meta.url).pathname} alt="" width="40" height="40"><div><h1>${t.name}</h1><p class="muted">${t.login.title}</p></div></div>
      <label class="field"><span>${t.login.user}</span><input name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
      <div class="field"><span id="pw">${t.login.password}</span><div class="row"><input class="grow" name="password" type=${this.open ? 'text' : 'password'} autocomplete="current-password" autocapitalize="none" spellcheck="false" required aria-labelledby="pw" aria-invalid=${this.problem ? 'true' : nothing} aria-describedby="login-problem">
        <button type="button" class="button" aria-pressed=${this.open} @click=${() => { this.open = !this.open; }}>${this.open ? t.login.hide : t.login.show}</button></div></div>
      <p id="login-problem" class="problem" role="alert">${this.problem}</p>
      <button class="button primary wide" ?disabled=${this.busy} aria-busy=${this.busy}>${t.login.go}</button>
      <p class="muted small">${t.login.help}</p>
    </form></main>`;
  }
}
customElements.define('v-login', Login);
