// @ts-check
// The worker: feeds by number, told what to do by messages. Where workers fail the same module runs in the
// page, with a channel in the worker's place.
import { Feed } from './feed.js';
import { remote } from './remote.js';
import { local } from './avi.js';

/**
 * @typedef {{do: 'open', feed: number, camera: string, file?: File}
 *   | {do: 'show', feed: number, us: number, seq: number}
 *   | {do: 'step', feed: number, us: number, direction: 1|-1, seq: number}
 *   | {do: 'play', feed: number, us: number, rate: number, seq: number, soundRate?: number}
 *   | {do: 'stop', feed: number, seq: number}
 *   | {do: 'back', feed: number}
 *   | {do: 'close', feed: number}
 *   | {do: 'bounds', bytes: number, pictures: number}} Order
 */

/** @param {{postMessage: (m: any, hand?: any) => void, onmessage: ((e: MessageEvent<Order>) => void)|null}} port */
export function serve(port) {
  /** @type {Map<number, Feed>} */
  const feeds = new Map();
  let bounds = { bytes: 16 << 20, pictures: 8 };

  // The bounds are of all feeds together.
  const share = () => {
    for (const feed of feeds.values()) {
      feed.ring.limit(bounds.bytes / feeds.size);
      feed.most = Math.max(2, Math.floor(bounds.pictures / feeds.size));
    }
  };

  port.onmessage = async ({ data: order }) => {
    if (order.do === 'bounds') {
      bounds = order;
      return share();
    }
    if (order.do === 'open') {
      const number = order.feed;
      const feed = new Feed(order.file ? local(order.file) : remote(order.camera), (message, hand) => port.postMessage({ ...message, feed: number }, hand ?? []));
      feeds.set(number, feed);
      return share();
    }
    const feed = feeds.get(order.feed);
    if (!feed) return;
    switch (order.do) {
      case 'show': return feed.show(order.us, order.seq);
      case 'step': return feed.step(order.us, order.direction, order.seq);
      case 'play': return feed.play(order.us, order.rate, order.seq, order.soundRate);
      case 'stop': return void feed.stop(order.seq);
      case 'back': return feed.back();
      case 'close':
        feed.stop(-1);
        feeds.delete(order.feed);
        return share();
    }
  };
}

if (typeof document === 'undefined') serve(/** @type {any} */ (self));
