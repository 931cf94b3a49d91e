// @ts-check
// The ruler: steps that people count in, on the recorder's clock, through hours that are left out or twice.
import { dayOf, fields, format, zone } from '../core/time.js';

const s = 1000, m = 60 * s, h = 60 * m, d = 24 * h;
const steps = [s, 5 * s, 10 * s, 30 * s, m, 5 * m, 10 * m, 30 * m, h, 3 * h, 6 * h, 12 * h, d, 7 * d];

/**
 * @typedef {{ms: number, x: number, kind: 'minor'|'major'|'midnight'|'jump', text: string}} Tick
 * @param {import('./scale.js').Scale} scale
 * @returns {Tick[]} in order
 */
export function ticks(scale) {
  const major = steps.find((step) => step / scale.pixel >= (step < m ? 88 : 72)) ?? 7 * d;
  const minor = [5, 6].map((n) => major / n).find((step) => step / scale.pixel >= 8 && Number.isInteger(step / s));
  /** @type {Tick[]} */
  const list = [];
  for (let { start, end } = dayOf(scale.from); start < scale.to; { start, end } = dayOf(end)) {
    list.push({ ms: start, x: scale.x(start), kind: 'midnight', text: format(start, 'day') });
    if (major <= 12 * h) ofDay(list, scale, start, end, major, minor);
    jumps(list, scale, start, end);
    if (list.length > 4000) break;
  }
  list.sort((a, b) => a.ms - b.ms || Number(b.kind === 'jump') - Number(a.kind === 'jump'));
  return major === 7 * d ? list.filter((t) => t.kind !== 'midnight' || fields(t.ms).weekday === 1) : list;
}

/** @param {Tick[]} list @param {import('./scale.js').Scale} scale @param {number} start @param {number} end @param {number} major @param {number} [minor] */
function ofDay(list, scale, start, end, major, minor) {
  const step = minor ?? major;
  // Steps are of the clock on the wall: each part of the day with one offset has its own.
  for (let part = start; part < end;) {
    const offset = zone.offset(part);
    const next = Math.min(end, zone.parts.find((p) => p.from > part)?.from ?? Infinity);
    const first = Math.max(part, scale.from - step);
    for (let wall = Math.ceil((first + offset) / step) * step; wall - offset < Math.min(next, scale.to); wall += step) {
      const ms = wall - offset;
      if (ms === start) continue;
      const big = wall % major === 0;
      list.push({ ms, x: scale.x(ms), kind: big ? 'major' : 'minor', text: big ? format(ms, major < m ? 'time' : 'hm') : '' });
    }
    part = next;
  }
}

/** An hour left out, or twice. @param {Tick[]} list @param {import('./scale.js').Scale} scale @param {number} start @param {number} end */
function jumps(list, scale, start, end) {
  zone.parts.forEach((p, i) => {
    if (i === 0 || p.from < start || p.from >= end) return;
    const by = (p.offset - zone.parts[i - 1].offset) / h;
    if (by) list.push({ ms: p.from, x: scale.x(p.from), kind: 'jump', text: `${format(p.from, 'hm')} clock ${by > 0 ? '+' : '−'}${Math.abs(by)} h` });
  });
}
