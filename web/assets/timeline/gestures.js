// @ts-check
// Fingers, mouse and wheel on the tape, as pans, zooms, taps and long presses. Two fingers zoom, with their middle
// held; one that lets go in motion is followed by some more of it.

/**
 * @typedef {object} Does
 * @property {(dx: number) => void} pan px
 * @property {(factor: number, x: number) => void} zoom
 * @property {(x: number, y: number) => void} tap
 * @property {(x: number) => void} hold a long press
 * @property {(x: number|undefined) => void} hover
 * @property {() => void} begin of a drag
 * @property {() => void} end of it, and of what follows
 */

/** So near to an edge (px) a drag goes on by itself, by so many px a frame. */
const edgeWidth = 32, edgeSpeed = 10;
const slop = 6, holdAfter = 400, doubleWithin = 300, late = 50;

/** @param {HTMLElement} element @param {Does} does @returns {() => void} ends it */
export function gestures(element, does) {
  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  let moved = false, held = false, two = false, speed = 0, lastMove = 0, lastTap = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let holding;
  let gliding = 0;
  // A finger that is held at an edge goes on (open-nvr 233): where it stands, and which way it went.
  let edge = 0, edging = 0;
  const goOn = () => {
    edging = 0;
    if (!edge || !fingers.size) return;
    does.pan(edge * edgeSpeed);
    edging = requestAnimationFrame(goOn);
  };
  const stop = new AbortController();
  const at = (/** @type {PointerEvent|WheelEvent} */ e) => e.clientX - element.getBoundingClientRect().left;
  const still = () => {
    if (gliding) does.end();
    cancelAnimationFrame(gliding);
    gliding = 0;
  };

  const on = (/** @type {string} */ type, /** @type {(e: any) => void} */ fn) => element.addEventListener(type, fn, { signal: stop.signal, passive: false });

  on('pointerdown', (/** @type {PointerEvent} */ e) => {
    if (e.button) return;
    still();
    element.setPointerCapture(e.pointerId);
    fingers.set(e.pointerId, { x: at(e), y: e.offsetY });
    if (fingers.size === 1) [moved, held, two, speed] = [false, false, false, 0];
    else two = true;
    clearTimeout(holding);
    if (fingers.size !== 1) return;
    const hold = () => {
      if (moved) return;
      held = true;
      navigator.vibrate?.(8);
      does.hold(at(e));
    };
    // A page that was busy hears of the finger's leaving behind this timer: a tap is no long press for that. What
    // the finger did meanwhile is told before the next frame but one.
    holding = setTimeout(() => {
      const due = e.timeStamp + holdAfter;
      if (performance.now() - due < late) return hold();
      holding = setTimeout(hold, late);
    }, holdAfter);
  });

  on('pointermove', (/** @type {PointerEvent} */ e) => {
    const before = fingers.get(e.pointerId);
    if (!before) return does.hover(e.pointerType === 'mouse' ? at(e) : undefined);
    const x = at(e);
    if (!moved && Math.abs(x - before.x) < slop && fingers.size === 1) return;
    if (!moved) {
      moved = true;
      clearTimeout(holding);
      if (!held) does.begin();
    }
    if (held) return;
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== e.pointerId)?.[1];
      if (other) {
        const old = Math.max(20, Math.abs(before.x - other.x)), wide = Math.max(20, Math.abs(x - other.x));
        does.pan((x - before.x) / 2);
        does.zoom(old / wide, (x + other.x) / 2);
      }
    } else {
      does.pan(x - before.x);
      edge = x < edgeWidth && x <= before.x ? -1 : x > element.clientWidth - edgeWidth && x >= before.x ? 1 : 0;
      if (edge && !edging) edging = requestAnimationFrame(goOn);
      const t = performance.now();
      speed = 0.7 * speed + 0.3 * (x - before.x) / Math.max(1, t - lastMove);
      lastMove = t;
    }
    fingers.set(e.pointerId, { x, y: before.y });
  });

  const up = (/** @type {PointerEvent} */ e) => {
    const before = fingers.get(e.pointerId);
    if (!fingers.delete(e.pointerId) || fingers.size) return;
    edge = 0;
    clearTimeout(holding);
    if (!before || held) return;
    if (!moved) {
      const t = performance.now();
      if (two) does.zoom(2, element.clientWidth / 2);
      else if (t - lastTap < doubleWithin) does.zoom(0.5, before.x);
      else if (e.type === 'pointerup') does.tap(before.x, before.y);
      lastTap = two ? 0 : t;
      return;
    }
    if (performance.now() - lastMove > 60 || Math.abs(speed) < 0.1 || matchMedia('(prefers-reduced-motion: reduce)').matches) return does.end();
    let t = performance.now();
    const glide = () => {
      const dt = performance.now() - t;
      t += dt;
      does.pan(speed * dt);
      speed *= Math.exp(-dt / 220);
      gliding = Math.abs(speed) > 0.02 ? requestAnimationFrame(glide) : 0;
      if (!gliding) does.end();
    };
    gliding = requestAnimationFrame(glide);
  };
  on('pointerup', up);
  on('pointercancel', up);
  on('pointerleave', () => does.hover(undefined));

  on('wheel', (/** @type {WheelEvent} */ e) => {
    e.preventDefault();
    still();
    const px = e.deltaMode === 1 ? 16 : 1;
    if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
      does.begin();
      does.pan(-(e.deltaX || e.deltaY) * px);
      does.end();
    } else does.zoom(Math.exp(e.deltaY * px * (e.ctrlKey ? 0.01 : 0.002)), at(e));
  });

  return () => {
    stop.abort();
    clearTimeout(holding);
    cancelAnimationFrame(gliding);
    cancelAnimationFrame(edging);
  };
}
