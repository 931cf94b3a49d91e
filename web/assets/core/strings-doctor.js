// @ts-check
// What the doctor's view says. What was found, and what to do, the recorder says.
import { format, length } from './time.js';

export const words = {
  title: 'Doctor', lead: 'Looks at the recorder’s machine and at each step of each camera’s way in, and says what to do.',
  again: 'Look again', looking: 'Looking at ports, disk, DNS and cameras …', at: (/** @type {number} */ ms) => `Looked at ${format(ms, 'time')}`,
  well: 'Nothing is wrong.', todo: 'Do', fine: 'What is well', admin: 'An admin sees what was found, and what to do.',
  severity: /** @type {Record<string, string>} */ ({ fault: 'Fault', warning: 'Warning', note: 'Note', ok: 'Well' }),
  count: (/** @type {number} */ faults, /** @type {number} */ warnings) => [faults && `${faults} ${faults === 1 ? 'fault' : 'faults'}`, warnings && `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`].filter(Boolean).join(', '),
  ways: 'The way of each camera', waysText: 'From the first question to the first picture, as it was seen since the recorder’s start. DNS is seen only where the recorder answers it.', nobody: 'No camera has shown itself yet.',
  steps: /** @type {Record<string, string>} */ ({ dns: 'DNS', http: 'HTTP', firmware: 'Firmware', connect: 'TCP', mqtt: 'MQTT', udp: 'UDP', frame: 'Picture' }),
  missing: (/** @type {string} */ step) => `Missing next: ${step}`, whole: 'Nothing is missing', notSeen: 'not seen', seen: 'seen', ago: (/** @type {number} */ ms) => `${length(ms)} ago`, diagnose: 'Steps with help',
};
