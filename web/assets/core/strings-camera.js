// @ts-check
// What the page says of a camera that is told what to do. Loaded with the camera's page, or when its lamp is switched.
import { bytes, format, length } from './time.js';

export const words = {
  is: 'What it is', wifi: 'Wi-Fi', battery: 'Battery', low: 'low', card: 'SD card', noCard: 'none, as far as it tells', reach: 'Takes commands', ways: { control: 'over its own connection', mqtt: 'over MQTT', none: 'not now' },
  cardSize: (/** @type {number} */ gb, /** @type {number|undefined} */ mb) => `${gb} GB${mb === undefined ? '' : `, ${bytes(mb * 2 ** 20)} free`}`,
  connections: 'Connected', times: (/** @type {number} */ n) => `${n === 1 ? 'once' : `${n} times`} since it first came`, rate: 'Frame rate', loss: 'Lost',
  lossOf: (/** @type {number} */ percent, /** @type {number} */ n) => (n ? `${percent < 0.1 ? 'less than 0.1' : percent.toFixed(1)} % (${n} ${n === 1 ? 'picture' : 'pictures'} since it first came)` : 'no picture'),
  told: 'Said this', ago: (/** @type {number} */ ms) => (ms < 10_000 ? 'just now' : `${length(ms)} ago`), unknown: 'not told',

  programs: 'For other programs', rtspCopied: 'Address copied', rtspNotCopied: 'The browser did not let it be copied: select the address',
  programsHint: 'VLC, ffmpeg, go2rtc and Frigate read pictures and sound at this address over RTSP. They log in with a user of this page or, better, with a token for live pictures as the password.',

  can: 'What it does', on: 'On', off: 'Off', busy: 'Telling it', notTold: 'It does not tell how this is.',
  /** @type {Record<string, [string, string]>} of settings: label, hint */
  settings: {
    ir: ['Infrared lamp', 'Sees in the dark, in grey.'], flip: ['Picture upside down', 'For a camera that hangs.'], led: ['Status light', 'The lamp on the camera itself.'], lamp: ['White lamp', 'Visible light.'],
    'motion-alert': ['Its own motion alarm', 'What it reports itself; the recorder looks for motion anyway.'], 'sd-record': ['Records to its SD card', 'Beside what is recorded here.'],
  },
  alert: (/** @type {string} */ v) => (v === 'off' ? 'Off' : v === '1' ? '1, the most sensitive' : v === '7' ? '7, the least' : v),
  turn: 'Turn', turns: /** @type {Record<string, string>} */ ({ 'turn-up': 'Up', 'turn-left': 'To the left', 'turn-calibrate': 'Find its ends', 'turn-right': 'To the right', 'turn-down': 'Down' }),
  turnHint: 'A step at a time. The target in the middle lets the motor find its ends.',
  /** @type {Record<string, [string, string, string]>} of actions: label, hint, button */
  actions: {
    reboot: ['Restart', 'Pictures are missing for about half a minute.', 'Restart it'], wake: ['Asleep', 'It is at the broker alone, to save its battery.', 'Wake it'],
    'wifi-scan': ['Wi-Fi networks', 'What it hears where it stands. Takes up to 20 s.', 'Look for them'],
  },
  danger: 'Dangerous', dangerHint: 'Each asks once more before anything happens.', dangerAdmin: 'Only an admin may do this.',
  /** @type {Record<string, [string, string, string]>} label, what happens, button */
  dangers: {
    'power-off': ['Switch off', 'The camera goes off and records nothing. Only the button on the camera itself switches it on again.', 'Switch it off'],
    'sd-format': ['Format the SD card', 'Everything on the camera’s SD card is deleted, and nobody can bring it back. What is recorded here stays.', 'Delete all on its card'],
    'wifi-leave': ['Leave this Wi-Fi', 'The camera forgets your Wi-Fi and is gone. Somebody must go to it and set it up again, as a new one.', 'Have it leave'],
    'ap-mode': ['Open its own Wi-Fi', 'The camera leaves your Wi-Fi and opens its own, Nax_ and its id. It is gone here until somebody joins that and sets it up again.', 'Have it change over'],
  },

  done: (/** @type {number} */ s) => `Done: the camera’s own state shows it (${s.toFixed(1)} s).`, gone: (/** @type {number} */ s) => `Done: the camera went (${s.toFixed(1)} s).`,
  taken: 'The camera took it. Nothing that it tells of itself shows whether it does it.', found: (/** @type {number} */ n) => `${n} ${n === 1 ? 'network' : 'networks'}:`,
  late: (/** @type {string} */ why) => `No answer: ${why}`, not: (/** @type {string} */ why) => `Not done: ${why}`, lost: 'The recorder went away meanwhile; whether the camera obeyed is not known.',
  viewer: 'You may look at this camera, and not steer it: a user whose role is admin may.', recorder: 'The recorder does not answer now. What is shown is from before.', waits: 'It waits for your yes: approve it first.',
  offline: (/** @type {number} */ since, /** @type {string|undefined} */ away) => `It cannot be reached${since ? ` since ${format(since, 'datetime')}` : ''}${away ? `: ${away}` : ''}. It can be told again as soon as it is back.`,
  noCardWhy: 'It has no SD card, as far as it tells.',

  has: 'What it has', hasHint: 'Cameras do not tell this. What you tick here gets its buttons.', motor: 'It turns (has a motor)', speaker: 'It can be talked to (has a speaker)', hasSaved: 'Changed',
};
