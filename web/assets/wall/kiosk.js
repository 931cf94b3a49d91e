// @ts-check
// A screen on a wall: nothing but pictures, until somebody taps. /live?kiosk=1 begins so.
import { css } from '../lib/lit.js';
import { adopt } from '../core/dom.js';
import { go, route } from '../core/router.js';

/** The page is a kiosk now. */
export const isKiosk = () => route().view === 'live' && route().query.get('kiosk') === '1';

/** @type {any} */
let lock;
const wake = /** @type {any} */ (navigator).wakeLock;

/** A page over plain http may not keep the screen on. */
export const staysAwake = () => !!wake;

/** Shows the page so, or as always. @param {boolean} on */
export function dress(on) {
  document.documentElement.classList.toggle('kiosk', on);
  if (on && !lock) lock = wake?.request('screen').catch(() => undefined);
  if (!on && lock) {
    Promise.resolve(lock).then((/** @type {any} */ held) => held?.release());
    lock = undefined;
  }
}

export function enter() {
  document.documentElement.requestFullscreen?.().catch(() => undefined); // an iPhone has none: the page fills its window
  go('/live?kiosk=1');
}

export function leave() {
  if (document.fullscreenElement) document.exitFullscreen();
  go('/live');
}

adopt(css`
  .kiosk .header, .kiosk v-places, .kiosk .wallbar, .kiosk .skip { display: none; }
  .kiosk .shell { display: block; } .kiosk main { min-height: 100dvh; background: #000; padding: 0; }
  .kiosk .tile .over { pointer-events: none; } .kiosk .tile .dots { display: none; }
`);
