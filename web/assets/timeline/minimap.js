// @ts-check
// All that is kept, in one line of 16 px: where there is footage, and which part of it the tape shows.
import { now } from '../core/time.js';
import { Spans } from './spans.js';
import { coverage } from './draw.js';
import { Scale } from './scale.js';

const longest = 90 * 86400e3;
export const miniHeight = 16;

export class Minimap {
  /** @param {string} camera @param {() => void} changed */
  constructor(camera, changed) {
    this.spans = new Spans(camera, changed);
    this.scale = new Scale();
  }

  /** @param {import('./draw.js').Board} board its scale is the tape's */
  draw(board) {
    const t = now();
    const first = this.spans.recorded[0]?.from ?? t - 86400e3;
    const span = Math.max(3600e3, (t - first) * 1.04, t - board.scale.from);
    this.scale.width = board.scale.width;
    this.scale.span = Math.min(longest, span);
    this.scale.center = t + this.scale.span * 0.01 - this.scale.span / 2;
    this.spans.want(t - longest, t, Math.max(60e3, this.scale.pixel));
    const { paper, dpr, colours } = board;
    paper.fillStyle = colours.bg;
    paper.fillRect(0, 0, paper.canvas.width, paper.canvas.height);
    coverage({ ...board, scale: this.scale }, this.spans, 3, miniHeight - 6, false);
    const x = Math.round(this.scale.x(board.scale.from) * dpr), w = Math.max(6 * dpr, Math.round(this.scale.x(board.scale.to) * dpr) - x);
    paper.strokeStyle = colours.accent;
    paper.lineWidth = 2 * dpr;
    paper.strokeRect(x, dpr, w, paper.canvas.height - 2 * dpr);
  }
}
