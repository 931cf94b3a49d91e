// @ts-check
// Sound of one camera as it comes. A browser lets a page be heard only behind a tap, so the tap makes the context.
import { live } from '../core/live.js';
import { store } from '../core/store.js';
import { Resampler, samples } from '../player/alaw.js';

const lead = 0.35; // s between what came and what is heard: as much as the Wi-Fi may stall

/** @type {AudioContext|undefined} */
let context;
/** @type {(() => void)|undefined} */
let end;
let heard = '';

/** The camera that is heard; '': none. */
export const listened = () => heard;

/** Hears a camera, and no other. To be called in a tap. @param {string} camera '': none */
export function listen(camera) {
  end?.();
  end = undefined;
  heard = camera;
  if (camera) end = play(camera);
  store.set({});
}

/** @param {string} camera */
function play(camera) {
  context ||= new AudioContext();
  const to = context;
  to.resume();
  const resampler = new Resampler(8000, to.sampleRate);
  let at = 0;
  return live.watch(camera, { pictures: false, sound: true }, undefined, (alaw) => {
    const wave = resampler.push(samples(alaw));
    if (!wave.length) return;
    const block = to.createBuffer(1, wave.length, to.sampleRate);
    block.copyToChannel(wave, 0);
    const source = to.createBufferSource();
    source.buffer = block;
    source.connect(to.destination);
    // Behind a stall, or where the camera's clock has run away, the lead is made anew.
    if (at < to.currentTime + 0.02 || at > to.currentTime + 4 * lead) at = to.currentTime + lead;
    source.start(at);
    at += block.duration;
  });
}
