// @ts-check
// What More → Schedule says. Loaded with that view.
import { format } from './time.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const whole = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Days in words: "every day", "Mon–Fri", "Sat, Sun". @param {number[]} list @returns {string} */
export function daysText(list) {
  const order = [1, 2, 3, 4, 5, 6, 0].filter((d) => list.includes(d));
  if (order.length === 7) return 'every day';
  if (!order.length) return 'on no day';
  /** @type {string[]} */
  const parts = [];
  const place = (/** @type {number} */ d) => (d + 6) % 7;
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j + 1 < order.length && place(order[j + 1]) === place(order[j]) + 1) j++;
    if (j - i > 1) parts.push(`${days[order[i]]}–${days[order[j]]}`);
    else for (let k = i; k <= j; k++) parts.push(days[order[k]]);
    i = j + 1;
  }
  return parts.join(', ');
}

export const words = {
  title: 'Schedule', loading: 'Asking the recorder', clock: (/** @type {string} */ zone) => `All times are by the recorder’s clock (${zone}).`,
  origin: /** @type {Record<string, string>} */ ({ default: 'No schedule is set: it is the same at all times.', file: 'This schedule stands in config.toml.', set: 'This schedule was set here, and stands over config.toml’s.' }),
  modes: /** @type {Record<string, string>} */ ({ continuous: 'always', motion: 'on motion', off: 'never' }),
  does: /** @type {Record<string, string>} */ ({ continuous: 'Records all the time', motion: 'Records what moves', off: 'Does not record' }),
  now: 'Now', until: (/** @type {number} */ at) => `until ${format(at, 'datetime').replace(/:\d\d( [+-]\d+)?$/, '$1')}`, forEver: 'no change ahead',
  week: 'The week', tried: 'The week with your changes', triedText: 'Nothing is changed until you save.', legend: 'What the bars mean', earlier: 'A week earlier', later: 'A week later', thisWeek: 'From today',
  today: 'today', longDay: (/** @type {number} */ hours) => `${hours} h`, longDayWhy: 'The clocks are changed on this day.', all: 'All cameras', more: 'It changes too often to be shown to its end.',
  list: 'As a list', from: 'From', mode: 'Mode', why: 'Because of', what: 'Camera', noCameras: 'No camera has come yet. What is set here holds for those that will.',
  span: (/** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ mode) => `${from}–${to} ${mode}`,
  next: 'What changes next', nextNone: 'Nothing changes: it is the same at all times.', paused: 'A pause goes before the schedule.',
  edit: 'Change it', editText: 'Of several rules that hold at the same time the lowest decides.', viewer: 'Only an admin can change when what is recorded.', readOnly: 'Rules',
  presets: 'Begin with', preset: /** @type {Record<string, string>} */ ({ nights: 'Nights', away: 'When away (weekdays 8–18)', always: 'Always' }),
  presetText: 'Nights and When away record all the time then, and what moves else.',
  rule: (/** @type {number} */ n) => `Rule ${n}`, days: 'Days', dayNames: days, dayLong: whole, fromTime: 'From', toTime: 'To', nextDay: 'of the next day', wholeDay: 'until the same time of the next day', records: 'Records', cameras: 'Cameras',
  allCameras: 'All, also those to come', someCameras: 'Only these', unknownCamera: (/** @type {string} */ name) => `${name} (not known)`,
  advanced: 'Advanced: cron lines', start: 'Starts', stop: 'Stops', cronHint: 'Five fields: minute, hour, day of the month, month, day of the week (0 is Sunday).', cronOnly: 'These times say more than days and hours can. They are changed here.', asPlain: 'Use days and hours instead',
  up: 'Up', down: 'Down', remove: 'Remove', add: 'Add a rule', otherwise: 'At all other times', otherwiseText: 'Of cameras that have no setting of their own', own: (/** @type {string} */ who) => `Of their own: ${who}`, fixed: 'Environment or command line decide this.',
  needsDay: 'Choose a day at least.', needsCamera: 'Choose a camera at least.',
  noRules: 'There are no rules: it is the same at all times.',
  save: 'Save', discard: 'As it is now', undo: 'Undo', reset: 'Use config.toml’s again', saved: 'The schedule is saved', undone: 'As it was before', wasReset: 'config.toml’s schedule is in force again',
  trying: 'Looking what that comes to', wrong: (/** @type {number} */ n) => (n === 1 ? 'One rule cannot be so.' : `${n} rules cannot be so.`), notSaved: 'It cannot be saved like this.', fine: 'This can be saved.',
  /** @param {import('../views/more/schedule/plain.js').Plain} p */
  times: (p) => `${daysText(p.days)}, ${p.from}–${p.to}${p.from < p.to ? '' : ' of the next day'}`, cron: (/** @type {{start: string, stop: string}} */ r) => `from “${r.start}” to “${r.stop}”`,
};
