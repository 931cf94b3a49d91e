// @ts-check
// Colours and patterns of the lanes. A gap is told by its pattern first, colour only helps.

/** @typedef {{bg: string, text: string, muted: string, hair: string, line: string, danger: string, warn: string, recorded: string, motion: string, event: string, sound: string, kept: string, accent: string, surface: string}} Colours */

/** @param {Element} element @returns {Colours} */
export function colours(element) {
  const style = getComputedStyle(element);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim() || '#888';
  if (matchMedia('(forced-colors: active)').matches) {
    return { bg: 'Canvas', text: 'CanvasText', muted: 'CanvasText', hair: 'GrayText', line: 'CanvasText', danger: 'Highlight', warn: 'CanvasText', recorded: 'LinkText', motion: 'CanvasText', event: 'Highlight', sound: 'CanvasText', kept: 'CanvasText', accent: 'Highlight', surface: 'Canvas' };
  }
  return {
    bg: of('--lane-bg'), text: of('--text'), muted: of('--muted'), hair: of('--hair'), line: of('--line'), danger: of('--danger'), warn: of('--warn'), accent: of('--accent'), surface: of('--surface'),
    recorded: of('--lane-recorded'), motion: of('--lane-motion'), event: of('--lane-event'), sound: of('--lane-sound'), kept: of('--lane-kept'),
  };
}

/** @typedef {'hatch'|'dots'|'cross'|'line'|'solid'|'fade'|'gone'|'zigzag'|'question'} Pattern */

/** @param {string} reason @returns {Pattern} */
export function patternOf(reason) {
  switch (reason) {
    case 'offline': return 'hatch';
    case 'silent': return 'dots';
    case 'restarted': return 'cross';
    case 'off': case 'schedule': case 'paused': case 'idle': return 'line';
    case 'disk': return 'solid';
    case 'deleted': return 'fade';
    case 'erased': return 'gone';
    case 'clock': return 'zigzag';
    default: return 'question';
  }
}

/** @type {Map<string, CanvasPattern|null>} */
const made = new Map();

/**
 * @param {CanvasRenderingContext2D} paper @param {'hatch'|'dots'|'cross'|'zigzag'} kind @param {string} colour @param {number} dpr
 * @returns {CanvasPattern|string}
 */
export function pattern(paper, kind, colour, dpr) {
  const key = `${kind} ${colour} ${dpr}`;
  let p = made.get(key);
  if (p === undefined) {
    const size = Math.round(8 * dpr);
    const tile = new OffscreenCanvas(size, size);
    const g = /** @type {OffscreenCanvasRenderingContext2D} */ (tile.getContext('2d'));
    g.strokeStyle = g.fillStyle = colour;
    g.lineWidth = 1.25 * dpr;
    g.beginPath();
    const line = (/** @type {number[]} */ ...at) => { g.moveTo(at[0] * size, at[1] * size); g.lineTo(at[2] * size, at[3] * size); };
    if (kind === 'hatch' || kind === 'cross') for (const o of [-1, 0, 1]) line(o, 1, o + 1, 0);
    if (kind === 'cross') for (const o of [-1, 0, 1]) line(o, 0, o + 1, 1);
    if (kind === 'zigzag') { line(0, 0.75, 0.5, 0.25); line(0.5, 0.25, 1, 0.75); }
    g.stroke();
    if (kind === 'dots') for (const [x, y] of [[0.25, 0.25], [0.75, 0.75]]) { g.beginPath(); g.arc(x * size, y * size, 1.1 * dpr, 0, 7); g.fill(); }
    p = paper.createPattern(tile, 'repeat');
    if (made.size > 40) made.clear();
    made.set(key, p);
  }
  return p ?? colour;
}
