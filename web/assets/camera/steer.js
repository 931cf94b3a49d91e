// @ts-check
// What a camera can be told: its switches, its motor, and what it does once.
import { css, html, live as now, nothing } from '../lib/lit.js';
import { adopt } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { words } from '../core/strings-camera.js';

/** @typedef {import('../core/store.js').Camera} Camera @typedef {import('./tell.js').Steering} Steering */

const alerts = ['off', '1', '2', '3', '4', '5', '6', '7'];

/** What came of the last time; the place is there before, so that readers of the screen are told. @param {Steering} of @param {string} name */
export function outcome(of, name) {
  const told = of.told.get(name);
  return html`<p class="small told ${told?.how ?? ''}" role="status">${of.busy.has(name) ? `${words.busy} …` : told ? [told.text, told.networks && [words.found(told.networks.length), ...told.networks].join(' ')].filter((_, i) => !(i === 0 && told.networks)).join(' ') : nothing}</p>`;
}

/** A line with something to press, and below it what came of it. @param {Steering} of @param {string} name @param {string} label @param {string} hint @param {unknown} control */
export const line = (of, name, label, hint, control) => html`<div class="steer" data-name=${name}><div class="grow"><b id="steer-${name}">${label}</b><div class="small muted" id="steer-${name}-hint">${hint}</div></div><div class="hand">${control}</div>${outcome(of, name)}</div>`;

/** What tells readers of the screen more of a control. @param {Steering} of @param {string} name */
const about = (of, name) => `steer-${name}-hint${of.why ? ' steer-why' : ''}`;

/** A button that tells it something. @param {Steering} of @param {string} name @param {string} label @param {() => unknown} run @param {string} off why not; '': it can @param {string} [kind] */
export const button = (of, name, label, run, off, kind = '') => html`<button type="button" class="button ${kind}" ?disabled=${!!off} aria-busy=${of.busy.has(name)} aria-describedby=${about(of, name)} @click=${() => of.busy.has(name) || run()}>${label}</button>`;

/** A value that is on or off. One that the camera does not tell has a button for each. @param {Steering} of @param {string} name @param {string} off */
function onOff(of, name, off) {
  const is = of.state?.settings[name], set = (/** @type {boolean} */ on) => of.tell(name, { set: { [name]: on ? 'on' : 'off' } });
  if (is === undefined) return html`${button(of, name, words.on, () => set(true), off)}${button(of, name, words.off, () => set(false), off)}`;
  const on = is !== 'off' && is !== '0';
  return html`<button type="button" class="switch" role="switch" aria-checked=${on} aria-labelledby="steer-${name}" aria-describedby=${about(of, name)} aria-busy=${of.busy.has(name)} ?disabled=${!!off} @click=${() => set(!on)}><i aria-hidden="true"></i><span>${on ? words.on : words.off}</span></button>`;
}

/** @param {Steering} of @param {string} off */
function alarm(of, off) {
  const is = of.state?.settings['motion-alert'];
  return html`<select aria-labelledby="steer-motion-alert" aria-describedby=${about(of, 'motion-alert')} aria-busy=${of.busy.has('motion-alert')} ?disabled=${!!off || of.busy.has('motion-alert')}
    @change=${(/** @type {Event} */ e) => of.tell('motion-alert', { set: { 'motion-alert': /** @type {HTMLSelectElement} */ (e.target).value } })}>
    ${is === undefined ? html`<option value="" selected disabled>${words.unknown}</option>` : nothing}${alerts.map((v) => html`<option value=${v} .selected=${now(v === is)}>${words.alert(v)}</option>`)}</select>`;
}

/** @param {Steering} of @param {string} off */
function motor(of, off) {
  const names = Object.keys(words.turns);
  const key = (/** @type {string} */ name, /** @type {import('../core/icons.js').Icon} */ shape) => html`<button type="button" class="button icon-only ${name}" aria-label=${words.turns[name]} title=${words.turns[name]} ?disabled=${!!off} aria-describedby=${of.why ? 'steer-why' : nothing}
    aria-busy=${names.some((n) => of.busy.has(n))} @click=${() => names.some((n) => of.busy.has(n)) || turn(of, name)}>${icon(shape)}</button>`;
  return html`<div class="steer" data-name="motor"><div class="grow"><b>${words.turn}</b><div class="small muted">${words.turnHint}</div></div>
    <div class="motor" role="group" aria-label=${words.turn}>${key('turn-up', 'up')}${key('turn-left', 'left')}${key('turn-calibrate', 'focus')}${key('turn-right', 'right')}${key('turn-down', 'down')}</div>${outcome(of, 'motor')}</div>`;
}

