// @ts-check
// What the kinds of events are called. docs/storage.md, "Events", says what each of them is.

/** @type {Record<string, string>} */
export const kinds = {
  motion: 'Motion', sound: 'Sound', light: 'Light', asked: 'Asked for', device: 'Told by the camera',
  absent: 'Gone', present: 'Back again', battery_low: 'Battery low', battery_fine: 'Battery fine again', changed: 'Setting changed',
  frozen: 'Picture stands still', black: 'Picture is black', covered: 'Lens covered', blurred: 'Picture blurred', grey: 'No colour', deaf: 'Microphone silent',
};
