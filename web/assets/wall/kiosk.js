// @ts-check
// A screen on a wall: nothing but pictures, until somebody taps. /live?kiosk=1 begins so.
import { css } from '../lib/lit.js';
import { adopt } from '../core/dom.js';
import { go, route } from '../core/router.js';

/** The page is a kiosk now. */
export const isKiosk = () => route().view === 'live' && route().query.get('kiosk') === '1';

/** Keeps the screen on while it is held; undefined: none is. @type {Promise<any>|undefined} */
let lock;
let dressed = false, refused = false;
const wake = /** @type {any} */ (navigator).wakeLock;

/** A page over plain http may not keep the screen on. */
export const staysAwake = () => !!wake;

/** Shows the page so, or as always. @param {boolean} on */
export function dress(on) {
  document.documentElement.classList.toggle('kiosk', on);
  dressed = on;
  if (on) hold();
  if (!on && lock) {
    Promise.resolve(lock).then((/** @type {any} */ held) => held?.release());
    lock = undefined;
  }
}

/** Browsers take the lock back when the page is hidden, and give none while it is. */
function hold() {
  if (!wake || lock || refused || document.hidden) return;
  const mine = lock = wake.request('screen').then((/** @type {any} */ held) => {
    held.addEventListener('release', () => { if (lock === mine) lock = undefined; });
    return held;
  }, () => {
    if (lock === mine) lock = undefined;
    refused = true; // until the page is shown again: an empty battery says no each time
  });
}
document.addEventListener('visibilitychange', () => {
  refused = false;
  if (dressed) hold();
});

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
