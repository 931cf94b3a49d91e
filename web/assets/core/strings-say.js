// @ts-check
// What the page says of talking to a camera.

const seconds = (/** @type {number} */ s) => `${s.toFixed(1)} s`;

export const words = {
  title: 'Talk', hint: 'Of a minute at most. Cameras do not tell whether anybody heard it.', record: 'Record and send', file: 'Send a sound file', speak: 'Speak', stop: 'Send it', cancel: 'Stop',
  https: (/** @type {string} */ host) => `A browser gives a page the microphone over https alone. With web.tls.made = true in config.toml the page is at https://${host}. Without it: record on the device, or send a sound file.`,
  noMicrophone: (/** @type {string} */ why) => `The microphone is not to be had: ${why}`, listening: (/** @type {number} */ s) => `Speak now: ${seconds(s)}`,
  reading: 'Reading the sound', sent: (/** @type {number} */ s, /** @type {number} */ all) => `${seconds(s)} of ${seconds(all)}`, done: (/** @type {number} */ s) => `The camera was sent ${seconds(s)} of sound.`,
  stopped: (/** @type {number} */ s) => `Stopped: the camera was sent ${seconds(s)} of sound.`, not: (/** @type {string} */ why) => `Not sent: ${why}`,
  unreadable: (/** @type {string} */ name) => `this browser cannot read ${name || 'that'} as sound. WAV, MP3 and what a phone records are read.`, tooLarge: 'the file has more than 16 MB.', tooLong: 'it is longer than a minute.', empty: 'there is no sound in it.',
};
