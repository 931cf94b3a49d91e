// @ts-check
// What Storage says: how long it lasts, what goes, and other rules. Loaded with that view.
import { format } from './time.js';

/** "19 days", "14 h". @param {number} days */
export const daysText = (days) => (days > 3650 ? '10 years and more' : days < 2 ? `${Math.floor(days * 24)} h` : `${Math.floor(days)} days`);

/** "3 Nov" and "3–9 Nov": days of footage. @param {number} from ms @param {number} to ms */
export function daysOf(from, to) {
  const short = (/** @type {number} */ ms) => format(ms, 'day').slice(4);
  const [a, b] = [short(from), short(to - 1)];
  if (a === b) return a;
  return a.split(' ')[1] === b.split(' ')[1] ? `${a.split(' ')[0]}–${b}` : `${a}–${b}`;
}

/** Rules as reasons. @type {Record<string, string>} */
export const reasons = {
  max_age: 'older than it may be', event_age: 'an event, older than it may be', 'camera.max_size': 'over the camera’s size', max_size: 'over the size of all', min_free: 'the disk must stay free', 'min_free.unarchived': 'the disk must stay free, though it was not archived',
  hand: 'deleted by a person', outside: 'taken away past v720dvr',
};

/** Why a file is left alone. @type {Record<string, string>} */
export const foreign = {
  foreign: 'somebody else’s video', copy: 'a copy of a recording that is here', incomplete: 'not whole yet: it is being copied', unreadable: 'left by a crash, nothing could be made of it', other: 'no video',
};

