// @ts-check
// Who does the work: a worker, or, where there is none, the same module in the page.

/** @typedef {import('./worker.js').Order} Order */

/**
 * @param {(message: any) => void} take
 * @returns {{order: (order: Order) => void, end: () => void}}
 */
export function hands(take) {
  /** @type {Order[]} */
  let before = [];
  /** @type {MessagePort|undefined} */
  let port;
  const inPage = async () => {
    const channel = new MessageChannel();
    (await import('./worker.js')).serve(/** @type {any} */ (channel.port2));
    channel.port1.onmessage = (e) => take(e.data);
    port = channel.port1;
    for (const order of before) port.postMessage(order);
    before = [];
  };
  /** @type {Worker|undefined} */
  let worker;
  let speaks = false;
  try {
    worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = (e) => {
      speaks = true;
      before = [];
      take(e.data);
    };
    worker.onerror = () => {
      if (speaks) return; // a mistake of one order, not of the worker
      worker = undefined;
      void inPage();
    };
  } catch {
    void inPage();
  }
  return {
    order(order) {
      if (worker) {
        if (!speaks) before.push(order);
        worker.postMessage(order);
      } else if (port) port.postMessage(order);
      else before.push(order);
    },
    end() {
      worker?.terminate();
      port?.close();
    },
  };
}
