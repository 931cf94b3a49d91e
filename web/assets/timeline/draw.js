// @ts-check
// The lanes, drawn on one canvas: one fillRect a column and lane, with whole pixels. It is called when something
// changed, and at no other time.
import { reasonText, words } from '../core/strings-footage.js';
import { format, now } from '../core/time.js';
import { columns } from './tiles.js';
import { pattern, patternOf } from './paint.js';
import { ticks } from './ticks.js';

/**
 * @typedef {{spans: import('./spans.js').Spans, tiles: import('./tiles.js').Tiles, keeps: import('./keeps.js').Keeps}} Lane
 * @typedef {{ruler: number, rail: number, coverage: number, motion: number, sound: number, events: number, pad: number}} Heights
 * @typedef {{from: number, to: number}|undefined} Selection
 */

/** @type {Heights} */
export const phone = { ruler: 26, rail: 8, coverage: 20, motion: 36, sound: 16, events: 24, pad: 3 };
/** @type {Heights} */
export const desk = { ruler: 28, rail: 8, coverage: 26, motion: 56, sound: 26, events: 28, pad: 4 };
export const compact = 14;

/** @param {Heights} h */
export const heightOf = (h) => h.ruler + h.rail + h.coverage + h.motion + h.sound + h.events + 4 * h.pad;

/** @typedef {{paper: CanvasRenderingContext2D, dpr: number, scale: import('./scale.js').Scale, colours: import('./paint.js').Colours}} Board */

const px = (/** @type {Board} */ b, /** @type {number} */ x) => Math.round(x * b.dpr);

/** @param {Board} b @param {Lane} main @param {Heights} h @param {Selection} selection */
export function draw(b, main, h, selection) {
  const { paper, scale, colours } = b;
  const width = px(b, scale.width);
  paper.fillStyle = colours.bg;
  paper.fillRect(0, 0, width, paper.canvas.height);
  let y = ruler(b, h);
  rail(b, main.keeps, y, h.rail);
  y += h.rail;
  coverage(b, main.spans, y, h.coverage, true);
  y += h.coverage + h.pad;
  levels(b, main.tiles, y, h);
  y += h.motion + h.pad + h.sound + h.pad;
  events(b, main.spans, y, h.events);
  future(b, h.ruler, heightOf(h));
  if (selection) {
    paper.fillStyle = colours.accent;
    paper.globalAlpha = 0.22;
    paper.fillRect(px(b, scale.x(selection.from)), px(b, h.ruler), Math.max(1, px(b, scale.x(selection.to)) - px(b, scale.x(selection.from))), paper.canvas.height);
    paper.globalAlpha = 1;
  }
}

/** @param {Board} b @param {Heights} h @returns {number} where the lanes begin */
function ruler(b, h) {
  const { paper, scale, colours, dpr } = b;
  paper.font = `${12 * dpr}px system-ui, sans-serif`;
  paper.textBaseline = 'middle';
  const list = ticks(scale);
  let free = 0;
  // The day at the left edge stays, until the next one pushes it.
  const sticky = format(scale.from, 'day');
  const first = list.find((t) => t.kind === 'midnight' && t.x > 0);
  const stickyWidth = paper.measureText(sticky).width / dpr + 12;
  const stickyX = Math.min(6, (first?.x ?? Infinity) - stickyWidth);
  for (const t of list) {
    const x = px(b, t.x);
    paper.fillStyle = t.kind === 'minor' ? colours.hair : colours.line;
    if (t.kind === 'midnight') paper.fillRect(x, 0, Math.max(1, Math.round(dpr)), paper.canvas.height);
    else if (t.kind === 'jump') for (const o of [-1.5, 1.5]) paper.fillRect(x + px(b, o), 0, Math.max(1, Math.round(dpr)), paper.canvas.height);
    else paper.fillRect(x, px(b, h.ruler - (t.kind === 'major' ? 7 : 4)), Math.max(1, Math.round(dpr)), px(b, t.kind === 'major' ? 7 : 4));
    if (!t.text || t.x < -200) continue;
    const w = paper.measureText(t.text).width / dpr;
    const bold = t.kind === 'midnight' || t.kind === 'jump';
    const at = bold ? t.x + 6 : Math.min(Math.max(4, t.x - w / 2), scale.width - w - 4);
    if (at < free || (stickyX > -stickyWidth && at < stickyX + stickyWidth && !(bold && t.x > 0))) continue;
    if (!bold && (t.x < -1 || t.x > scale.width)) continue;
    paper.fillStyle = bold ? colours.text : colours.muted;
    paper.fillText(t.text, px(b, at), px(b, (h.ruler - 6) / 2 + 1));
    free = at + w + 6;
  }
  if (stickyX > -stickyWidth) {
    paper.fillStyle = colours.text;
    paper.fillText(sticky, px(b, stickyX), px(b, (h.ruler - 6) / 2 + 1));
  }
  return h.ruler;
}

