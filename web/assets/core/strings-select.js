// @ts-check
// What is said of a selection, of what is kept, and of what a person deletes.

export const words = {
  ends: { from: 'Begin', to: 'End' }, ofCameras: 'Cameras', noPicture: 'No picture at this moment',
  gaps: (/** @type {number} */ n, /** @type {string} */ length) => n === 1 ? `1 gap inside, ${length}` : `${n} gaps inside, ${length}`,
  sum: (/** @type {string} */ size) => `${size} together`,
  keep: 'Keep', keepTitle: (/** @type {string} */ length) => `Keep ${length}`, keepText: 'Nothing of it is deleted, however full the disk gets, until you unlock it.',
  note: 'Note', noteHint: 'Why it is kept: one line', until: 'Until', forever: 'Until I unlock it', days: (/** @type {number} */ n) => n === 1 ? '1 day' : `${n} days`, kept: (/** @type {number} */ n) => n === 1 ? 'Kept' : `Kept of ${n} cameras`,
  keptPart: (/** @type {number} */ n, /** @type {number} */ all, /** @type {string} */ why) => `Kept of ${n} of ${all} cameras: ${why}`,
  unlock: 'Unlock', unlockText: (/** @type {string} */ what) => `${what} may be deleted by the rules from now on.`, unlocked: 'Unlocked: it may be deleted from now on', keptLane: 'Kept', byWhom: (/** @type {string} */ who) => `by ${who}`, keptUntil: (/** @type {string} */ when) => `until ${when}`, holds: (/** @type {string} */ size) => `holds ${size}`,
  delete: 'Delete', deleteTitle: 'Delete footage', deleteYes: (/** @type {string} */ length, /** @type {string} */ size) => `Delete ${length}, ${size}`, deleteLast: 'It cannot be brought back.',
  reach: { inside: 'Only files that lie wholly in the selection', beyond: 'Every file of which a part lies in it' }, reachTitle: 'Files are deleted whole',
  goes: (/** @type {string} */ length, /** @type {string} */ size, /** @type {number} */ files, /** @type {number} */ events) =>
    `${length} go: ${size} in ${files === 1 ? '1 file' : `${files} files`}` + (events ? `, with ${events === 1 ? '1 event' : `${events} events`}` : ''),
  nothingGoes: 'Nothing goes', and: (/** @type {number} */ n) => `and ${n} more`,
  stays: { crossing: (/** @type {number} */ n) => n === 1 ? '1 file reaches out of the selection and stays' : `${n} files reach out of the selection and stay`,
    kept: (/** @type {number} */ n) => n === 1 ? '1 file is kept and stays' : `${n} files are kept and stay`, elsewhere: (/** @type {number} */ n) => n === 1 ? '1 file is on a disk that is not there' : `${n} files are on disks that are not there`,
    open: 'The file that is being written stays' },
  small: 'Small player', corner: 'Next corner', backToTimeline: 'Back to the timeline',
  deleted: (/** @type {string} */ size) => `Deleted: ${size}`,
};
