// @ts-check
// What happens at each camera now: motion and sound that have begun and not ended.
import { live } from '../core/live.js';
import { store } from '../core/store.js';

/** @type {Map<string, Map<number, string>>} by camera: numbers of events and their kinds */
const going = new Map();

live.onMoment((m) => {
  const of = going.get(m.camera) || new Map();
  if (m.phase === 'end') of.delete(m.id);
  else of.set(m.id, m.kind);
  going.set(m.camera, of);
  store.set({});
});

// Ends that were missed are not told again: what was going on is not known any more.
live.onAfresh(() => { going.clear(); store.set({}); });

/** Something of this kind goes on at the camera. @param {string} camera @param {'motion'|'sound'} kind */
export const goesOn = (camera, kind) => [...(going.get(camera)?.values() || [])].includes(kind);
