// @ts-check
// Keys of player and timeline. They are heard only while the focus is in them, and can be switched off (WCAG 2.1.4).

/**
 * @typedef {'toggle'|'reverse'|'forward'|'step-'|'step+'|'back5'|'on5'|'back60'|'on60'|'event-'|'event+'|'gap-'|'gap+'|'in'|'out'|'day'|'now'|'goto'|'markin'|'markout'
 *   |'export'|'keep'|'start'|'sound'|'full'|'snapshot'|'help'|'escape'|`camera${number}`} Command
 */

/** @type {Record<string, Command>} */
const plain = {
  ' ': 'toggle', k: 'toggle', j: 'reverse', l: 'forward', ',': 'step-', '.': 'step+', arrowleft: 'back5', arrowright: 'on5', '[': 'event-', ']': 'event+',
  '+': 'in', '=': 'in', '-': 'out', 0: 'day', n: 'now', g: 'goto', i: 'markin', o: 'markout', x: 'export', p: 'keep', m: 'sound', f: 'full', s: 'snapshot', '?': 'help', escape: 'escape',
};
/** @type {Record<string, Command>} */
const shifted = { arrowleft: 'back60', arrowright: 'on60', '[': 'gap-', ']': 'gap+', '{': 'gap-', '}': 'gap+', '?': 'help', '+': 'in' };

/** @param {KeyboardEvent} e @returns {Command|undefined} */
export function command(e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return undefined;
  const target = /** @type {HTMLElement} */ (e.target);
  if (target.closest('input, select, textarea, dialog')) return undefined;
  const key = e.key.toLowerCase();
  // On a button Space and Enter are the button's.
  if ((key === ' ' || key === 'enter') && target.closest('button, a')) return undefined;
  if (/^[1-9]$/.test(key)) return `camera${Number(key)}`;
  return (e.shiftKey ? shifted[key] : undefined) ?? plain[key];
}
