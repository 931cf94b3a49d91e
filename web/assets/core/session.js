// @ts-check
// Who looks: log in, log out, and what happens when a session ends while somebody looks.
import { api, ApiError, onUnauthorized } from './api.js';
import { live } from './live.js';
import { store } from './store.js';
import { setNow, zone } from './time.js';

/** Asks who looks. @returns {Promise<boolean>} somebody is logged in, or nobody needs to be */
export async function begin() {
  try {
    store.set({ me: await api.get('/session') });
  } catch (err) {
    if (err instanceof ApiError && err.status === 401) {
      ended();
      return false;
    }
    throw err;
  }
  live.start(); // before the rest: the first picture is what is waited for
  zone.load().then(() => store.set({}), () => {});
  refresh();
  return true;
}

/** @param {string} user @param {string} password @throws {ApiError} */
export async function logIn(user, password) {
  await api.send('POST', '/session', { user, password });
  await begin();
}

export async function logOut() {
  await api.send('DELETE', '/session');
  ended();
}

function ended() {
  live.stop();
  store.set({ me: null, cameras: [], arrivals: [], known: false, system: null });
}

/** Asks how the recorder is. */
export async function refresh() {
  if (!store.may('read')) return;
  try {
    const system = await api.get('/system');
    setNow(Date.parse(system.now));
    store.set({ system });
  } catch { /* the bar says it when the recorder is gone */ }
}

onUnauthorized(ended);
live.onAfresh(() => { zone.load().then(() => store.set({}), () => {}); refresh(); });
live.onState((s) => {
  // A connection that is refused does not say why: a session that has ended, or a recorder that is not there.
  if ((s.phase === 'gone' || s.phase === 'out') && store.me) api.get('/session').then((me) => store.set({ me }), (err) => err.status === 401 && ended());
});
// A disk that takes nothing any more, or takes it again, is told at once: cameras say first that they are not recorded.
let failing = false;
store.subscribe(() => {
  const now = store.cameras.some((c) => c.recording === 'failing');
  if (now !== failing) { failing = now; refresh(); }
});
setInterval(() => !document.hidden && store.system?.disk.trouble && live.state.phase === 'open' && refresh(), 3000);
setInterval(() => !document.hidden && live.state.phase === 'open' && refresh(), 15_000);
