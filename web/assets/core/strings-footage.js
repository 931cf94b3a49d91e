// @ts-check
// What timeline, player and events say. They are loaded when they are first seen, and their words with them.
import { kinds } from './strings-kinds.js';

export const words = {
  camera: 'Camera', cameras: 'Cameras', loading: 'Loading…',
  play: 'Play', pause: 'Pause', back10: 'Back 10 s', forward10: 'Forward 10 s', stepBack: 'One picture back', stepForward: 'One picture on',
  previousEvent: 'Event before', nextEvent: 'Next event', noEvent: 'There is no further event',
  speed: 'Speed', backwards: 'backwards', sound: 'Sound', soundOn: 'Sound on', soundOff: 'Sound off', tapForSound: 'Tap for sound',
  silence: { off: 'Sound is off', tap: 'Tap for sound', fast: 'No sound at this speed', backwards: 'No sound backwards', standing: 'Sound is heard while it plays', '': 'Sound is on' },
  snapshot: 'Save picture', full: 'Full screen', fullEnd: 'Leave full screen', select: 'Select', selectEnd: 'End selection', live: 'Live', toLive: 'Live picture',
  waiting: 'Fetching…', atEdge: 'Waiting for what is recorded next', next: 'Next footage', before: 'Footage before',
  realTime: 'Real time through gaps', keys: 'Keys', keysOn: 'Keyboard control', popOut: 'Small window', copyLink: 'Copy link', copied: 'Link copied', open: 'Open an AVI file', more: 'More',
  dropped: (/** @type {string} */ name) => `File ${name}`,
  nothing: 'Nothing was recorded here', future: 'This has not happened yet',
  findStart: 'Find start', startFound: 'First change here', startNone: 'Nothing moved in the hour before, or it never stood still', noTile: 'the recorder did not tell when something moved',
  zoomIn: 'Zoom in', zoomOut: 'Zoom out', day: 'Day', now: 'Now', goTo: 'Go to', go: 'Go', goToHint: 'A time, 1405 or 14:05:10, or a date with a time, 2026-11-22 14:05', notATime: 'This is no time', twice: 'This time was there twice. Which one?', leftOut: 'This time was left out: the clock went on',
  list: 'List', tape: 'Timeline', zoneChip: (/** @type {string} */ zone) => `Times in ${zone}`, legend: 'Legend', close: 'Close', cancel: 'Cancel',
  lag: (/** @type {string} */ length) => `${length} behind`,
  lanes: { kept: 'Kept', recorded: 'Recorded', motion: 'Motion', sound: 'Loudness', events: 'Events', held: 'Picture held', thinned: 'Thinned', future: 'Not yet' },
  thinned: 'fewer pictures than were recorded',
  held: (/** @type {string} */ s) => `picture held for ${s} s`,
  noEventsHere: (/** @type {string} */ length, /** @type {string} */ recorded) => `No events in these ${length}; ${recorded} recorded`,
  selection: 'Selection', from: 'From', to: 'To', length: 'Length', size: 'Size',
  export: 'Export', exportFits: (/** @type {string} */ until) => `One file takes it until ${until}`, shorten: 'End it there', nudge: { frame: '1 picture', second: '1 s', ten: '10 s' }, earlier: 'earlier', later: 'later',
  recorded: 'recorded', notRecorded: 'not recorded', unknown: 'not loaded', motion: { none: 'no motion', low: 'motion low', high: 'motion high' },
  help: [['Space, K', 'play, pause'], ['J, L', 'backwards, forwards; again: faster'], [', .', 'one picture'], ['← →', '5 s, with Shift 60 s'], ['[ ]', 'event before, next; with Shift edges of gaps'],
    ['+ − 0', 'zoom, whole day'], ['N', 'now'], ['G', 'go to'], ['I, O', 'selection begins, ends'], ['X', 'export'], ['P', 'keep'], ['M, F, S', 'sound, full screen, save picture'], ['1–9', 'camera'], ['?', 'these keys'], ['Esc', 'end selection']],
  trouble: (/** @type {string} */ why) => `The recorder does not give it: ${why}`,
  skipped: (/** @type {number} */ n) => n === 1 ? '1 picture could not be read' : `${n} pictures could not be read`,

  kinds,
};

/** Why a time was not recorded, in words, short and long. @type {Record<string, [string, string]>} */
export const reasons = {
  offline: ['Offline', 'The camera was not connected'],
  silent: ['No pictures', 'The camera was connected and sent no pictures: Wi-Fi was bad, or it hung'],
  restarted: ['Recorder stopped', 'The recorder did not run'],
  disk: ['Disk error', 'The disk was full, or could not be written to'],
  off: ['Recording off', 'Recording was switched off'],
  schedule: ['By schedule', 'The schedule said not to record'],
  paused: ['Paused', 'Somebody paused recording'],
  idle: ['Nothing moved', 'Recording waits for motion'],
  clock: ['Clock set', 'The clock of the recorder was set to another time'],
  deleted: ['Expired', 'It was recorded, and deleted since to make room or by its age'],
  erased: ['Deleted by hand', 'It was recorded, and a person deleted it'],
  unknown: ['Unknown', 'It is not known why'],
};

/** @param {string} reason */
export const reasonText = (reason) => (reasons[reason] ?? reasons.unknown)[0];

/** @param {number} speed */
export const speedText = (speed) => (Math.abs(speed) < 1 ? `1/${Math.round(1 / Math.abs(speed))}` : `${Math.abs(speed)}`) + '×' + (speed < 0 ? ' ◀' : '');