/** What is kept; from 24 px on with a lock. @param {Board} b @param {import('./keeps.js').Keeps} keeps @param {number} y @param {number} height */
function rail(b, keeps, y, height) {
  const { paper, scale, colours, dpr } = b;
  paper.fillStyle = colours.kept;
  for (const k of keeps.list) {
    if (k.to < scale.from || k.from > scale.to) continue;
    const left = px(b, Math.max(-8, scale.x(k.from))), wide = Math.max(2 * Math.round(dpr), px(b, Math.min(scale.width + 8, scale.x(k.to))) - left);
    paper.fillRect(left, px(b, y + 1), wide, px(b, height - 3));
    if (wide < 24 * dpr) continue;
    // A lock, on a plate that it is told apart from the rail by.
    const x = Math.max(left, 0) + 4 * dpr, top = px(b, y);
    paper.fillStyle = colours.bg;
    paper.fillRect(x - 2 * dpr, top, 12 * dpr, px(b, height));
    paper.fillStyle = paper.strokeStyle = colours.kept;
    paper.fillRect(x, top + 3.5 * dpr, 8 * dpr, 4.5 * dpr);
    paper.lineWidth = 1.2 * dpr;
    paper.beginPath();
    paper.arc(x + 4 * dpr, top + 3.5 * dpr, 2.4 * dpr, Math.PI, 0);
    paper.stroke();
  }
}

/** @param {Board} b @param {import('./spans.js').Spans} spans @param {number} y @param {number} height @param {boolean} named */
export function coverage(b, spans, y, height, named) {
  const { paper, scale, colours, dpr } = b;
  const top = px(b, y), tall = px(b, height);
  paper.fillStyle = colours.hair; // not loaded: flat, so that it never looks like not recorded
  const left = spans.res === Infinity ? scale.width : scale.x(spans.from);
  paper.globalAlpha = 0.5;
  if (left > 0) paper.fillRect(0, top, px(b, Math.min(left, scale.width)), tall);
  if (scale.x(spans.to) < scale.x(Math.min(now(), scale.to))) paper.fillRect(px(b, scale.x(spans.to)), top, px(b, scale.x(Math.min(now(), scale.to)) - scale.x(spans.to)), tall);
  paper.globalAlpha = 1;
  for (const g of spans.gaps) gap(b, g, top, tall, named);
  paper.fillStyle = colours.recorded;
  for (const r of spans.recorded) {
    if (r.to < scale.from || r.from > scale.to) continue;
    const x = px(b, Math.max(0, scale.x(r.from)));
    paper.fillRect(x, top, Math.max(Math.round(dpr), px(b, Math.min(scale.width, scale.x(r.to))) - x), tall);
  }
  for (const t of spans.thinned) {
    if (t.to < scale.from || t.from > scale.to) continue;
    const x = px(b, Math.max(0, scale.x(t.from)));
    slits(paper, colours.bg, x, top, Math.max(Math.round(dpr), px(b, Math.min(scale.width, scale.x(t.to))) - x), tall, Math.round(dpr));
  }
}

/**
 * Makes a bar one of half the height with vertical slits: fewer pictures than were recorded. A narrow one has no slits.
 * The slits stand still while the bar grows, and under what is drawn before it lies the lane alone.
 * @param {CanvasRenderingContext2D} paper @param {string} lane its colour @param {number} x @param {number} y @param {number} wide @param {number} tall @param {number} dpr
 */
export function slits(paper, lane, x, y, wide, tall, dpr) {
  paper.fillStyle = lane;
  paper.fillRect(x, y, wide, Math.floor(tall / 2));
  for (let at = Math.ceil((x + 1) / (6 * dpr)) * 6 * dpr; at + dpr < x + wide; at += 6 * dpr) paper.fillRect(at, y, 2 * dpr, tall);
}

