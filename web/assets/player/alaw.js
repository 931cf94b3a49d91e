// @ts-check
// A-law (ITU-T G.711) to the sample rate of the sound card.

/** Each byte as a sample from -1 to 1. */
const table = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = byte ^ 0x55; // even bits are turned on the wire (G.711 table 1a)
  const exponent = (bits >> 4) & 7;
  const mantissa = (bits & 15) * 2 + 1;
  const size = exponent === 0 ? mantissa : (mantissa + 32) << (exponent - 1);
  return (bits & 0x80 ? size : -size) / 4096;
});

/** @param {Uint8Array} bytes */
export function samples(bytes) {
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = table[bytes[i]];
  return out;
}

/**
 * Resampler of a stream in pieces: the phase and the last samples are kept from one piece to the next, so
 * that seams are not heard. Cubic (Catmull-Rom): what it leaves above 4 kHz is below the noise of A-law.
 */
export class Resampler {
  /** @param {number} from @param {number} to samples a second */
  constructor(from, to) {
    this.step = from / to;
    this.phase = 0;
    /** @type {Float32Array<ArrayBuffer>} */
    this.tail = new Float32Array(3);
  }

  /** @param {Float32Array} piece @returns {Float32Array<ArrayBuffer>} two samples of the old rate late */
  push(piece) {
    const line = new Float32Array(3 + piece.length);
    line.set(this.tail);
    line.set(piece, 3);
    const out = new Float32Array(Math.max(0, Math.ceil((piece.length - this.phase) / this.step)));
    let at = this.phase;
    for (let i = 0; i < out.length; i++, at += this.step) {
      const n = Math.floor(at), f = at - n;
      const a = line[n], b = line[n + 1], c = line[n + 2], d = line[n + 3];
      out[i] = b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)));
    }
    this.phase = at - piece.length;
    this.tail = line.slice(-3);
    return out;
  }
}