export const words = {
  title: 'Storage', loading: 'Looking at the disk', table: 'As a table', day: 'Day', together: 'Together', free: 'Free', size: 'Disk', recorded: 'Recordings', oldest: 'Oldest recording', staysFree: 'Stays free', perDay: 'A day brings',
  nothing: 'Nothing is recorded yet.', unknown: 'There is not enough recorded yet to say how long it lasts.',
  keeps: (/** @type {number} */ days, /** @type {string[]} */ each) => `Keeps ${daysText(days)}${each.length > 1 ? ` (${each.join(', ')})` : ''}.`,
  endless: 'No rule ends what is kept.',
  full: (/** @type {number} */ at) => `Disk is full by plan on ${format(at, 'day')}; oldest goes then.`, fullToday: (/** @type {number} */ at) => `Disk is full by plan today at ${format(at, 'hm')}; oldest goes then.`,
  isFull: 'The room is used up: the oldest goes as new comes.', neverFull: 'The disk is not filled in ten years.', byRules: 'By these rules the disk is never full.',
  level: 'On the disk', levelText: 'Recordings by the day they are of, then what the last 14 days let expect.', roomLine: 'The line is the room that the rules leave.', roomLarge: (/** @type {string} */ room) => `The rules leave room for ${room}, far above.`, usual: 'Usual days', slow: 'Slow days', busy: 'Busy days', room: 'Room', ahead: 'Expected',
  perCamera: 'By camera', now: 'Now', reaches: 'Will keep', of: 'A day brings', why: 'Until',
  next: 'What goes next and why', nextNone: 'Nothing goes in the next 30 days.', nextMore: 'More', goes: (/** @type {number} */ at) => `goes ${format(at, 'datetime').replace(/:\d\d$/, '')}`, goesNow: 'goes at the next look',
  keep: 'Keep', keepNote: 'kept in Storage', keptNow: 'Kept: no rule deletes it', keepFailed: 'It could not be kept',
  kept: 'Kept', keptText: 'No rule deletes what is kept.', noKept: 'Nothing is kept beyond the rules.', end: 'Let it go', endText: (/** @type {string} */ what) => `${what} is deleted when the rules say so.`, ended: 'Let go', until: 'until', forever: 'until somebody lets it go',
  chokes: (/** @type {string} */ part) => `What is kept takes ${part} of the room: everything else goes sooner.`,
  left: 'Other files', leftText: 'They lie among the recordings and are none. v720dvr leaves them alone; no rule deletes them.', leftLate: 'What is done by hand in older days is found within six hours.', leftMore: 'and more', leftAll: (/** @type {number} */ n) => `Show ${n} more`,
  log: 'Deleted', logNone: 'Nothing was deleted yet.', logMore: 'Earlier', logText: 'Every file that a rule took, newest first.', files: (/** @type {number} */ n) => (n === 1 ? '1 file' : `${n} files`),
  rules: 'What is kept', rulesText: 'Move a slider to see what it would come to. Nothing changes until you apply it.', whose: 'For', all: 'all cameras', fixed: 'Environment or command line decide this.',
  keys: /** @type {Record<string, [string, string]>} */ ({ 'retention.max_age': ['Days', 'older footage goes'], 'retention.event_age': ['Events', 'footage of events stays so long, and goes last'], 'retention.max_size': ['Size', 'beyond it the oldest goes'], 'retention.min_free': ['Stays free', 'so that recording never stops'] }),
  noLimit: 'no limit', noDifference: 'as the rest', asAll: (/** @type {string} */ value) => `as all (${value})`, daysValue: (/** @type {number} */ n) => (n === 1 ? '1 day' : `${n} days`),
  atOnce: (/** @type {string} */ size, /** @type {string} */ what) => `${size}, ${what}`, goesAtOnce: 'Would go at once', nothingAtOnce: 'Nothing would go at once.', short: (/** @type {string} */ size) => `${size} would still be missing: other files fill the disk.`,
  thin: 'Fewer pictures', thinHint: 'old footage keeps some of its pictures, events keep all', thinNone: 'Old footage keeps all its pictures.', thinNever: 'never', thinAdd: 'Thin old footage', thinMore: 'Then still fewer', thinRemove: 'Remove', thinAge: 'Older than', thinRate: 'Pictures that stay', thinSilent: 'Sound goes, too',
  thinFor: 'This camera', thinOwn: 'its own', thinAfter: (/** @type {number} */ days) => (days % 1 ? `after ${Math.round(days * 24)} h` : days === 1 ? 'after 1 day' : `after ${days} days`), rate: (/** @type {number} */ fps) => (fps >= 1 ? `${fps} a second` : `one in ${Math.round(1 / fps)} s`),
  thinsAtOnce: 'Would be thinned from now on', thins: (/** @type {string} */ size, /** @type {string} */ what) => `${what}: about ${size} less`, applyThins: (/** @type {string} */ what) => `Written again with fewer pictures, for ever: ${what}. `,
  appliedThins: 'Applied; thinning goes on in the background', nextOf: 'Of', trying: 'Looking what that comes to', reset: 'As it is now', apply: 'Apply', applyTitle: 'Apply these rules', applyGoes: (/** @type {string} */ what) => `Deleted at once, for ever: ${what}.`, applyNothing: 'Nothing is deleted at once.',
  applyYes: (/** @type {string} */ size) => `Delete ${size} and apply`, twiceTitle: 'More than half of everything', twice: (/** @type {string} */ size, /** @type {string} */ all) => `${size} of ${all} would be gone for ever. Is that meant?`, twiceYes: 'Yes, delete more than half',
  meanwhile: 'It comes to something else by now. ', setPart: (/** @type {string} */ whose, /** @type {string} */ why) => `The rules for ${whose} are set, the others are not: ${why}`,
  notSwept: (/** @type {string} */ why) => `The rules are set and hold from now on. Whether everything is deleted already is not known: ${why}`,
  applied: (/** @type {string} */ size) => `Applied, ${size} deleted`, appliedNothing: 'Applied',
  adminOnly: 'An admin may change the rules.', freeTitle: 'No room', freeText: 'The disk is full. Give it room here: fewer days, less size, or let go what is kept.',
};