/** Ticks where the picture stood for long and no gap was: too short to be one. @param {Board} b @param {{from: number, to: number}[]} list @param {Heights} h */
export function holds(b, list, h) {
  const { paper, scale, colours, dpr } = b;
  const top = px(b, h.ruler + h.rail), tall = px(b, h.coverage), thin = 2 * Math.round(dpr);
  for (const hold of list) {
    if (hold.to < scale.from || hold.from > scale.to) continue;
    const x = px(b, scale.x(hold.from)), wide = Math.max(3 * thin, px(b, scale.x(hold.to)) - x);
    paper.fillStyle = colours.bg;
    paper.fillRect(x, top, wide, tall);
    paper.fillStyle = colours.warn;
    paper.fillRect(x + Math.round((wide - thin) / 2), top, thin, tall);
  }
}

/** @param {Board} b @param {import('./spans.js').Gap} g @param {number} top @param {number} tall @param {boolean} named */
function gap(b, g, top, tall, named) {
  const { paper, scale, colours, dpr } = b;
  if (g.to < scale.from || g.from > scale.to) return;
  const x = px(b, Math.max(-8, scale.x(g.from))), w = Math.max(Math.round(dpr), px(b, Math.min(scale.width + 8, scale.x(g.to))) - x);
  const kind = patternOf(g.reason);
  paper.save();
  paper.beginPath();
  paper.rect(x, top, w, tall);
  paper.clip();
  switch (kind) {
    case 'line':
      paper.fillStyle = colours.line;
      paper.fillRect(x, top + tall - 2 * Math.round(dpr), w, Math.max(1, Math.round(dpr)));
      break;
    case 'solid':
      paper.fillStyle = colours.danger;
      paper.fillRect(x, top, w, tall);
      break;
    case 'fade': case 'gone': { // to the lane
      const fade = paper.createLinearGradient(0, top, 0, top + tall);
      fade.addColorStop(0, colours.line);
      fade.addColorStop(1, colours.bg);
      paper.fillStyle = fade;
      paper.fillRect(x, top, w, tall);
      break;
    }
    case 'question':
      paper.fillStyle = colours.hair;
      paper.fillRect(x, top + tall / 2, w, tall / 2);
      break;
    default:
      paper.fillStyle = pattern(paper, kind, kind === 'dots' ? colours.warn : colours.line, dpr);
      paper.fillRect(x, top, w, tall);
  }
  if (named && w > 60 * dpr && tall > 12 * dpr) {
    const sign = kind === 'solid' ? '! ' : kind === 'gone' ? '✕ ' : kind === 'question' ? '? ' : '';
    const text = sign + reasonText(g.reason);
    paper.font = `${12 * dpr}px system-ui, sans-serif`;
    const wide = paper.measureText(text).width;
    const at = Math.max(x, 0) + 6 * dpr;
    if (at + wide + 6 * dpr < x + w) {
      paper.fillStyle = kind === 'solid' ? colours.danger : colours.bg;
      paper.fillRect(at - 3 * dpr, top + 2 * dpr, wide + 6 * dpr, tall - 4 * dpr);
      paper.fillStyle = kind === 'solid' ? colours.bg : colours.muted;
      paper.textBaseline = 'middle';
      paper.fillText(text, at, top + tall / 2 + dpr / 2);
    }
  }
  paper.restore();
}

/** Motion of another camera, over its coverage in a row of 14 px. @param {Board} b @param {import('./tiles.js').Tiles} tiles @param {number} height */
export function compactMotion(b, tiles, height) {
  const { paper, scale, colours, dpr } = b;
  const wide = Math.max(2, Math.round(dpr)), count = Math.ceil(px(b, scale.width) / wide);
  if (kept?.motion.length !== count) kept = columns(count);
  tiles.columns(tiles.level(scale.span), scale.from, scale.pixel * wide / dpr, kept);
  const floor = px(b, height - 1), tall = px(b, height - 3);
  paper.fillStyle = colours.motion;
  for (let i = 0; i < count; i++) if (kept.motion[i] > 0) {
    const high = Math.max(Math.round(dpr), Math.round(kept.motion[i] / 255 * tall));
    paper.fillRect(i * wide, floor - high, wide, high);
  }
}

/** Columns are kept from one drawing to the next: none is made while a finger moves. @type {import('./tiles.js').Columns|undefined} */
let kept;

