// @ts-check
// What Storage says of the archive. Loaded with that view.

export const words = {
  title: 'Archive', to: 'Copied to', waits: 'Waits', whole: 'Archived', newest: 'Last copied', nothing: 'nothing', well: 'Everything that is to be archived is.', looking: 'Looking what is to be archived.',
  segments: (/** @type {number} */ n) => (n === 1 ? '1 file' : `${n} files`), oldest: 'oldest', resting: (/** @type {number} */ n) => `${n} of them after a failure`,
  copying: (/** @type {string} */ rate) => `Copying at ${rate}/s.`, queue: 'Files wait for their turn.', since: 'Since', next: 'tried again', last: 'Last trouble', retry: 'Try now', retried: 'It is tried now',
  lost: (/** @type {string} */ files) => `${files} went before they were archived: the disk was full.`,
  back: 'Bringing back', of: 'of', progress: 'The file that is sent',
  isBack: (/** @type {string} */ files) => `${files} brought back`, notBack: 'Not all could be brought back',
};
