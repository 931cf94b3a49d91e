// @ts-check
// What the player says of files that somebody opens, and of a recorder that is not there.

export const words = {
  noAVI: 'This is no AVI file. What the recorder exports is; other videos open in VLC.',
  notMJPG: (/** @type {string} */ codec) => `Its pictures are ${codec}; only Motion JPEG (MJPG) is shown here. VLC opens it.`,
  unnamed: 'of a kind without a name',
  noPicture: 'There is no picture in it: it was cut off, or never written.',
  away: 'The recorder does not answer. It goes on here when it does.',
};
