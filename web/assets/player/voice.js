// @ts-check
// What sound is written as: A-law as the recorder has it, and what else is usual in an AVI that somebody opens.
import { samples as alaw } from './alaw.js';

/**
 * @typedef {object} Voice
 * @property {number} rate samples a second
 * @property {number} bytes of a second
 * @property {(bytes: Uint8Array) => Float32Array} samples one channel, -1 to 1
 */

/** The recorder's. @type {Voice} */
export const spoken = { rate: 8000, bytes: 8000, samples: alaw };

/** Each byte of µ-law (ITU-T G.711, table 2a) as a sample. */
const ulawTable = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const size = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -size : size) / 32768;
});

/** The bytes of one sample of one channel, by WAVEFORMATEX tag and bits. @type {Record<string, (view: DataView, at: number) => number>} */
const kinds = {
  '6/8': (view, at) => alaw(new Uint8Array([view.getUint8(at)]))[0],
  '7/8': (view, at) => ulawTable[view.getUint8(at)],
  '1/8': (view, at) => (view.getUint8(at) - 128) / 128,
  '1/16': (view, at) => view.getInt16(at, true) / 32768,
};

/**
 * How a WAVEFORMATEX says that sound is written; undefined: in a way that is not played.
 * @param {DataView} strf @returns {Voice|undefined}
 */
export function voice(strf) {
  const tag = strf.getUint16(0, true), channels = strf.getUint16(2, true), rate = strf.getUint32(4, true), bits = strf.getUint16(14, true);
  const one = kinds[`${tag}/${bits}`];
  if (!one || channels < 1 || channels > 8 || rate < 4000 || rate > 192000) return undefined;
  if (tag === 6 && channels === 1) return { rate, bytes: rate, samples: alaw };
  const wide = bits / 8 * channels;
  return {
    rate, bytes: rate * wide,
    samples(bytes) { // all channels as one
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), out = new Float32Array(Math.floor(bytes.length / wide));
      for (let i = 0; i < out.length; i++) for (let c = 0; c < channels; c++) out[i] += one(view, i * wide + c * bits / 8) / channels;
      return out;
    },
  };
}
