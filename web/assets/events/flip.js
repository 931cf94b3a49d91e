// @ts-check
// Ten small pictures of an event, one after the other, on its card. Of a long one they are cut from sheets, of a
// short one each is asked for: a sheet has a picture each ten seconds alone.
import { api } from '../core/api.js';
import { text } from '../player/stamp.js';
import { Sheets } from '../timeline/sheets.js';

const frames = 10, pace = 200; // ms
const long = 100e3;

export class Flip {
  /** @param {string} camera @param {number} from @param {number} to ms @param {HTMLCanvasElement} canvas */
  constructor(camera, from, to, canvas) {
    this.camera = camera;
    this.canvas = canvas;
    [canvas.width, canvas.height] = [160, 120];
    const begin = from - 1000, end = Math.max(to, from + 4000);
    this.times = Array.from({ length: frames }, (_, i) => begin + ((end - begin) * i) / (frames - 1));
    this.sheets = end - begin >= long ? new Sheets(camera, () => this.show(this.at)) : undefined;
    /** @type {(ImageBitmap|undefined)[]} */
    this.pictures = [];
    this.stopped = new AbortController();
    this.at = 0;
    if (!this.sheets) void this.#load();
  }

  async #load() {
    for (const [i, ms] of this.times.entries()) {
      if (this.stopped.signal.aborted) return;
      try {
        const { bytes } = await api.bytes(`/cameras/${encodeURIComponent(this.camera)}/thumb.jpg`, { query: { at: text(ms * 1000) }, signal: this.stopped.signal });
        const picture = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
        if (this.stopped.signal.aborted) return picture.close();
        this.pictures[i] = picture;
        if (i === this.at) this.show(i);
      } catch {
        // There is none of that moment: the one before it stays.
      }
    }
  }

  /** Shows one of them, 0 to 1. @param {number} part */
  seek(part) { this.show(Math.min(frames - 1, Math.max(0, Math.floor(part * frames)))); }

  /** @param {number} i */
  show(i) {
    this.at = i;
    const paper = this.canvas.getContext('2d');
    if (!paper || this.stopped.signal.aborted) return;
    if (this.sheets) this.canvas.hidden = !this.sheets.draw(this.times[i], paper) && this.canvas.hidden;
    const picture = this.pictures[i];
    if (!picture) return;
    paper.drawImage(picture, 0, 0, 160, 120);
    this.canvas.hidden = false;
  }

  /** Plays them again and again. */
  play() {
    this.timer = setInterval(() => this.show((this.at + 1) % frames), pace);
    this.show(0);
  }

  stop() {
    clearInterval(this.timer);
    this.stopped.abort();
    this.sheets?.close();
    for (const p of this.pictures) p?.close();
    this.pictures = [];
    this.canvas.hidden = true;
  }
}
