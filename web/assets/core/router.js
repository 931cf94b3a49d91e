// @ts-check
// Which view is shown: the URL says it, so that reload, Back and a link that was sent find the same.
import { store } from './store.js';

/** @typedef {{view: string, params: {camera?: string, id?: string, part?: string}, query: URLSearchParams}} Route */

/** @type {Set<() => void>} */
const readers = new Set();
const free = () => true;
/** @type {(url: string) => boolean} */
let leaves = free;

/** Where the page is. camera is what the URL says: store.camera() finds it. @returns {Route} */
export function route() {
  const [view = '', first, second] = location.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const query = new URLSearchParams(location.search);
  switch (view) {
    case '': return { view: 'live', params: {}, query };
    case 'events': return { view, params: { id: first }, query };
    case 'more': return { view, params: { part: first, camera: first === 'cameras' ? second : undefined, id: second }, query };
    case 'setup': return { view: second === 'zones' ? 'zones' : view, params: { camera: first, part: second }, query };
    default: return { view, params: { camera: first }, query };
  }
}

/** Goes to a URL of the page, as a step that Back undoes. @param {string} url */
export function go(url) {
  if (!leaves(url)) return;
  if (url !== location.pathname + location.search) history.pushState(null, '', url);
  tell();
}

/** Has fn asked before go() goes to a URL: false stays here. @param {(url: string) => boolean} fn @returns {() => void} ends it */
export function guard(fn) {
  leaves = fn;
  return () => { if (leaves === fn) leaves = free; };
}

/** Changes the URL without a step: while playing, no more than once a second. @param {string} url */
export function replace(url) {
  if (url !== location.pathname + location.search) history.replaceState(null, '', url);
}

/** Calls fn when the view or its place changes. @param {() => void} fn @returns {() => void} ends it */
export function onRoute(fn) {
  readers.add(fn);
  return () => readers.delete(fn);
}

function tell() {
  for (const fn of readers) fn();
  store.set({});
}

addEventListener('popstate', tell);

// A plain click on a link of ours stays in the page. Others (a new tab, a file) are the browser's.
addEventListener('click', (/** @type {MouseEvent} */ e) => {
  const link = e.composedPath().find((n) => n instanceof HTMLAnchorElement);
  if (!(link instanceof HTMLAnchorElement) || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  if (link.origin !== location.origin || link.target || link.hasAttribute('download') || link.pathname.startsWith('/api/')) return;
  if (link.hash && link.pathname === location.pathname) return;
  e.preventDefault();
  go(link.pathname + link.search);
});
