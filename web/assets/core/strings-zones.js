// @ts-check
// What the motion and zones view says.

/** @param {number} n @param {string} one @param {string} [more] */
const count = (n, one, more = one + 's') => `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

export const words = {
  title: (/** @type {string} */ name) => `Motion and zones of ${name}`,
  mayNot: 'Only an admin may change this: you see what is in force.', noRead: 'You may not see recordings, so there is nothing to tune by.',
  off: 'Motion is switched off for this camera: motion.enabled. What is set here holds when it is switched on.', settings: 'Settings',
  live: 'Live', at: (/** @type {string} */ when) => `Picture of ${when}`, toLive: 'Back to live', timeline: 'In the timeline',
  noPicture: 'No picture yet.', offline: (/** @type {string} */ since) => `Offline${since ? ` since ${since}` : ''}. This is the last picture.`, gone: 'Nothing was recorded at this moment.',
  noLook: 'Nobody looks for motion at this moment: the camera is paused, its mode is off, or motion is.',
  grid: 'Changed cells over the picture; outlined ones count as motion.',
  strip: 'Size that counts', stripNow: (/** @type {string} */ now, /** @type {string} */ need) => `largest thing now ${now}, counts from ${need}`, minute: 'last 60 s', largest: 'Largest thing', counts: 'counts',
  strong: 'How strong must a change be?', strongEnds: ['faint', 'plain'], strongSteps: ['the faintest, grain too', 'very faint', 'faint', 'a little below usual', 'slightly below usual', 'usual', 'above usual', 'strong', 'very strong', 'only what is plain to anybody'],
  big: 'How big must a thing be?', bigEnds: ['small', 'large'], bigWords: (/** @type {string} */ percent, /** @type {number} */ m) => `${percent} of the picture: a person ${m < 10 ? m.toFixed(1) : m.toFixed(0)} m away`,
  inside: 'Just counts', outside: 'Just does not', noExample: 'none in this time', examples: 'Examples of this camera', looking: 'Looking for examples…',
  presets: 'Presets for places', places: /** @type {Record<string, [string, string]>} */ ({
    indoor: ['Indoor', 'a room: people and pets'], doorway: ['Doorway', 'who comes near the door'], yard: ['Yard', 'people far off, no leaves'], road: ['Road behind', 'as Yard, without the upper third'],
  }),
  advanced: 'Advanced', sensitivity: 'Sensitivity', sensitivityHint: '1 little to 10 much', minSize: 'Smallest thing', minSizeHint: 'part of the picture, for example 0.2%', hold: 'An event ends after', holdHint: 'rest of so long, for example 2s',
  sound: 'How easily it hears', soundHint: '0 off, 1 little to 10 much. Past sound is not judged again',
  badSize: 'Write a part of the picture, for example 0.2%', badHold: 'Write a time up to one minute, for example 2s',
  zones: 'Zones', noZones: 'No zones: the whole picture counts.', onlyExclude: 'All counts but what is left out.', someInclude: 'Only what lies in a zone counts.',
  add: 'Draw a zone', square: 'Start with a square', finish: 'Done', drawHint: 'Tap the corners on the picture, one after the other. The first one again, or Done, closes the zone.', more: (/** @type {number} */ n) => `${count(n, 'corner')} to go`,
  editHint: 'Drag a corner; drag the middle of an edge for a new one. With keys: Tab to a corner, arrows move it, Shift in larger steps, Delete removes it.',
  include: 'Counts', exclude: 'Left out', kind: 'This zone', name: 'Name', own: 'Sensitivity of its own', ownNone: 'as the picture',
  unnamed: (/** @type {number} */ n) => `zone ${n}`, deleteZone: 'Delete zone', deleteCorner: 'Delete corner', undo: 'Undo', redo: 'Redo', leave: 'Done with it',
  corner: (/** @type {number} */ n, /** @type {number} */ of, /** @type {number} */ x, /** @type {number} */ y) => `Corner ${n} of ${of}, ${(x * 100).toFixed(1)} % across, ${(y * 100).toFixed(1)} % down`,
  ghost: (/** @type {number} */ n) => `New corner behind corner ${n}`, surface: 'Picture with zones',
  crossing: 'Edges of a zone must not cross: the corner was put back.', crossingNow: 'These edges cross.', crossingClose: 'Closed like this its edges would cross.', fewCorners: 'A zone has three corners at least.', mostZones: 'A camera has 64 zones at most.',
  ready: 'Ready zones', parts: /** @type {Record<string, string>} */ ({
    whole: 'Whole', left: 'Left half', right: 'Right half', top: 'Upper half', bottom: 'Lower half', left3: 'Left third', middle3: 'Middle third', right3: 'Right third', top3: 'Upper third', bottom3: 'Lower third',
    clockTop: 'Clock on top', clockBottom: 'Clock below',
  }), partsCount: 'Only this counts', partsOut: 'Left out', clockName: 'clock',
  propose: 'Propose zones to leave out', proposeHint: 'Where something moved in more than 20 % of the last 24 h: leaves, a road, a clock.', proposed: (/** @type {number} */ n) => `${count(n, 'zone')} proposed. Look at them before you save.`,
  noBusy: 'Nothing moves all the time.', noTrack: 'Nobody looked for motion in the last 24 h.', busy: (/** @type {number} */ n) => `busy ${n}`,
  effect: 'Effect on the past', spans: /** @type {Record<string, string>} */ ({ night: 'Last night', day: 'Last 24 h', half: 'Last 30 min' }),
  judging: 'Judging again…', waiting: 'The recorder judges something else; trying again soon.', same: (/** @type {number} */ n) => `As it is now: ${count(n, 'event')}.`,
  would: (/** @type {number} */ now, /** @type {number} */ then) => `${count(now, 'event')} would be ${then.toLocaleString('en')}`, newGone: (/** @type {number} */ fresh, /** @type {number} */ gone) => `${fresh.toLocaleString('en')} new, ${gone.toLocaleString('en')} gone`,
  noFootage: 'No footage in this time to try it on.', judged: (/** @type {string} */ length) => `judged: ${length} of footage`, fresh: 'New', gone_: 'Gone', moreTiles: (/** @type {number} */ n) => `${n} more`,
  why: 'Why', draw: 'Draw it: grid, what changed, what counted',
  save: 'Save', saveWhy: 'First look at the effect on the past', saved: 'Saved', nothingChanged: 'Nothing is changed', unsaved: 'Leave without saving?', unsavedText: 'What you changed here is tried only. It is gone when you leave, and what is in force stays.', unsavedYes: 'Leave', previous: 'Previous settings', restored: 'The settings before are back', refused: 'This cannot be set',
};
