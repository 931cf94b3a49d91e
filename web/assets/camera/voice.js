// @ts-check
// Sound for a camera's speaker: any file that the browser reads, as A-law at 8000 samples a second.
import { words } from '../core/strings-say.js';

/** Samples a second that a camera is sent. */
export const rate = 8000;
/** s; what is longer is not read, and the microphone stops by itself. */
export const longest = 60;
const mostBytes = 16 * 2 ** 20; // of a file, as the command line takes: a minute of stereo at 48 kHz

/** Reads sound in any form that the browser knows. @param {Blob} file @returns {Promise<Float32Array>} one channel at rate @throws {Error} in words for people */
export async function decode(file) {
  if (file.size > mostBytes) throw new Error(words.tooLarge);
  // A context of that rate has the browser resample, better than a page would; nothing is heard of an offline one.
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await file.arrayBuffer()).catch(() => {
    throw new Error(words.unreadable(file instanceof File ? file.name : ''));
  });
  if (!sound.length) throw new Error(words.empty);
  if (sound.duration > longest + 1) throw new Error(words.tooLong);
  const mono = new Float32Array(sound.length);
  for (let c = 0; c < sound.numberOfChannels; c++) {
    const channel = sound.getChannelData(c);
    for (let i = 0; i < mono.length; i++) mono[i] += channel[i] / sound.numberOfChannels;
  }
  return mono;
}

/** A-law (ITU-T G.711) of samples from -1 to 1. @param {Float32Array} samples */
export function encode(samples) {
  const out = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const size = Math.min(4095, Math.floor(Math.abs(samples[i]) * 4096));
    const exponent = size < 32 ? 0 : 27 - Math.clz32(size), mantissa = (size >> (exponent || 1)) & 15;
    out[i] = ((samples[i] < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55; // even bits are turned on the wire (G.711 table 1a)
  }
  return out;
}

/** @param {Uint8Array} bytes at most what one call may have arguments: some ten thousand */
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
