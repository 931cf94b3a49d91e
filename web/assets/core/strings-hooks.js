// @ts-check
// What the view of the hooks says.
import { format, length } from './time.js';

/** @param {number} n @param {string} one @param {string} many */
const some = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** The lines that begin a hook: a notification on a phone. */
export const first = `[[hook]]
name = "phone"
on = ["event_start", "camera_lost"]
url = "https://ntfy.sh/a-long-word-that-nobody-guesses"
format = "ntfy"
picture = true
`;

export const words = {
  title: 'Hooks', lead: 'Programs, webhooks and phones that are told what happens. They stand in config.toml, and can be changed there alone: who may change settings on this page may not run programs by that.',
  again: 'Look again', admin: 'Only an admin sees the hooks.', guide: 'All that a hook can be told, and how',
  none: 'Nobody is told yet', noneText: 'Write these lines into config.toml; the next moment the hook stands here. With the ntfy app on your phone, and this topic in it, the phone rings with a picture when something moves.', copy: 'Copy the lines', copied: 'Copied',
  told: 'Is told', goes: 'Goes to', cameras: 'Cameras', all: 'all', last: 'Last call', answer: 'What came of it', waits: 'Waits', calls: 'Calls',
  on: /** @type {Record<string, string>} */ ({
    event_start: 'an event begins', event_update: 'an event goes on', event_end: 'an event is over', segment: 'a file is done', camera_lost: 'a camera is gone',
    camera_found: 'a camera is there again', camera_new: 'a new camera has come', disk: 'the disk is in trouble',
  }),
  to: (/** @type {string} */ form, /** @type {string} */ where, /** @type {boolean} */ secret) => (form === 'command' ? `the program ${where}` : form === 'ntfy' ? `${where}, a notification${secret ? ' with a token' : ''}` : `${where}, a webhook${secret ? ' that is signed' : ''}`),
  never: 'never called', worked: 'Worked', failed: 'Failed', fresh: 'Not called yet', behind: 'Behind',
  at: (/** @type {number} */ ms, /** @type {number} */ ago) => `${format(ms, 'datetime')}, ${length(ago)} ago`,
  nothing: 'nothing', waiting: (/** @type {number} */ n, /** @type {number|undefined} */ since) => `${some(n, 'call', 'calls')}${since === undefined ? '' : `, the first since ${format(since, 'datetime')}`}`,
  count: (/** @type {number} */ done, /** @type {number} */ failed, /** @type {number} */ lost) => [`${done} made`, failed && some(failed, 'try failed', 'tries failed'), lost && `${lost} given up`].filter(Boolean).join(', '),
  test: 'Test', testing: 'It is called now, with something that did not happen …', testOf: (/** @type {string} */ name) => `Test of ${name}`, with: 'Test with',
  went: (/** @type {number} */ seconds) => `It worked, in ${seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : length(seconds * 1000)}`, uncounted: 'Nothing happened, and it is not counted among the calls.', broke: (/** @type {string} */ why) => `It failed: ${why}`, sent: 'Sent', came: 'Came back', silent: 'nothing',
};
