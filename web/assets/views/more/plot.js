// @ts-check
// A plot of lines or bars with uPlot, in the colours of the page. Beside it there is always the same as a table.
import uPlot from '../../lib/uplot.js';
import { View } from '../../core/dom.js';
import { t } from '../../core/strings.js';
import { fields, format } from '../../core/time.js';

const colours = ['--lane-recorded', '--lane-motion', '--lane-sound', '--lane-kept', '--lane-event', '--accent', '--ok', '--warn'];

/** A date whose local fields are those of the recorder's clock: days begin at its midnights. @param {number} s since 1970 */
function tzDate(s) {
  const f = fields(s * 1000);
  return new Date(f.year, f.month - 1, f.day, f.hour, f.minute, f.second, f.ms);
}

let styled = false;
function style() {
  if (styled) return;
  styled = true;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL('../../lib/uplot.css', import.meta.url).href;
  document.head.append(link);
}

/**
 * Properties: names (of the lines), data (uPlot's: seconds since 1970, then a list for each line), bars, unit (a number as text); days (the axis
 * has days), areas (so many lines, the first, are filled down to the next), lines (how those behind the areas are drawn: '', 'dash', 'quota').
 */
class Plot extends View {
  static properties = { names: { attribute: false }, data: { attribute: false }, bars: { type: Boolean }, days: { type: Boolean }, areas: { type: Number }, lines: { attribute: false }, unit: { attribute: false } };
  constructor() {
    super();
    /** @type {string[]} */
    this.names = [];
    /** @type {any} */
    this.data = [[]];
    this.bars = this.days = false;
    this.areas = 0;
    /** @type {string[]} */
    this.lines = [];
    this.unit = (/** @type {number} */ n) => String(n);
    /** @type {any} */
    this.plot = undefined;
    this.made = '';
  }
  connectedCallback() {
    super.connectedCallback();
    style();
    this.setAttribute('aria-hidden', 'true');
    const size = new ResizeObserver(() => this.plot?.setSize({ width: this.clientWidth, height: 220 }));
    size.observe(this);
    this.until(() => { size.disconnect(); this.plot?.destroy(); this.plot = undefined; });
  }
  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    const of = this.names.join('|') + document.documentElement.dataset.theme;
    if (this.plot && this.made === of) return changed.has('data') ? this.plot.setData(this.data) : undefined;
    this.plot?.destroy();
    this.made = of;
    const look = getComputedStyle(this), colour = (/** @type {string} */ name) => look.getPropertyValue(name).trim();
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--hair'), width: 1 }, ticks: { stroke: colour('--hair'), width: 1 }, font: '12px system-ui' };
    this.plot = new uPlot({
      width: this.clientWidth || 320, height: 220, tzDate,
      axes: [{ ...axis, values: (_, all) => all.map((s) => format(s * 1000, this.bars || this.days ? 'day' : this.data[0].length && this.data[0].at(-1) - this.data[0][0] > 2 * 86400 ? 'day' : 'hm')), ...(this.bars || this.days ? { space: 96, incrs: [86400, 2 * 86400, 7 * 86400] } : { space: 72 }) }, { ...axis, size: 64, values: (_, all) => all.map((n) => this.unit(n)) }],
      scales: { y: { range: (_, low, high) => [Math.min(0, low || 0), (high || 1) * 1.1] } },
      legend: { live: !this.bars && !this.days },
      cursor: { drag: { x: false, y: false } },
      series: [{ label: t.health.time, value: (_, s) => format(s * 1000) }, ...this.names.map((label, i) => ({
        label, width: 1.5, value: (/** @type {unknown} */ _, /** @type {number|null} */ n) => (n === null || n === undefined ? '–' : this.unit(n)),
        ...(this.areas ? this.area(i, colour) : this.bars ? { stroke: colour(colours[i % colours.length]), fill: colour(colours[i % colours.length]), paths: uPlot.paths.bars?.({ size: [0.7, 40] }), points: { show: false } } : { stroke: colour(colours[i % colours.length]), points: { show: false } }),
      }))],
    }, this.data, this);
  }

  /** How a line of a plot with areas is drawn. @param {number} i @param {(name: string) => string} colour */
  area(i, colour) {
    if (i < this.areas) return { fill: colour(colours[(this.areas - 1 - i) % colours.length]), stroke: colour(colours[(this.areas - 1 - i) % colours.length]), points: { show: false } };
    const how = this.lines[i - this.areas];
    return how === 'quota' ? { stroke: colour('--danger'), width: 2, points: { show: false } }
      : { stroke: colour('--muted'), width: 1.5, points: { show: false }, ...(how === 'dash' ? { dash: [4, 4] } : {}) };
  }
}
customElements.define('v-plot', Plot);
