// @ts-check
// The timeline: a tape of time, and the player that stands at its playhead.
import { html, nothing, repeat } from '../lib/lit.js';
import { api } from '../core/api.js';
import { View, copy, download, kept } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { go, onRoute, replace, route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { reasons, speedText, words } from '../core/strings-footage.js';
import { words as playerWords } from '../core/strings-player.js';
import { words as keeping } from '../core/strings-select.js';
import { bytes, format, length, now } from '../core/time.js';
import { attempt } from '../parts/act.js';
import { confirm, sheet } from '../parts/sheet.js';
import { toast } from '../parts/toast.js';
import { local } from '../player/avi.js';
import { bar } from '../player/bar.js';
import { command } from '../player/keys.js';
import { Zoom } from '../player/picture.js';
import { Player, speeds } from '../player/player.js';
import { micros, text } from '../player/stamp.js';
import { askTime, boxOf, eventBeside, link, startOf } from '../timeline/places.js';
import { spanOf, spanText } from '../timeline/scale.js';
import { float } from '../timeline/float.js';
import '../timeline/mini.js';
import '../timeline/select.js';
import '../timeline/tape.js';

/** How far behind now (µs) playing at now begins: what is recorded is readable a moment later. */
const behindNow = 3e6;
/** An exact picture is asked for when a finger stood still so long (ms). */
const still = 120;

const fadeAfter = 3000; // ms
/** A picture that comes within this time (ms) needs no word. */
const patience = 300;

class Timeline extends View {
  constructor() {
    super();
    /** @type {string[]} ids, the main one first */
    this.cameras = [];
    /** @type {Map<string, {canvas: HTMLCanvasElement, deck: import('../player/deck.js').Deck}>} */
    this.seats = new Map();
    this.preview = document.createElement('canvas');
    [this.preview.width, this.preview.height] = [160, 120];
    this.preview.hidden = true;
    /** @type {{from: number, to: number}|undefined} */
    this.selection = undefined;
    /** @type {Zoom|undefined} */
    this.zoom = undefined;
    this.full = this.scrubbing = this.resume = this.hasArrived = false;
    this.zoomed = 1;
    /** @type {{gap?: import('../timeline/spans.js').Gap, keep?: import('../timeline/keeps.js').Keep}|undefined} */
    this.card = undefined;
    this.bridge = '';
    this.trouble = '';
    /** Where what was looked for begins, until something else is seen. @type {{us: number, box: import('../timeline/places.js').Box|undefined}|undefined} */
    this.found = undefined;
    /** @type {import('../player/feed.js').Nothing|undefined} */
    this.nothing = undefined;
    /** @type {(import('../player/avi.js').Contents & {name: string, file: File})|undefined} */
    this.file = undefined;
    /** Of which moment an exact picture was asked for last, in µs. */
    this.exact = NaN;
    this.written = 0;
    /** It has been without a picture for longer than one notices. */
    this.late = this.fetching = false;
    this.url = '';
    this.lag = '';
  }

  connectedCallback() {
    super.connectedCallback();
    const player = this.player = new Player();
    player.sound = kept.get('sound') === 'on';
    player.realTime = kept.get('realtime') === 'on';
    const on = (/** @type {string} */ type, /** @type {(e: any) => void} */ fn) => player.addEventListener(type, fn);
    on('time', () => this.#time());
    on('state', () => { if (player.state === 'playing') this.trouble = ''; this.requestUpdate(); });
    on('gap', (e) => {
      this.bridge = e.detail ? `${format(e.detail.gap.from / 1000)} → ${format(e.detail.gap.to / 1000)} ${(reasons[e.detail.gap.reason] ?? reasons.unknown)[0]}` : '';
      this.requestUpdate();
    });
    on('held', (e) => this.tape?.held({ from: e.detail.from / 1000, to: e.detail.to / 1000 }));
    on('nothing', (e) => { this.nothing = e.detail; this.requestUpdate(); });
    on('trouble', (e) => { this.trouble = words.trouble(e.detail); this.requestUpdate(); });
    // In full screen the picture takes their place when it has played for 3 s; any tap or move has them back.
    const wakes = () => {
      clearTimeout(this.fading);
      this.querySelector('.tl')?.classList.remove('tl-idle');
      this.fading = setTimeout(() => { if (this.full && this.player?.wanted) this.querySelector('.tl')?.classList.add('tl-idle'); }, fadeAfter);
    };
    for (const type of ['pointerdown', 'pointermove', 'keydown']) this.addEventListener(type, wakes);
    on('state', wakes);
    this.until(() => { clearTimeout(this.fading); clearTimeout(this.waiting); });
    this.until(onRoute(() => this.#arrive()));
    const asks = (/** @type {KeyboardEvent} */ e) => this.#key(e);
    addEventListener('keydown', asks);
    this.until(() => removeEventListener('keydown', asks));
    // A tap gives sound, where it was wanted before.
    const wake = () => { if (player.sound && !player.speaker.audible) void player.listen(true).then(() => this.requestUpdate()); };
    for (const tap of ['pointerup', 'keydown']) this.addEventListener(tap, wake);
    this.until(() => { for (const tap of ['pointerup', 'keydown']) this.removeEventListener(tap, wake); void player.close(); });
    this.addEventListener('dragover', (e) => e.preventDefault());
    this.addEventListener('drop', (e) => {
      e.preventDefault();
      const file = e.dataTransfer?.files[0];
      if (file) void this.openFile(file);
    });
    if (store.cameras.length) this.#arrive();
  }

  disconnectedCallback() {
    // Somebody who looks for something else meanwhile goes on watching.
    if (this.player?.wanted && this.player.state !== 'waiting' && this.cameras[0] && store.me && !this.live) float(this.cameras[0], this.player.us, this.player.rate);
    super.disconnectedCallback();
    this.zoom?.end();
    this.seats.clear();
    this.cameras = [];
    this.url = '';
    this.hasArrived = false;
  }

  /** @returns {import('../timeline/tape.js').TapeElement|null} */
  get tape() { return this.querySelector('v-tape'); }
  get ms() { return (this.player?.us ?? 0) / 1000; }
  /** It plays what happens now: there is a live view for that. */
  get live() { return now() - this.ms < 15e3; }
  get main() { return store.camera(this.cameras[0]); }

  willUpdate() {
    if (!this.hasArrived && store.cameras.length && this.isConnected) this.#arrive();
  }

  firstUpdated() { this.#stage(); }
  updated() {
    this.#stage();
    this.#time(false);
  }

  #stage() {
    const stage = /** @type {HTMLElement|null} */ (this.querySelector('.tl-stage')), picture = /** @type {HTMLElement|null} */ (this.querySelector('.tl-picture'));
    if (!stage || !picture || this.zoom?.stage === stage) return;
    this.zoom?.end();
    this.zoom = new Zoom(stage, picture, (factor) => { this.zoomed = factor; this.requestUpdate(); });
  }

  /** What the URL says: cameras, moment, zoom, selection. */
  #arrive() {
    const { view, params, query } = route();
    if (view !== 'timeline' && view !== 'mini') return;
    const here = location.pathname + location.search;
    if (here === this.url) return;
    this.url = here;
    const first = store.camera(params.camera) ?? store.cameras[0];
    if (!first) return;
    const others = (query.get('cams') ?? '').split(',').map((c) => store.camera(c)?.id).filter((c) => c !== undefined && c !== first.id);
    const t = query.get('t');
    const us = t ? micros(t) : NaN;
    const isNew = !this.hasArrived;
    this.hasArrived = true;
    this.#seat([first.id, .../** @type {string[]} */ (others)]);
    const [a, b] = (query.get('sel') ?? '').split('..').map((s) => Date.parse(s));
    this.selection = b > a ? { from: a, to: b } : undefined;
    const wanted = spanOf(query.get('span'));
    void this.updateComplete.then(() => {
      if (this.tape && (wanted || isNew)) this.tape.look(wanted ?? 3600e3, Number.isFinite(us) ? us / 1000 : now());
    });
    if (Number.isFinite(us)) {
      this.player?.pause(); // a link opens standing on its picture
      this.seek(us, false);
      if (query.has('play')) this.player?.play(1); // somebody tapped a card: he wants to see it
      if (query.get('find') === 'start') void this.updateComplete.then(() => this.findStart());
    } else this.toNow();
    this.requestUpdate();
  }

  /** Gives each camera a canvas. @param {string[]} ids the main one first */
  #seat(ids) {
    const player = this.player;
    if (!player) return;
    for (const [id, seat] of this.seats) if (!ids.includes(id)) {
      player.shut(seat.deck);
      this.seats.delete(id);
    }
    for (const id of ids) if (!this.seats.has(id)) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 480];
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', store.camera(id)?.name ?? id);
      this.seats.set(id, { canvas, deck: player.open(id, canvas) });
    }
    this.cameras = ids;
    player.decks = ids.map((id) => /** @type {{deck: import('../player/deck.js').Deck}} */ (this.seats.get(id)).deck);
  }

  /** @param {number} us @param {boolean} [step] a jump that Back undoes */
  seek(us, step = true) {
    const player = this.player;
    if (!player) return;
    if (step && !this.file) this.#write(true); // where somebody was can be gone back to
    this.nothing = undefined;
    this.card = undefined;
    this.trouble = '';
    if (us / 1000 > now() - 1000 && !this.file) us = (now() * 1000) - behindNow;
    player.seek(us);
    this.tape?.at(us / 1000, false);
    this.tape?.say();
    if (step) this.#write();
    this.requestUpdate();
  }

  toNow() {
    this.nothing = undefined;
    const us = now() * 1000 - behindNow;
    this.player?.clock.set(us);
    this.player?.seek(us);
    this.player?.play(1);
    this.tape?.at(us / 1000, false);
    this.requestUpdate();
  }

  /** The URL says what is seen. @param {boolean} [push] */
  #write(push = false) {
    const camera = this.main, us = this.player?.us;
    if (!camera || us === undefined || !this.tape || route().view !== 'timeline') return;
    const query = new URLSearchParams({ t: link(us), span: spanText(this.tape.scale.span) });
    if (this.cameras.length > 1) query.set('cams', this.cameras.slice(1).map((id) => { const c = store.camera(id); return c ? pathOf(c) : id; }).join(','));
    if (this.selection) query.set('sel', `${link(this.selection.from * 1000)}..${link(this.selection.to * 1000)}`);
    this.url = `/timeline/${encodeURIComponent(pathOf(camera))}?${query}`;
    this.written = performance.now();
    if (push) history.pushState(null, '', this.url); else replace(this.url);
  }

  /** @param {boolean} [write] */
  #time(write = true) {
    const player = this.player;
    if (!player) return;
    const clock = this.querySelector('.tl-time b'), day = this.querySelector('.tl-time small');
    const ms = this.ms;
    if (clock) clock.textContent = this.file ? elapsed(player.us - this.file.begin) : format(ms, 'tenths');
    if (day) day.textContent = this.file ? this.file.name : format(ms, 'day') + (player.rate !== 1 && player.wanted ? ' · ' + speedText(player.rate) : '');
    const slide = /** @type {HTMLInputElement|null} */ (this.querySelector('.tl-slide'));
    if (slide && this.file && document.activeElement !== slide) slide.value = String((player.us - this.file.begin) / 1e6);
    this.#watch();
    if (!this.scrubbing) {
      this.tape?.at(ms, player.wanted);
      if (player.main?.shown !== undefined && !this.preview.hidden) this.preview.hidden = true;
    } else if (this.exact === player.us && player.main?.shown !== undefined) this.preview.hidden = true;
    if (this.found && Math.abs(player.us - this.found.us) > 4e6) { this.found = undefined; this.requestUpdate(); }
    const lag = now() - ms < 3600e3 && now() - ms > 500 ? length(Math.round((now() - ms) / 1000) * 1000) : '';
    if (lag !== this.lag) { this.lag = lag; if (this.tape) this.tape.lag = lag; }
    if (write && player.wanted && performance.now() - this.written > 1000) this.#write();
  }

  /** Where a picture is wanted and none has come, the small one of before is shown, and then that it is fetched. */
  #watch() {
    const main = this.player?.main, empty = main?.canvas.dataset.us === undefined;
    const fetching = !!main && !this.nothing && !this.trouble && !main.atEdge && (empty || this.player?.state === 'waiting');
    if (empty && fetching && this.preview.hidden) this.#small();
    if (fetching === this.fetching) return;
    this.fetching = fetching;
    clearTimeout(this.waiting);
    if (this.late) { this.late = false; this.requestUpdate(); }
    if (fetching) this.waiting = setTimeout(() => { this.late = this.fetching; this.requestUpdate(); }, patience);
  }

  /** @param {{ms: number, phase: 'begin'|'move'|'end'}} how */
  #scrub({ ms, phase }) {
    const player = this.player;
    if (!player) return;
    if (phase === 'begin') {
      this.scrubbing = true;
      this.resume = player.wanted;
      player.pause();
      this.nothing = undefined;
      this.requestUpdate();
    }
    player.clock.set(ms * 1000);
    this.#small();
    this.#time(false);
    clearTimeout(this.soon);
    if (phase !== 'end') {
      this.soon = setTimeout(() => { if (this.scrubbing) this.#exact(ms); }, still);
      return;
    }
    this.scrubbing = false;
    this.#exact(ms);
    if (this.resume) player.play();
    this.#write();
    this.requestUpdate();
  }

  /** @param {number} ms */
  #exact(ms) {
    this.exact = ms * 1000;
    this.player?.seek(this.exact);
    const seat = this.seats.get(this.cameras[0]);
    if (seat) seat.deck.shown = undefined; // until it comes, the small one stays
  }

  /** The small picture of where the finger is, over the exact one. */
  #small() {
    const paper = this.preview.getContext('2d'), sheets = this.tape?.sheets;
    if (!paper || !sheets) return;
    if (sheets.draw(this.ms, paper)) this.preview.hidden = false;
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (kept.get('keys', 'on') !== 'on' || e.defaultPrevented) return;
    const target = /** @type {Node} */ (e.target);
    if (target !== document.body && !this.contains(target) && !(/** @type {HTMLElement} */ (target)).contains(this)) return;
    const c = command(e);
    if (!c) return;
    e.preventDefault();
    this.do(c);
  }

  /** @param {import('../player/keys.js').Command | 'rate' | 'more' | 'select'} what @param {number} [value] */
  async do(what, value = 5) {
    const player = this.player, tape = this.tape;
    if (!player) return;
    const jump = (/** @type {number} */ s) => this.seek(player.us + s * 1e6, false);
    switch (what) {
      case 'toggle':
        if (player.wanted) { player.pause(); this.#write(); } else { this.nothing = undefined; player.play(); }
        break;
      case 'rate': player.rate = value; if (player.wanted) player.play(value); break;
      case 'reverse': player.play(player.wanted && player.rate < 0 ? faster(player.rate) : -1); break;
      case 'forward': player.play(player.wanted && player.rate > 0 ? faster(player.rate) : 1); break;
      case 'step-': case 'step+': this.nothing = undefined; player.step(what === 'step+' ? 1 : -1); break;
      case 'back5': jump(-value); break;
      case 'on5': jump(value); break;
      case 'back60': jump(-60); break;
      case 'on60': jump(60); break;
      case 'event-': case 'event+': {
        const at = await attempt(() => eventBeside(this.cameras[0], this.ms, what === 'event+' ? 1 : -1));
        if (at === undefined) toast(words.noEvent); else this.seek(at * 1000);
        break;
      }
      case 'gap-': case 'gap+': {
        const edges = tape?.main?.spans.recorded.flatMap((r) => [r.from, r.to - 1]) ?? [];
        const at = what === 'gap+' ? edges.find((t) => t > this.ms + 50) : edges.findLast((t) => t < this.ms - 50);
        if (at !== undefined) this.seek(at * 1000);
        break;
      }
      case 'in': tape?.zoom(0.5); break;
      case 'out': tape?.zoom(2); break;
      case 'day': tape?.day(); break;
      case 'now': this.toNow(); break;
      case 'goto': {
        const ms = await askTime(this.ms);
        if (ms !== undefined) this.seek(ms * 1000);
        break;
      }
      case 'markin': this.select({ from: this.ms, to: Math.max(this.selection?.to ?? 0, this.ms + 10e3) }); break;
      case 'markout': this.select({ from: Math.min(this.selection?.from ?? Infinity, this.ms - 10e3), to: this.ms }); break;
      case 'select': this.select(this.selection ? null : { from: this.ms - 15e3, to: Math.min(now(), this.ms + 15e3) }); break;
      case 'start': await this.findStart(); break;
      case 'export': /** @type {import('../timeline/select.js').SelectElement|null} */ (this.querySelector('v-select'))?.export(); break;
      case 'keep': {
        const marked = /** @type {any} */ (this.querySelector('v-select'));
        if (marked?.keep) await marked.keep(); else this.select({ from: this.ms - 15e3, to: Math.min(now(), this.ms + 15e3) });
        break;
      }
      case 'sound':
        await player.listen(!player.sound || player.silence === 'tap');
        kept.set('sound', player.sound ? 'on' : 'off');
        break;
      case 'snapshot': await this.snapshot(); break;
      case 'full': this.setFull(!this.full); break;
      case 'help': await this.help(); break;
      case 'more': await this.menu(); break;
      case 'escape': if (this.full) this.setFull(false); else if (this.selection) this.select(null); break;
      default: {
        const camera = store.cameras[Number(what.slice(6)) - 1];
        if (camera) this.pick(camera.id);
      }
    }
    this.requestUpdate();
  }

  /** @param {{from: number, to: number}|null} selection */
  select(selection) {
    const dragged = selection && this.selection; // browsers refuse a page that writes its address with each move
    this.selection = selection ?? undefined;
    this.tape?.touch();
    if (dragged) this.#writeSoon(); else this.#write();
    this.requestUpdate();
  }

  /** Makes a camera the main one, at the same moment. @param {string} id */
  pick(id) {
    if (id === this.cameras[0] || !this.player) return;
    this.#write(true);
    const us = this.player.us, others = this.cameras.length > 1 ? this.cameras.filter((c) => c !== id) : [];
    this.nothing = undefined;
    this.#seat([id, ...others]);
    this.player.seek(us);
    this.#write();
    this.requestUpdate();
  }

  /** @param {string} id */
  toggle(id) {
    this.#seats(this.cameras.includes(id) ? this.cameras.filter((c) => c !== id) : [...this.cameras, id]);
  }

  /** @param {string[]} ids the main one first; nine at most */
  #seats(ids) {
    if (!this.player || !ids.length) return;
    this.#seat(ids.slice(0, 9));
    this.player.seek(this.player.us);
    this.#write();
    this.requestUpdate();
  }

  async snapshot() {
    const camera = this.main, us = this.player?.main?.shown, file = this.file;
    if (us !== undefined && file) {
      const row = file.rows.find((r) => !r[4] && r[3] === us);
      if (row) download(file.file.slice(row[1], row[1] + row[2], 'image/jpeg'), `${file.name.replace(/\.avi$/i, '')}_${file.dated ? format(us / 1000, 'file') : elapsed(us).replace(':', '-')}.jpg`);
      return;
    }
    if (!camera || us === undefined) return;
    await attempt(async () => {
      const { bytes: jpeg } = await api.bytes(`/cameras/${encodeURIComponent(camera.id)}/frame.jpg`, { query: { at: text(us) } });
      download(new Blob([jpeg], { type: 'image/jpeg' }), `${pathOf(camera)}_${format(us / 1000, 'file')}.jpg`);
    });
  }

  /** iPhones have full screen for videos alone: there the page is filled. @param {boolean} on */
  setFull(on) {
    this.full = on;
    const box = /** @type {HTMLElement|null} */ (this.querySelector('.tl'));
    if (on) void box?.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) void document.exitFullscreen();
    const left = () => {
      if (document.fullscreenElement) return;
      document.removeEventListener('fullscreenchange', left);
      this.full = false;
      this.requestUpdate();
    };
    if (on) document.addEventListener('fullscreenchange', left);
    this.requestUpdate();
  }

  help() {
    return sheet(words.keys, (close) => html`<dl class="facts">${words.help.map(([key, what]) => html`<dt><b>${key}</b></dt><dd>${what}</dd>`)}</dl>
      <label class="tick"><input type="checkbox" .checked=${kept.get('keys', 'on') === 'on'} @change=${(/** @type {any} */ e) => kept.set('keys', e.target.checked ? 'on' : 'off')}>${words.keysOn}</label>
      <div class="ends"><button class="button" @click=${() => close()}>${words.close}</button></div>`);
  }

  menu() {
    const player = this.player;
    return sheet(words.more, (close) => html`
      ${store.cameras.length > 1 && !this.file ? html`<fieldset class="field"><legend>${words.cameras}</legend>${store.cameras.map((c) => html`<label class="tick"><input type="checkbox" .checked=${this.cameras.includes(c.id)}
        ?disabled=${c.id === this.cameras[0]} @change=${() => this.toggle(c.id)}>${c.name}</label>`)}</fieldset>` : nothing}
      <label class="tick"><input type="checkbox" .checked=${player?.realTime ?? false} @change=${(/** @type {any} */ e) => { if (player) player.realTime = e.target.checked; kept.set('realtime', e.target.checked ? 'on' : ''); }}>${words.realTime}</label>
      <div class="tl-menu">
        ${this.main ? html`<button class="button" @click=${() => { close(); open(`/mini/${this.main ? pathOf(this.main) : ''}`, '_blank', 'popup,width=480,height=360'); }}>${icon('pip')}${words.popOut}</button>` : nothing}
        <button class="button" @click=${() => { this.#write(); close(); copy(location.href); toast(words.copied); }}>${icon('link')}${words.copyLink}</button>
        <label class="button"><input type="file" accept=".avi,video/x-msvideo" class="unseen" @change=${(/** @type {any} */ e) => { close(); if (e.target.files[0]) void this.openFile(e.target.files[0]); }}>${words.open}</label>
        <button class="button" @click=${() => { close(); void this.help(); }}>${icon('keyboard')}${words.keys}</button>
        <button class="button" @click=${() => close()}>${words.close}</button></div>`);
  }

  /** Goes to where what moves here began, 2 s before it, and shows where in the picture. */
  async findStart() {
    const camera = this.cameras[0];
    this.player?.pause();
    await this.tape?.updateComplete; // a link asks before there are rows
    const tiles = this.tape?.main?.tiles;
    const start = tiles && await attempt(async () => await startOf(tiles, this.ms) ?? null);
    if (start === null) return toast(words.startNone);
    if (!start || camera !== this.cameras[0]) return; // why was told
    this.seek(start.park * 1000);
    const us = this.player?.us ?? 0;
    this.found = { us, box: undefined };
    const box = await boxOf(camera, start.change);
    if (this.found?.us === us) this.found.box = box;
    if (!box) toast(words.startFound);
    this.requestUpdate();
  }

  /** An AVI of one's own, played as it is. @param {File} file */
  async openFile(file) {
    const contents = await local(file).contents().catch((err) => { toast(err.message, { bad: true }); });
    const player = this.player;
    if (!contents || !player) return;
    player.pause();
    for (const { deck } of this.seats.values()) player.shut(deck);
    this.seats.clear();
    const canvas = document.createElement('canvas');
    this.cameras = [];
    this.seats.set('', { canvas, deck: player.open('', canvas, file) });
    this.file = { ...contents, name: file.name, file };
    this.nothing = undefined;
    player.seek(contents.rows[0][3]);
    this.requestUpdate();
  }

  closeFile() {
    for (const { deck } of this.seats.values()) this.player?.shut(deck);
    this.seats.clear();
    this.file = undefined;
    this.url = '';
    this.#arrive();
  }

  #said() {
    const player = this.player, n = this.nothing;
    if (player?.main?.away && player.state !== 'playing') return html`<div class="tl-plate tl-said" role="status">${playerWords.away}</div>`;
    if (this.trouble) return html`<div class="tl-plate tl-said" role="alert">${this.trouble}</div>`;
    if (this.bridge) return html`<div class="tl-plate tl-said">${this.bridge}</div>`;
    if (n) {
      const beside = n.next ?? n.before;
      const why = n.us / 1000 > now() ? words.future : n.gap ? `${format(n.gap.from / 1000)}–${format(n.gap.to / 1000)}, ${length((n.gap.to - n.gap.from) / 1000)}: ${(reasons[n.gap.reason] ?? reasons.unknown)[1]}` : words.nothing;
      return html`<div class="tl-plate tl-said" role="status">${why}${beside === undefined ? nothing : html`<button class="button" @click=${() => this.seek(n.next ?? (n.before ?? 0) - 1e6)}>${n.next === undefined ? words.before : words.next}</button>`}</div>`;
    }
    if (this.late) return html`<div class="tl-plate tl-said" role="status">${words.waiting}</div>`;
    if (player?.state === 'waiting' && player.main?.atEdge) return html`<div class="tl-plate tl-said">${words.atEdge}</div>`;
    return nothing;
  }

  /** Something was kept, unlocked or deleted. */
  #afresh() {
    this.tape?.afresh();
    const select = this.querySelector('v-select');
    if (select) { /** @type {import('../timeline/select.js').SelectElement} */ (select).asked = ''; /** @type {any} */ (select).requestUpdate(); }
    this.seek(this.player?.us ?? 0, false);
  }

  #card() {
    const close = html`<button class="button" @click=${() => { this.card = undefined; this.requestUpdate(); }}>${words.close}</button>`;
    const k = this.card?.keep, g = this.card?.gap;
    if (k) return html`<div class="tape-card" role="status">${icon('lock')}<span class="grow"><b>${keeping.keptLane}</b> <b class="num">${format(k.from, 'datetime')}–${format(k.to)}</b>${k.note ? html`: ${k.note}` : nothing}.
        <span class="muted">${[keeping.byWhom(k.who), k.until ? keeping.keptUntil(format(k.until, 'datetime')) : keeping.forever, keeping.holds(bytes(k.bytes))].join(' · ')}</span></span>
      ${store.may('control') ? html`<v-act icon="unlock" .label=${keeping.unlock} .run=${() => this.#unlock(k)}></v-act>` : nothing}${close}</div>`;
    if (!g) return nothing;
    const [short, long] = reasons[g.reason] ?? reasons.unknown;
    return html`<div class="tape-card" role="status">${icon('info')}<span class="grow"><b class="num">${format(g.from)}–${format(g.to)}</b>, ${length(g.to - g.from)}, <b>${short}</b>. ${long}.</span>
      <button class="button" @click=${() => this.seek(g.to * 1000)}>${words.next}</button>${close}</div>`;
  }

  /** @param {import('../timeline/keeps.js').Keep} k */
  async #unlock(k) {
    const what = `${format(k.from, 'datetime')}–${format(k.to)}${k.note ? ` (${k.note})` : ''}`;
    if (!await confirm(keeping.unlock, keeping.unlockText(what), keeping.unlock)) return;
    await api.send('DELETE', `/keeps/${k.id}`);
    this.card = undefined;
    toast(keeping.unlocked);
    this.#afresh();
  }

  render() {
    const player = this.player;
    if (!store.known && !store.cameras.length) return html`<div class="tl"><div class="tl-stage"></div></div>`;
    if (!store.cameras.length) { return html`<div class="empty">${icon('timeline')}<p>${words.nothing}</p><a class="button" href="/live">${words.live}</a></div>`; }
    if (!player) return nothing;
    const seat = this.seats.get(this.file ? '' : this.cameras[0]);
    return html`<div class=${`tl${this.full ? ' tl-full' : ''}${this.selection ? ' tl-marking' : ''}`}>
      <div class="tl-head">${this.file ? html`<b>${words.dropped(this.file.name)}</b><button class="button" @click=${() => this.closeFile()}>${words.close}</button>`
        : html`<select aria-label=${words.camera} @change=${(/** @type {any} */ e) => this.pick(e.target.value)}>${store.cameras.map((c) => html`<option value=${c.id} ?selected=${c.id === this.cameras[0]}>${c.name}</option>`)}</select>
          <button class="button" @click=${() => go(`/live/${this.main ? pathOf(this.main) : ''}`)}>${icon('live')}${words.toLive}</button>`}</div>
      <div class="tl-scene"><div class="tl-stage"><div class="tl-picture">${seat?.canvas}${this.preview}${this.found?.box ? html`<div class="tl-box" role="status" .style=${boxStyle(this.found.box)}><span>${words.startFound}</span></div>` : nothing}</div>
        <div class="tl-plate tl-time"><b class="num"></b><small></small></div>
        <div class="tl-plate tl-chip">${this.zoomed > 1 ? html`<button @click=${() => this.zoom?.reset()}>${this.zoomed.toFixed(1)}× ✕</button>` : nothing}
          ${player.sound && player.silence === 'tap' ? html`<button @click=${() => player.listen(true)}>${words.tapForSound}</button>`
            : player.sound && ['fast', 'backwards'].includes(player.silence) ? html`<span class="tl-plate">${words.silence[player.silence]}</span>` : nothing}
          ${player.main?.skipped ? html`<span class="tl-plate" role="status">${words.skipped(player.main.skipped)}</span>` : nothing}</div>
        ${this.#said()}</div>
      ${this.cameras.length > 1 ? html`<div class="tl-others">${repeat(this.cameras.slice(1), (id) => id, (id) => {
        const other = this.seats.get(id), gap = other?.deck.nothing?.gap;
        return html`<button aria-label=${store.camera(id)?.name ?? id} @click=${() => this.pick(id)}>${other?.canvas}<span>${store.camera(id)?.name ?? id}${gap ? ': ' + (reasons[gap.reason] ?? reasons.unknown)[0] : ''}</span></button>`;
      })}</div>` : nothing}</div>
      ${bar(player, { do: (c, v) => void this.do(c, v), full: this.full, selecting: !!this.selection, file: !!this.file, busy: false })}
      ${this.file ? html`<input class="tl-slide" type="range" min="0" max=${(this.file.end - this.file.begin) / 1e6} step="0.01" aria-label=${words.tape} @input=${(/** @type {any} */ e) => player.seek((this.file?.begin ?? 0) + Number(e.target.value) * 1e6)}>`
        : html`${this.#card()}
      <v-tape .cameras=${this.cameras} .selection=${this.selection} @seek=${(/** @type {CustomEvent} */ e) => this.seek(e.detail * 1000)} @scrub=${(/** @type {CustomEvent} */ e) => this.#scrub(e.detail)}
        @sheet=${() => (this.scrubbing || this.fetching) && this.#small()} @view=${() => { if (!player.wanted) this.#writeSoon(); }} @pick=${(/** @type {CustomEvent} */ e) => this.pick(e.detail)}
        @gap=${(/** @type {CustomEvent} */ e) => { this.card = { gap: e.detail }; this.requestUpdate(); }} @keep=${(/** @type {CustomEvent} */ e) => { this.card = { keep: e.detail }; this.requestUpdate(); }} @select=${(/** @type {CustomEvent} */ e) => this.select(e.detail)}
        @goto=${() => this.do('goto')} @now=${() => this.toNow()}></v-tape>
      ${this.selection ? html`<v-select .selection=${this.selection} .cameras=${this.cameras} @mark=${(/** @type {CustomEvent} */ e) => this.select(e.detail)}
        @cameras=${(/** @type {CustomEvent} */ e) => this.#seats(e.detail)} @changed=${() => this.#afresh()}></v-select>` : nothing}`}
    </div>`;
  }

  #writeSoon() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.isConnected && this.#write(), 400);
  }
}

/** @param {import('../timeline/places.js').Box} b */
const boxStyle = (b) => `left:${b.x * 100}%;top:${b.y * 100}%;width:${b.width * 100}%;height:${b.height * 100}%`;

/** @param {number} us */
function elapsed(us) {
  const s = Math.max(0, us / 1e6);
  return `${String(Math.floor(s / 60)).padStart(2, '0')}:${(s % 60).toFixed(1).padStart(4, '0')}`;
}

/** @param {number} rate */
const faster = (rate) => Math.sign(rate) * (speeds.find((s) => s > Math.abs(rate)) ?? speeds[speeds.length - 1]);

customElements.define('v-timeline', Timeline);
