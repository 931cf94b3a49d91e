// @ts-check
// The effect on the past, in numbers and pictures.
import { html, nothing } from '../lib/lit.js';
import { words } from '../core/strings-zones.js';
import { format, length } from '../core/time.js';
import { micros } from '../player/stamp.js';
import '../timeline/thumb.js';

const few = 8; // tiles

/** @typedef {import('./effect.js').Span} Span @typedef {import('./effect.js').Judged} Judged */
/** @typedef {{camera: string, state: import('./effect.js').State, span: Span, shows: boolean, all: boolean, choose: (s: Span) => void, look: (us: number) => void, more: () => void}} Past shows: the answer is of what is tried now */

/** In a sentence. @param {import('./effect.js').State} state @param {boolean} shows */
export function verdict({ phase, answer, error }, shows) {
  if (phase === 'failed') return error || '';
  if (phase === 'waiting') return words.waiting;
  if (!shows || !answer) return words.judging;
  if (!answer.judged) return words.noFootage;
  if (!answer.new && !answer.gone && answer.now.length === answer.events.length) return words.same(answer.now.length);
  return `${words.would(answer.now.length, answer.events.length)}; ${words.newGone(answer.new, answer.gone)}`;
}

/** @param {Past} p */
export function past(p) {
  const { answer } = p.state;
  return html`<section class="card tn-past"><header><h2>${words.effect}</h2></header>
    <div class="tn-spans" role="group" aria-label=${words.effect}>${Object.entries(words.spans).map(([s, label]) => html`<button type="button" class="button" aria-pressed=${s === p.span} @click=${() => p.choose(/** @type {Span} */ (s))}>${label}</button>`)}</div>
    <p class="tn-verdict ${p.state.phase === 'failed' ? 'problem' : ''}" role="status" aria-busy=${!p.shows}>${verdict(p.state, p.shows)}</p>
    ${answer?.judged ? html`<p class="small muted">${words.judged(length((answer.tracked_seconds + answer.decoded_seconds) * 1000))}</p>` : nothing}
    ${answer ? html`<div class=${p.shows ? '' : 'tn-stale'}>${tiles(p, words.gone_, answer.now)}${tiles(p, words.fresh, answer.events)}</div>` : nothing}</section>`;
}

/** Those that only one side has, the plainest first. @param {Past} p @param {string} title @param {Judged[]} events */
function tiles(p, title, events) {
  const only = events.filter((e) => e.only).sort((a, b) => b.peak - a.peak), shown = p.all ? only.slice(0, 60) : only.slice(0, few);
  if (!only.length) return nothing;
  return html`<h3>${title} · <span class="num">${only.length}</span></h3><ul class="tn-tiles">${shown.map((e) => {
    const us = micros(e.best), [x, y, width, height] = e.box;
    return html`<li><button type="button" class="tn-thumb" @click=${() => p.look(us)}><v-thumb .camera=${p.camera} .us=${us} .box=${{ x, y, width, height }}></v-thumb>
      <span class="num small">${format(Date.parse(e.start), 'time')} · ${length(Math.max(0, Date.parse(e.end) - Date.parse(e.start)))}</span></button></li>`;
  })}</ul>${shown.length < only.length && !p.all ? html`<button type="button" class="button plain" @click=${p.more}>${words.moreTiles(only.length - shown.length)}</button>` : nothing}`;
}