/** One step; what came of it stands below the arrows. @param {Steering} of @param {string} name */
async function turn(of, name) {
  await of.tell(name, { do: name });
  const told = of.told.get(name);
  if (told) of.told.set('motor', { ...told, text: `${words.turns[name]}: ${told.text}` });
  of.changed();
}

/** All but what is dangerous. @param {Camera} c @param {Steering} of */
export function steer(c, of) {
  const off = of.why, knows = new Set(of.state?.commands.map((o) => o.name));
  const settings = Object.keys(words.settings).filter((name) => knows.has(name) && (name !== 'lamp' || of.state?.settings.lamp !== undefined));
  const actions = Object.keys(words.actions).filter((name) => knows.has(name) && (name !== 'wake' || (of.state?.mqtt && !of.state.control)));
  const hint = (/** @type {string} */ name) => words.settings[name][1] + (of.state?.settings[name] === undefined ? ` ${words.notTold}` : '');
  return html`<section class="card steering"><h2>${words.can}</h2>
    ${off ? html`<p class="why" id="steer-why">${icon('info')}<span>${off}</span></p>` : nothing}
    ${of.state ? nothing : html`<div class="bone" aria-busy="true"></div>`}
    ${settings.map((name) => {
      const noCard = name === 'sd-record' && !of.state?.card;
      return line(of, name, words.settings[name][0], noCard ? words.noCardWhy : hint(name), name === 'motion-alert' ? alarm(of, off) : onOff(of, name, off || (noCard ? words.noCardWhy : '')));
    })}
    ${c.motor && knows.has('turn-left') ? motor(of, off) : nothing}
    ${actions.map((name) => line(of, name, words.actions[name][0], words.actions[name][1], button(of, name, words.actions[name][2], () => of.tell(name, { do: name }), off)))}</section>`;
}

adopt(css`
  .steering .bone { height: 320px; } .steering .why { display: flex; gap: 8px; align-items: start; padding: 8px 12px; background: var(--raised); border-radius: var(--radius); }
  .steer { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: 4px 12px; min-height: 44px; } .steer + .steer { border-top: 1px solid var(--hair); padding-top: 12px; }
  .steer .hand { display: flex; gap: 8px; } .steer .hand select { max-width: 190px; } .steer .told { grid-column: 1 / -1; } .steer .told:empty { display: none; }
  .told.done { color: var(--ok); } .told.late { color: var(--warn); } .told.not { color: var(--danger); } .steer [aria-busy=true] { cursor: progress; opacity: .7; }
  .switch { display: inline-flex; align-items: center; gap: 10px; min-height: 44px; min-width: 92px; padding: 0 4px; border: 0; border-radius: var(--radius); background: none; font-weight: 600; cursor: pointer; } .switch span { min-width: 2.2em; text-align: left; }
  .switch i { position: relative; flex: none; width: 44px; height: 26px; border: 2px solid var(--line); border-radius: 13px; background: var(--bg); } .switch i::after { content: ""; position: absolute; top: 3px; left: 3px; width: 16px; height: 16px; border-radius: 50%; background: var(--line); transition: translate var(--quick); }
  .switch[aria-checked=true] i { background: var(--accent); border-color: var(--accent); } .switch[aria-checked=true] i::after { translate: 18px 0; background: var(--on-accent); } .switch:disabled { opacity: .55; cursor: default; }
  .motor { display: grid; grid-template: repeat(3, 44px) / repeat(3, 44px); gap: 4px; } .motor .turn-up { grid-area: 1 / 2; } .motor .turn-left { grid-area: 2 / 1; } .motor .turn-calibrate { grid-area: 2 / 2; } .motor .turn-right { grid-area: 2 / 3; } .motor .turn-down { grid-area: 3 / 2; }
  @media (prefers-reduced-motion: reduce) { .switch i::after { transition: none; } } @media (forced-colors: active) { .switch[aria-checked=true] i { background: Highlight; } }
`);
