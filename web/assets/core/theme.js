// @ts-check
// Light or dark: as the system is, or as somebody chose on this device.
import { kept } from './dom.js';

/** @typedef {'system'|'light'|'dark'} Theme */

/** @returns {Theme} */
export const theme = () => /** @type {Theme} */ (kept.get('theme', 'system'));

/** @param {Theme} [to] */
export function setTheme(to) {
  if (to) kept.set('theme', to);
  const chosen = theme();
  document.documentElement.dataset.theme = chosen;
  const dark = chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', dark ? '#171D24' : '#FFFFFF');
}
