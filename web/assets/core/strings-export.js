// @ts-check
// What is said where footage is made into a file.

export const words = {
  title: (/** @type {string} */ length) => `Export ${length}`, format: 'Format',
  /** @type {Record<'avi'|'mkv'|'mp4'|'wav'|'zip'|'jpg', [string, string]>} name, and what it is for */
  formats: {
    avi: ['AVI', 'As it was recorded, for this page, VLC and evidence. Up to 1 GiB or 4 h'],
    mkv: ['Matroska (MKV)', 'Each picture at its true time, nothing coded anew, any length'],
    mp4: ['MP4', 'For phones and messengers: smaller, coded anew by the recorder'],
    wav: ['Sound (WAV)', 'The sound alone, silent where there was none'],
    zip: ['Pictures (ZIP)', 'Every picture as a JPEG under its time, sound, and a list of times, gaps and events'],
    jpg: ['One picture (JPEG)', 'What was seen where the selection begins'],
  },
  oneAtATime: 'Of one camera at a time', noTimelapse: 'Not for a timelapse',
  timelapse: 'Timelapse', noFaster: 'No: real time', faster: (/** @type {number} */ n) => `${n}×: an hour in ${3600 / n} s, without sound`,
  unknownSize: 'how large is known at its end', browserShows: 'Your browser shows how far it is, and can cancel it.',
  save: (/** @type {string} */ size) => `Save ${size}`,
};
