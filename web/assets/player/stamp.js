// @ts-check
// Times of the player are whole µs since 1970 UTC, as in the index of footage: a picture is named by its
// capture time, and a double holds µs exactly until the year 2255.

/**
 * A moment as RFC 3339 in UTC, to the µs.
 * @param {number} us
 */
export function text(us) {
  us = Math.round(us);
  const ms = Math.floor(us / 1000);
  return new Date(ms).toISOString().slice(0, -1) + String(us - ms * 1000).padStart(3, '0') + 'Z';
}

/**
 * The moment that RFC 3339 names. Date.parse forgets what is finer than a ms.
 * @param {string} rfc3339
 */
export function micros(rfc3339) {
  const fraction = /\.(\d+)/.exec(rfc3339)?.[1] ?? '';
  return Date.parse(rfc3339.replace(/\.\d+/, '')) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}
