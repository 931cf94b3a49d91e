// @ts-check
// Small pictures for a finger that moves faster than exact ones come: sheets of ten minutes, a picture each ten
// seconds. One request at a time, and the newest wish wins.
import { api } from '../core/api.js';
import { now } from '../core/time.js';

const cell = 10e3, cells = 60, across = 10;
export const width = 160, height = 120;
/** A decoded sheet takes 4.6 MB. */
const most = 4;

/** @typedef {{bitmap: ImageBitmap|undefined, cells: string, asked: number}} Sheet */

export class Sheets {
  /** @param {string} camera @param {() => void} changed */
  constructor(camera, changed) {
    this.camera = camera;
    this.changed = changed;
    /** @type {Map<number, Sheet>} the one used last at the end */
    this.sheets = new Map();
    this.busy = this.closed = false;
    /** @type {number|undefined} */
    this.wish = undefined;
  }

  /**
   * Draws the small picture of a moment, if it is there; else it is asked for.
   * @param {number} ms @param {CanvasRenderingContext2D} paper filled with it
   * @returns {boolean} whether there is one
   */
  draw(ms, paper) {
    const number = Math.floor(ms / (cell * cells));
    const sheet = this.sheets.get(number);
    const fresh = sheet && (performance.now() - sheet.asked < 10e3 || (number + 1) * cell * cells < now() - cell);
    if (!fresh) this.#want(number);
    if (!sheet?.bitmap) return false;
    this.sheets.delete(number);
    this.sheets.set(number, sheet);
    let n = Math.floor(ms / cell) - number * cells;
    if (sheet.cells[n] !== '1' && sheet.cells[n - 1] === '1') n--;
    if (sheet.cells[n] !== '1') return false;
    paper.drawImage(sheet.bitmap, (n % across) * width, Math.floor(n / across) * height, width, height, 0, 0, paper.canvas.width, paper.canvas.height);
    return true;
  }

  /** @param {number} number */
  #want(number) {
    this.wish = number;
    if (!this.busy && !this.closed) void this.#load();
  }

  async #load() {
    this.busy = true;
    while (this.wish !== undefined) {
      const number = this.wish;
      this.wish = undefined;
      /** @type {Sheet} */
      const sheet = { bitmap: undefined, cells: '', asked: performance.now() };
      try {
        const { bytes, headers } = await api.bytes(`/cameras/${encodeURIComponent(this.camera)}/sheets/${number}`);
        sheet.cells = headers.get('X-Cells') ?? '';
        sheet.bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      } catch {
        // There is none, or it comes later: the moment is shown without.
      }
      if (this.closed) { // nobody is left to close it
        sheet.bitmap?.close();
        break;
      }
      this.sheets.get(number)?.bitmap?.close();
      this.sheets.delete(number);
      this.sheets.set(number, sheet);
      while (this.sheets.size > most) {
        const [oldest, old] = /** @type {[number, Sheet]} */ (this.sheets.entries().next().value);
        old.bitmap?.close();
        this.sheets.delete(oldest);
      }
      this.changed();
    }
    this.busy = false;
  }

  close() {
    this.closed = true;
    this.wish = undefined;
    for (const sheet of this.sheets.values()) sheet.bitmap?.close();
    this.sheets.clear();
  }
}
