// @ts-check
// The bytes of the websocket: docs/api.md, "The websocket".

const head = 15;

/**
 * @typedef {{kind: 'picture'|'sound'|'grid', cam: number, seq: number, us: number, body: Uint8Array<ArrayBuffer>}} Bytes us: capture time in µs since 1970 UTC
 * @param {ArrayBuffer} message
 * @returns {Bytes|undefined} undefined: of a kind that this page does not know
 */
export function readBytes(message) {
  if (message.byteLength < head) return undefined;
  const view = new DataView(message);
  const kind = view.getUint8(0);
  const name = /** @type {const} */ (['picture', 'sound', 'grid'])[kind - 1];
  if (!name) return undefined;
  return {
    kind: name, cam: view.getUint16(1), seq: view.getUint32(3),
    us: Number(view.getBigInt64(7)), // exact until the year 2255
    body: new Uint8Array(message, head),
  };
}

/**
 * @typedef {{cam: number, pictures?: boolean, fps?: number, sound?: boolean, motion?: boolean}} Wish
 * @param {Wish[]} cameras @param {boolean} events
 */
export const subscribe = (cameras, events) => JSON.stringify({ type: 'subscribe', cameras, events });

/** @param {number} cam @param {number} seq */
export const ack = (cam, seq) => JSON.stringify({ type: 'ack', cam, seq });

/** @param {number} id */
export const ping = (id) => JSON.stringify({ type: 'ping', id });
