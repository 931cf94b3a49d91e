// @ts-check
// What Health says of hours and days. Loaded with that view.
import { format } from './time.js';

const times = (/** @type {number} */ n) => (n === 1 ? 'once' : `${n} times`);

export const words = {
  span: 'Time', spans: /** @type {Record<string, string>} */ ({ '1h': '1 h', '24h': '24 h', '7d': '7 days', '30d': '30 days' }), table: 'As a table', time: 'Time', box: 'Recorder',
  nothing: 'The first figures come a minute after the recorder’s start.', inWords: 'In words',
  silent: (/** @type {string} */ name) => `${name}: no picture came in this time.`, noLoss: 'no loss',
  loss: (/** @type {number} */ percent, /** @type {number} */ n) => `${percent < 0.1 ? 'less than 0.1' : percent.toFixed(1)} % loss (${n} ${n === 1 ? 'picture' : 'pictures'})`,
  repaired: (/** @type {number} */ n) => `${n} repaired`, dropped: (/** @type {number} */ n) => `${n} not recorded`,
  connected: (/** @type {number} */ n, /** @type {number} */ last) => `connected ${times(n)}, last ${format(last, 'datetime').replace(/:\d\d$/, '')}`, stayed: 'connected all the time', online: (/** @type {number} */ percent) => `there ${percent.toFixed(1)} % of the time`,
  frames: 'Pictures a second', lost: 'Lost', fixed: 'Repaired', age: 'Age of the picture, the most', opened: 'Connected', sound: 'Packages of sound a second',
  sync: 'Making pictures safe on the disk', median: 'median', most: 'the longest', free: 'Free on the disk', memory: 'Memory', waiting: 'waits for the disk', cpu: 'Processor, of one core', drops: 'Dropped by the system',
};
