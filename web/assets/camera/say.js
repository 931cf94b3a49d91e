// @ts-check
// Talks to a camera that has a speaker: by the microphone where the browser gives it, else by a file, which a phone records.
import { css, html, nothing } from '../lib/lit.js';
import { api, ApiError } from '../core/api.js';
import { adopt, View } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { live } from '../core/live.js';
import { words } from '../core/strings-say.js';
import { base64, decode, encode, longest, rate } from './voice.js';

const piece = 2 * rate; // samples that are sent at once: progress is told behind each

/** Properties: camera (its id), off (why it cannot be told anything; '': it can). */
class Say extends View {
  static properties = { camera: {}, off: {} };
  constructor() {
    super();
    this.camera = this.off = '';
    /** @type {'idle'|'listening'|'sending'} */
    this.phase = 'idle';
    this.text = '';
    this.bad = false;
    this.begun = 0;
    this.stopped = false;
    /** @type {MediaRecorder|undefined} */
    this.recorder = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.until(live.onState(() => this.requestUpdate()));
    this.until(() => { this.stopped = true; this.hush(); });
    this.every(200); // the seconds that are spoken
  }

  /** @param {'idle'|'listening'|'sending'} phase @param {string} text @param {boolean} [bad] */
  become(phase, text, bad = false) {
    [this.phase, this.text, this.bad] = [phase, text, bad];
    this.requestUpdate();
  }

  /** @param {Event} e */
  async chosen(e) {
    const input = /** @type {HTMLInputElement} */ (e.target), file = input.files?.[0];
    input.value = ''; // the same file may be chosen again
    if (file) await this.send(file);
  }

  /** Reads a sound and sends it, piece by piece. @param {Blob} file */
  async send(file) {
    if (this.phase === 'sending') return;
    this.stopped = false;
    this.become('sending', words.reading);
    let sent = 0;
    const voice = Math.random().toString(36); // so that nobody else's pieces come between
    try {
      const alaw = encode(await decode(file));
      for (; sent < alaw.length && !this.stopped; sent = Math.min(alaw.length, sent + piece)) {
        this.become('sending', words.sent(sent / rate, alaw.length / rate));
        await api.send('POST', `/cameras/${this.camera}/say`, { alaw: base64(alaw.subarray(sent, sent + piece)), voice, more: sent + piece < alaw.length });
      }
      this.become('idle', (sent < alaw.length ? words.stopped : words.done)(sent / rate));
    } catch (err) {
      this.become('idle', words.not(err instanceof ApiError ? err.text : /** @type {Error} */ (err).message), true);
    }
  }

  /** Listens to the microphone, until it is to be sent or the time is over. */
  async speak() {
    if (this.phase !== 'idle') return;
    this.become('listening', '');
    this.begun = 0;
    /** @type {MediaStream|undefined} */
    let stream;
    const release = () => { for (const track of stream?.getTracks() ?? []) track.stop(); }; // the browser's red light goes out at once
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const recorder = this.recorder = new MediaRecorder(stream);
      /** @type {Blob[]} */
      const parts = [];
      recorder.ondataavailable = (e) => parts.push(e.data);
      recorder.onstop = () => {
        release();
        if (!this.stopped) this.send(new Blob(parts, { type: recorder.mimeType }));
      };
      this.begun = Date.now();
      this.stopped = false;
      recorder.start();
      const over = setTimeout(() => this.hush(), longest * 1000);
      recorder.addEventListener('stop', () => clearTimeout(over));
      if (!this.isConnected) { this.stopped = true; this.hush(); } // it was left while the browser asked
    } catch (err) {
      release();
      this.become('idle', words.noMicrophone(/** @type {Error} */ (err).message), true);
    }
  }

  hush() { if (this.recorder?.state === 'recording') this.recorder.stop(); }

  render() {
    const off = this.off || this.phase !== 'idle', secure = isSecureContext && !!navigator.mediaDevices;
    const input = (/** @type {string} */ label, /** @type {boolean} */ records) => html`<label class="button ${records ? 'records' : ''}" aria-disabled=${!!off}>${icon(records ? 'sound' : 'up')}<span>${label}</span>
      <input class="unseen" type="file" accept="audio/*" capture=${records ? 'user' : nothing} ?disabled=${!!off} @change=${(/** @type {Event} */ e) => this.chosen(e)}></label>`;
    return html`<p class="small muted">${words.hint}</p>
      ${this.off ? html`<p class="small">${this.off}</p>` : nothing}
      <div class="row">
        ${this.phase === 'listening' ? html`<button type="button" class="button primary" ?disabled=${!this.begun} @click=${() => this.hush()}>${icon('check')}${words.stop}</button>`
        : html`<button type="button" class="button" ?disabled=${!!off || !secure} aria-describedby=${secure ? nothing : 'say-https'} @click=${() => this.speak()}>${icon('sound')}${words.speak}</button>`}
        ${secure ? nothing : input(words.record, true)}${input(words.file, false)}
        ${this.phase === 'sending' ? html`<button type="button" class="button plain" @click=${() => { this.stopped = true; }}>${words.cancel}</button>` : nothing}</div>
      ${secure ? nothing : html`<p class="small muted" id="say-https">${words.https(location.host)}</p>`}
      <p class="small told ${this.bad ? 'not' : ''}" role="status">${this.phase === 'listening' && this.begun ? words.listening((Date.now() - this.begun) / 1000) : this.text}</p>`;
  }
}
customElements.define('v-say', Say);

adopt(css`
  v-say { display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); } v-say label.button { position: relative; cursor: pointer; } v-say label.button:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; } v-say .told:empty { display: none; }
  v-say .records { display: none; } @media (pointer: coarse) { v-say .records { display: inline-flex; } } .told.not { color: var(--danger); }
`);
