// @ts-check
// Huffman tables of pictures that come without: cameras that leave them out mean the standard ones (T.81, K.3), and not
// every browser knows them by itself.

/** Four tables as they stand in DHT: class and number, 16 counts, symbols. */
const standard = Uint8Array.from(atob('AAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNE'
  + 'RUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+gEA'
  + 'AwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoLEQACAQIEBAMEBwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNTY3ODk6Q0RF'
  + 'RkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2dri4+Tl5ufo6ery8/T19vf4+fo='), (c) => c.charCodeAt(0));

const dht = 0xc4, sos = 0xda, eoi = 0xd9;

/**
 * A picture with the standard tables before its scan where it has none; any other comes back as it is.
 * @param {Uint8Array} jpeg @returns {Uint8Array}
 */
export function withTables(jpeg) {
  for (let at = 2; at + 4 <= jpeg.length;) {
    const marker = jpeg[at + 1];
    if (jpeg[at] !== 0xff || marker === dht || marker === eoi) return jpeg;
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    if (marker === sos) {
      const whole = new Uint8Array(jpeg.length + 4 + standard.length), size = standard.length + 2;
      whole.set(jpeg.subarray(0, at));
      whole.set([0xff, dht, size >> 8, size & 255], at);
      whole.set(standard, at + 4);
      whole.set(jpeg.subarray(at), at + 4 + standard.length);
      return whole;
    }
    at += 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
  }
  return jpeg;
}
