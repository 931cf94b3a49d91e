// @ts-check
// All that the page says to people, in one place. One word per thing: docs/glossary.md.
import { format, length } from './time.js';

export const t = {
  name: 'v720dvr',
  skip: 'Skip to the view',
  nav: { live: 'Live', timeline: 'Timeline', events: 'Events', storage: 'Storage', more: 'More', label: 'Views' },
  common: {
    cancel: 'Cancel', save: 'Save', saved: 'Saved', close: 'Close', undo: 'Undo', again: 'Try again', back: 'Back', loading: 'Loading',
    none: 'none', notFound: 'There is no such view.', toLive: 'To Live', unknownCamera: 'There is no such camera, or you may not see it.',
    mayNot: 'Only an admin may change this.', reset: 'Take back', failed: (/** @type {string} */ why) => `Not done: ${why}`,
    gone: 'The recorder does not answer', noFile: 'This part of the page could not be loaded. A newer version may run now.', reload: 'Reload',
  },
  login: {
    title: 'Log in', user: 'User', password: 'Password', go: 'Log in', wrong: 'User or password is wrong.',
    show: 'Show', hide: 'Hide',
    help: 'The first start told the password of admin, on the recorder itself. `v720dvr user password admin` draws another.',
  },
  link: {
    open: 'Connected', connecting: 'Connecting', gone: 'Unreachable', out: 'Reconnecting',
    bar: (/** @type {number} */ ms) => `Recorder unreachable for ${clockLength(ms)}, trying again`,
    back: 'The recorder is back', retry: 'Try now',
    outdated: 'Another version of v720dvr runs now.', reload: 'Reload',
  },
  disk: {
    /** @param {string} trouble @param {number} since */
    bar: (trouble, since) => `Recording stopped ${format(since, 'hm')}: ${diskWords[trouble] || trouble}`,
    slow: (/** @type {number} */ since) => `The disk is slow since ${format(since, 'hm')}: recordings wait in memory`,
    free: 'Free space', why: 'Why',
  },
  pill: {
    faults: (/** @type {number} */ n) => (n === 1 ? '1 fault' : `${n} faults`), none: 'No camera yet', unknown: 'Not known now', loading: 'Asking the cameras',
    /** @param {number} on @param {number} all */
    recording: (on, all) => (on === all ? (all === 1 ? 'Recording' : `All ${all} recording`) : `${on} of ${all} recording`),
    /** @param {number} days */
    fits: (days) => `${days < 2 ? `${Math.max(0, days * 24).toFixed(0)} h` : days < 730 ? `${Math.floor(days)} days` : `${Math.floor(days / 365)} years`} fit`,
  },
  clock: { differs: (/** @type {string} */ zone) => `times in ${zone}`, label: 'The recorder’s clock' },
  recording: {
    on: 'Recording', ready: 'On motion', off: 'Off', paused: 'Paused', failing: 'Not recorded', absent: 'No picture',
  },
  tile: {
    waiting: 'Waiting for the first picture', offline: (/** @type {number} */ since, /** @type {string|undefined} */ why) => (since ? `Offline since ${sinceText(since)}${why ? ' · ' + why : ''}` : 'Not seen yet'), demo: 'Demo',
    loud: 'How loud it is',
    catching: 'Catching up', approve: 'Waits for your yes', paused: (/** @type {number|undefined} */ until) => (until ? `Paused until ${format(until, 'hm')}` : 'Paused'),
    noPicture: (/** @type {string} */ state) => `No picture: ${state}`,
    ailments: /** @type {Record<string, string>} */ ({ frozen: 'Stands still', black: 'Black', covered: 'Covered', blurred: 'Blurred', grey: 'No colour', deaf: 'No sound' }),
    motion: 'Motion', sound: 'Sound', lost: (/** @type {number} */ share) => `${share.toFixed(0)} % lost`,
    age: (/** @type {number} */ ms) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : length(ms)),
    ageLabel: (/** @type {number} */ ms) => `picture ${length(ms)} old`,
    open: (/** @type {string} */ name) => `Open ${name}`, menu: (/** @type {string} */ name) => `More of ${name}`, diagnose: 'Why?', at: 'Another time',
  },
  wall: {
    title: 'Live', layout: 'Layout', layouts: { auto: 'Fit the screen', one: 'One column', two: 'Two columns', focus: 'One large' }, saver: 'Data saver', saverHint: '1 picture a second',
    reorder: 'Order', done: 'Done', up: (/** @type {string} */ n) => `Move ${n} forward`, down: (/** @type {string} */ n) => `Move ${n} backward`,
    others: 'Other cameras', all: 'All cameras', full: 'Full screen', unfull: 'Leave full screen', drag: 'Drag a picture, or use its arrows. The order is kept for you, in every browser.',
    kiosk: 'Kiosk', leaveKiosk: 'Leave kiosk', awake: 'Tap or Escape leaves the kiosk. Over plain http no page may keep a screen on: set the device to stay awake.', awakeHeld: 'Tap or Escape leaves the kiosk. The screen stays on.',
    demo: 'This camera is a demo: the recorder plays it.', stopDemo: 'Stop the demo', demoStopped: 'The demo has ended. Its recordings stay in the folder demo until your rules delete them.',
    goto: 'Go to a time', gotoHint: '1405, 14:05:10 or 2026-11-22 14:05', gotoWrong: 'This is no time. 1405 and 14:05:10 are.', gotoGo: 'Go',
    noMay: 'You may not see live pictures.', waiting: 'Cameras that wait',
  },
  menu: {
    sound: 'Sound', mute: 'Mute', snapshot: 'Snapshot', timeline: 'Timeline here', record: 'Record now', pause: 'Pause recording', resume: 'Resume recording', zones: 'Zones',
    diagnose: 'Diagnose', settings: 'Settings', noPicture: 'There is no picture yet.', recorded: 'Recording for 2 min', keep: 'Keep last 2 min', kept: 'Kept: it is not deleted until you say so in Storage', keepNote: 'kept in Live',
    talk: 'Talk', lamp: 'Infrared lamp', lampOn: 'Switch infrared lamp on', lampOff: 'Switch infrared lamp off', telling: (/** @type {string} */ name) => `Telling ${name} …`, offline: 'It cannot be reached now.', gone: 'The recorder does not answer now.',
  },
  pause: {
    title: (/** @type {string} */ name) => `Pause recording of ${name}`, text: 'Nothing of it is kept until the pause ends. The live picture stays.', go: 'Pause',
    for: /** @type {[string, number][]} */ ([['15 minutes', 900], ['1 hour', 3600], ['4 hours', 14400], ['Until tomorrow 7:00', -1], ['Until I resume', 0]]),
    done: 'Recording is paused', resumed: 'Recording goes on',
  },
  more: {
    title: 'More',
    parts: /** @type {Record<string, [string, string]>} */ ({
      cameras: ['Cameras', 'Names, settings, pause, set-up'], zones: ['Motion and zones', 'What counts as motion, and where'], schedule: ['Schedule', 'When what is recorded'], health: ['Health', 'Pictures, loss, disk'],
      doctor: ['Doctor', 'What is wrong, and what to do'], hooks: ['Hooks', 'Who is told what happens, and a test'],
      users: ['Users', 'Who may see what'], about: ['About', 'Version, appearance, log out'],
    }),
  },
  cameras: {
    title: 'Cameras', add: 'Set up another', name: 'Name', facts: 'Facts', id: 'Device code', model: 'Model', firmware: 'Firmware', address: 'Address', since: 'Connected since', seen: 'Last seen',
    pictures: 'Pictures', perSecond: (/** @type {number} */ fps) => `${fps.toFixed(1)} a second`, lost: 'Lost', repaired: 'Repaired', dropped: 'Not recorded', settings: 'Settings', renamed: 'Renamed', file: 'File now',
    nameHint: 'Also the name of its folder. What is recorded already keeps its place.',
  },
  settings: {
    /** @type {Record<string, [string, string]>} label, hint */
    keys: {
      'recording.mode': ['Records', ''], 'recording.segment': ['Length of a file', 'for instance 5m'], 'recording.preroll': ['Kept from before an event', 'for instance 10s'],
      'recording.postroll': ['Kept behind an event', 'for instance 10s'], 'recording.audio': ['Sound', ''], 'motion.enabled': ['Looks for motion', ''],
      'motion.sensitivity': ['How easily it notices', '1 little to 10 much'], 'motion.min_size': ['Smallest thing', 'part of the picture, for instance 0.2%'],
      'motion.hold': ['An event ends after', 'rest of so long'], 'motion.sound': ['How easily it hears', '0 off, 1 little to 10 much'],
      'retention.max_age': ['Kept at most', 'for instance 14d; empty: no limit'], 'retention.max_size': ['At most so many bytes', 'for instance 200GB; empty: no limit'], 'retention.event_age': ['Events kept at most', 'for instance 30d'],
      'retention.min_free': ['Stays free on the disk', 'for instance 5% or 20GB'], 'retention.cron': ['Looked at', 'a cron line'], 'cloud.new_cameras': ['New cameras', ''], 'log.level': ['Log', ''],
    },
    modes: { continuous: 'always', motion: 'on motion', off: 'never' }, on: 'on', off: 'off',
    origin: { default: 'default', file: 'config.toml', set: 'set here', environment: 'environment', flag: 'command line' },
    own: 'its own', box: 'as the whole box', fixed: 'Environment or command line decide this.', restart: 'At the next start', group: { recording: 'Recording', motion: 'Motion and sound', retention: 'What is kept', cloud: 'Cameras', log: 'Log' },
    changed: 'Changed', zones: (/** @type {number} */ n) => (n ? `${n} zones` : 'no zones'), all: 'Settings of all cameras',
  },
  health: {
    title: 'Health', time: 'Time', recorder: 'Recorder', up: 'Runs since', version: 'Version', problems: 'To do', well: 'Nothing to do: all is well.', disk: 'Disk', waiting: 'Waits for the disk', free: 'Free', cameras: 'Cameras',
    fps: 'Pictures a second', lostNow: 'Lost', since: 'Since this view was opened; one point every 2 s.', doors: 'At the cameras’ ports', malformed: 'Not understood', strangers: 'From strangers', refused: 'Refused', droppedAt: 'Dropped by the system',
    table: 'As a table', age: 'Age of the picture', repaired: 'Repaired', folder: 'Folder', trouble: 'Trouble', noTrouble: 'none',
  },
  users: {
    title: 'Users', add: 'Add a user', name: 'Name', role: 'Role', roles: { admin: 'admin: everything', viewer: 'viewer: sees and hears' }, cameras: 'Cameras', all: 'all cameras', password: 'Password', drawn: 'Leave it empty and one is drawn.',
    told: (/** @type {string} */ name, /** @type {string} */ pw) => `${name} logs in with ${pw} — it is not shown again.`, remove: 'Remove', removeText: (/** @type {string} */ n) => `${n} is logged out everywhere, and cannot log in any more. Tokens of this user end.`,
    added: 'Added', removed: 'Removed', reset: 'New password', sessions: 'Log out everywhere', loggedOut: 'Logged out', created: 'since', tokens: 'Tokens', tokensText: 'Programs come with a token.', noTokens: 'No program has a token.',
    addToken: 'Make a token', scopes: 'It may', used: 'used', never: 'never', revoke: 'Revoke', revokeText: (/** @type {string} */ n) => `Programs with the token ${n} are refused at once.`, revoked: 'Revoked', token: (/** @type {string} */ name, /** @type {string} */ tk) => `The token ${name}: ${tk} — it is not shown again.`,
    own: 'Your password', old: 'Password until now', new: 'New password (8 or more)', change: 'Change it', changed: 'Changed. Other devices are logged out.',
    audit: 'What was done', auditMore: 'Earlier', nobody: 'nobody known', copy: 'Copy', copied: 'Copied',
  },
  about: {
    title: 'About', version: 'Version', run: 'Runs since', up: 'Up', zone: 'Zone', you: 'You are', theme: 'Appearance', themes: { system: 'as the system', light: 'light', dark: 'dark' }, logout: 'Log out', nobody: 'Nobody needs to log in here.',
    free: 'Free software. Lit (BSD-3), uPlot (MIT) and Lucide icons (ISC) are in the page; their licences:', api: 'API document', keys: 'Single-key shortcuts', keysHint: 'Space, J, L, comma … in player and timeline',
  },
  timeline: { loading: 'Loading the timeline' },
};

/** @type {Record<string, string>} */
const diskWords = { full: 'disk full', 'read-only': 'disk is read-only', gone: 'disk is gone', failing: 'disk fails', slow: 'disk is slow' };

/** 00:12, 1:04:09. @param {number} ms */
export function clockLength(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return s < 3600 ? `${two(Math.floor(s / 60))}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** "03:12 (11 h)", with the day where that is another. @param {number} ms */
function sinceText(ms) {
  const ago = Date.now() - ms;
  return `${format(ms, ago > 20 * 3600e3 ? 'day' : 'hm')}${ago > 20 * 3600e3 ? ' ' + format(ms, 'hm') : ''} (${length(ago)})`;
}
