// @ts-check
// Ordering by dragging: the picture under the finger takes the place of the one that it is dropped on.
import { moveTo, ordered } from './order.js';

/** A place of the wall, while the order is changed: `<div class="slot" data-camera=…>`. @param {PointerEvent} e */
export function drag(e) {
  const slot = /** @type {HTMLElement} */ (e.currentTarget);
  // A finger scrolls, but on the grip.
  const on = /** @type {HTMLElement} */ (e.target);
  if (e.button || on.closest('button') || (e.pointerType !== 'mouse' && !on.closest('.grip'))) return;
  e.preventDefault();
  slot.setPointerCapture(e.pointerId);
  slot.classList.add('dragged');
  const under = (/** @type {PointerEvent} */ at) => /** @type {HTMLElement|null|undefined} */ (document.elementsFromPoint(at.clientX, at.clientY).map((n) => n.closest('.slot')).find((n) => n && n !== slot));
  /** @type {HTMLElement|null|undefined} */
  let target;
  const over = (/** @type {PointerEvent} */ at) => {
    slot.style.transform = `translate(${at.clientX - e.clientX}px, ${at.clientY - e.clientY}px)`;
    target?.classList.remove('target');
    (target = under(at))?.classList.add('target');
  };
  const held = new AbortController();
  const end = (/** @type {boolean} */ drop) => {
    held.abort();
    slot.classList.remove('dragged');
    slot.style.transform = '';
    target?.classList.remove('target');
    if (drop && target) moveTo(slot.dataset.camera || '', ordered().findIndex((c) => c.id === target?.dataset.camera));
  };
  slot.addEventListener('pointermove', over, held);
  slot.addEventListener('pointerup', () => end(true), held);
  slot.addEventListener('pointercancel', () => end(false), held);
}