/** @param {Board} b @param {import('./tiles.js').Tiles} tiles @param {number} y @param {Heights} h */
function levels(b, tiles, y, h) {
  const { paper, scale, colours, dpr } = b;
  const wide = Math.max(2, Math.round(dpr)), count = Math.ceil(px(b, scale.width) / wide);
  if (kept?.motion.length !== count) kept = columns(count);
  tiles.columns(tiles.level(scale.span), scale.from, scale.pixel * wide / dpr, kept);
  const { motion, sound } = kept;
  const floor = px(b, y + h.motion), tall = px(b, h.motion), ground = px(b, y + h.motion + h.pad + h.sound), low = px(b, h.sound);
  paper.fillStyle = colours.hair;
  paper.fillRect(0, floor, px(b, scale.width), Math.max(1, Math.round(dpr)));
  paper.fillStyle = colours.motion; // the square root is in the bucket already
  for (let i = 0; i < count; i++) if (motion[i] > 0) {
    const high = Math.max(Math.round(dpr), Math.round(motion[i] / 255 * tall));
    paper.fillRect(i * wide, floor - high, wide, high);
  }
  paper.fillStyle = colours.sound;
  const thin = Math.max(1, Math.round(1.5 * dpr));
  let before = -1;
  for (let i = 0; i < count; i++) {
    if (sound[i] <= 0) { before = -1; continue; }
    const at = ground - Math.round(Math.max(0, sound[i] - 90) / 165 * (low - thin)) - thin; // what is below -47 dB is the floor
    const from = before < 0 ? at : Math.min(at, before), to = before < 0 ? at : Math.max(at, before);
    paper.fillRect(i * wide, from, wide, to - from + thin);
    before = at;
  }
}

/** @param {Board} b @param {import('./spans.js').Spans} spans @param {number} y @param {number} height */
function events(b, spans, y, height) {
  const { paper, scale, colours, dpr } = b;
  const middle = px(b, y + height / 2), r = px(b, 4);
  // Pins nearer than 12 px are one with a number, which needs some room too.
  let last = -Infinity, several = 0;
  paper.font = `600 ${12 * dpr}px system-ui, sans-serif`;
  const count = () => {
    if (several < 2) return;
    const text = String(several), w = paper.measureText(text).width;
    paper.fillStyle = colours.bg;
    paper.fillRect(px(b, last) + r, middle - 7 * dpr, w + 4 * dpr, 14 * dpr);
    paper.fillStyle = colours.text;
    paper.textBaseline = 'middle';
    paper.fillText(text, px(b, last) + r + 2 * dpr, middle + dpr / 2);
  };
  for (const e of spans.events) {
    if (!seen(e.kinds) || e.to < scale.from || e.from > scale.to) continue;
    const x = scale.x(e.from), w = scale.x(e.to) - x;
    if (x - last < (several > 1 ? 26 : 12)) { several += e.count; continue; }
    count();
    paper.fillStyle = e.kinds.includes('motion') ? colours.event : colours.sound;
    if (w > 12) {
      const right = px(b, x + w), thick = Math.max(1, Math.round(1.5 * dpr));
      paper.fillRect(px(b, x), middle - thick / 2, right - px(b, x), thick);
      for (const end of [px(b, x), right - thick]) paper.fillRect(end, middle - r, thick, 2 * r);
    }
    paper.beginPath();
    paper.arc(px(b, x) , middle, r, 0, 7);
    paper.fill();
    [last, several] = [x, e.count];
  }
  count();
}

/** Events that people look for; when a camera came and went is told by its gaps. @param {string[]} kinds */
export const seen = (kinds) => kinds.some((k) => k === 'motion' || k === 'sound' || k === 'asked' || k === 'light');

/** @param {Board} b @param {number} top @param {number} bottom */
function future(b, top, bottom) {
  const { paper, scale, colours, dpr } = b;
  const x = scale.x(now());
  if (x > scale.width) return;
  const left = px(b, Math.max(0, x));
  paper.fillStyle = pattern(paper, 'hatch', colours.hair, dpr);
  paper.fillRect(left, px(b, top), px(b, scale.width) - left, px(b, bottom - top));
  if (x < 0) return;
  paper.fillStyle = colours.accent;
  paper.fillRect(left, px(b, top), Math.max(1, Math.round(dpr)), px(b, bottom - top));
  if (scale.width - x > 70) {
    paper.font = `${12 * dpr}px system-ui, sans-serif`;
    paper.fillStyle = colours.muted;
    paper.textBaseline = 'middle';
    paper.fillText(words.lanes.future, left + 8 * dpr, px(b, top + 13));
  }
}
