// @ts-check
// Where cards stand: rows of a list that may be a year long, of which only those near the window are on the page.
import { format } from '../core/time.js';

/** @typedef {import('./groups.js').Card} Card */
/** @typedef {{key: string, top: number, height: number, day?: string, cards: Card[]}} Row */
/** @typedef {{rows: Row[], height: number}} Shelf */

/** At most so many cards are on the page. */
const most = 60;
const heading = 44;

/** @param {Card[]} cards newest first @param {number} columns @param {number} height of a row, with the space below it @returns {Shelf} */
export function shelve(cards, columns, height) {
  /** @type {Row[]} */
  const rows = [];
  let top = 0, day = '';
  for (const card of cards) {
    const its = format(card.from, 'day');
    if (its !== day) {
      day = its;
      rows.push({ key: day, top, height: heading, day, cards: [] });
      top += heading;
    }
    const last = rows[rows.length - 1];
    if (!last.day && last.cards.length < columns) last.cards.push(card);
    else {
      rows.push({ key: card.key, top, height, cards: [card] });
      top += height;
    }
  }
  return { rows, height: top };
}

/** The rows of a window, and some on both sides, so that pictures are there when they come into view. @param {Shelf} shelf @param {number} from @param {number} to px @returns {Row[]} */
export function visible({ rows }, from, to) {
  const more = (to - from) / 2;
  let first = rowAt(rows, from - more), cards = 0, last = first;
  const inside = rowAt(rows, from);
  while (last < rows.length && rows[last].top < to + more && cards + rows[last].cards.length <= most) cards += rows[last++].cards.length;
  // Where the window itself takes them all, those before it go first.
  while (last < rows.length && rows[last].top < to && first < inside) {
    cards -= rows[first++].cards.length;
    while (last < rows.length && cards + rows[last].cards.length <= most) cards += rows[last++].cards.length;
  }
  return rows.slice(first, last);
}

/** The last row that begins at a place, or before it. @param {Row[]} rows @param {number} at */
export function rowAt(rows, at) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].top <= at) low = middle + 1; else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The day that stands at a place. @param {Shelf} shelf @param {number} at */
export function dayAt({ rows }, at) {
  for (let i = rowAt(rows, at); i >= 0; i--) if (rows[i]?.day) return rows[i].day ?? '';
  return '';
}
