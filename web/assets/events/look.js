// @ts-check
// How the events view looks.
import { css } from '../lib/lit.js';
import { adopt } from '../core/dom.js';
import '../timeline/look.js';

adopt(css`
.ev-page { max-width: 1680px; } .ev-page .ev-mark { margin-left: auto; }
.ev-presets { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; } .ev-presets a[aria-current] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
.ev-chips { gap: var(--s2); } .ev-chip { min-height: 32px; padding: 4px 12px; border: 0; border-radius: 16px; color: var(--text); text-decoration: none; cursor: pointer; position: relative; } .ev-chip::after { content: ""; position: absolute; inset: -6px 0; }
.ev-shelf { position: relative; transition: opacity var(--slow); } .ev-shelf.stale { opacity: .5; }
.ev-row { position: absolute; left: 0; right: 0; display: grid; gap: 12px; }
.ev-day { position: absolute; left: 0; right: 0; height: 44px; display: flex; align-items: center; }
.ev-now { position: sticky; top: var(--header); z-index: 4; height: 0; margin-bottom: calc(-1 * var(--s4)); pointer-events: none; } .ev-now span { display: inline-block; margin-top: 6px; padding: 4px 12px; border-radius: 14px; background: var(--plate); color: var(--on-plate); font-weight: 600; font-size: 12px; }
.ev-above { position: sticky; top: calc(var(--header) + 8px); z-index: 5; display: grid; justify-items: center; height: 0; overflow: visible; } .ev-above .button { border-radius: 22px; box-shadow: var(--shadow); }
v-event { display: block; min-width: 0; min-height: 0; }
.ev-card { position: relative; height: 100%; display: grid; grid-template: minmax(0, 1fr) / auto minmax(0, 1fr) 44px; background: var(--surface); border: 1px solid var(--hair); border-radius: var(--radius); overflow: hidden; touch-action: pan-y; -webkit-touch-callout: none; user-select: none; transition: background-color var(--quick); }
.ev-card:hover { background: var(--raised); } .ev-card.chosen { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); } .ev-card.swiped { background: var(--ok-soft); border-color: var(--ok); }
.ev-card.stack { box-shadow: 3px 3px 0 -1px var(--surface), 4px 4px 0 -1px var(--line); margin: 0 4px 4px 0; height: calc(100% - 4px); }
.ev-shot { position: relative; display: block; height: 100%; aspect-ratio: 4 / 3; max-width: 44vw; overflow: hidden; color: inherit; } .ev-shot > v-thumb, .ev-shot .ev-picture { display: block; height: 100%; } .ev-shot .ev-picture { display: grid; aspect-ratio: auto; } .ev-shot > canvas { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
.ev-shot:focus-visible { outline-offset: -3px; }
.ev-bar { position: absolute; inset: auto 0 0 0; height: 5px; background: var(--plate); } .ev-bar i { display: block; height: 100%; background: var(--lane-motion); transform-origin: left; }
.ev-text { display: grid; align-content: center; justify-items: start; gap: 3px; padding: var(--s2) 0 var(--s2) var(--s3); min-width: 0; } .ev-text > * { max-width: 100%; }
.ev-name { display: flex; gap: 6px; align-items: center; } .ev-name > span:last-child, .ev-facts > span { overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.stack .ev-name > span:last-child, .stack .ev-facts > span { -webkit-line-clamp: 1; word-break: break-all; } .stack .num { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .fresh .ev-name, .fresh .ev-text .num { font-weight: 600; }
.ev-facts { display: flex; gap: 4px; align-items: center; } .ev-facts .icon { width: 16px; height: 16px; }
.ev-apart { position: relative; border: 0; color: var(--accent); cursor: pointer; } .ev-apart::after { content: ""; position: absolute; inset: -10px -6px; }
.ev-acts { display: grid; align-content: space-between; } .ev-acts button { width: 44px; min-height: 43px; padding: 0; display: grid; place-items: center; border: 0; background: none; color: var(--muted); font-size: 12px; font-weight: 600; cursor: pointer; border-radius: var(--radius); } .ev-acts button:hover { background: var(--hair); color: var(--text); } .ev-acts button:focus-visible { outline-offset: -3px; } .ev-acts .ev-why { color: var(--accent); } .ev-acts .ev-keep.on { color: var(--text); } .ev-acts .ev-keep .icon { width: 18px; height: 18px; }
.ev-dot i { width: 12px; height: 12px; border-radius: 50%; border: 2px solid var(--line); } .fresh .ev-dot i, .ev-new { background: var(--accent); border: 2px solid var(--accent); border-radius: 50%; } .ev-new { display: inline-block; width: 12px; height: 12px; margin-right: 8px; }
.ev-tick { position: absolute; left: 0; top: 0; z-index: 2; width: 44px; height: 44px; display: grid; place-items: center; cursor: pointer; } .ev-tick input { outline-color: var(--on-plate); box-shadow: 0 0 0 3px var(--plate); border-radius: 4px; }
.ev-bones { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); } .ev-bones i { height: 132px; }
.ev-bulk { position: fixed; z-index: 31; left: 0; right: 0; bottom: calc(var(--bar) + env(safe-area-inset-bottom)); display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2); padding: var(--s2) var(--s3); background: var(--surface); border-top: 1px solid var(--line); box-shadow: var(--shadow); } .ev-bulk .grow { flex: 1 1 100%; font-weight: 600; }
.ev-strips, .ev-strips > div { display: grid; gap: var(--s3); grid-template-columns: minmax(0, 1fr); } .ev-strips > div { gap: 0; } .ev-strips > div > a { display: grid; grid-template-columns: minmax(64px, 120px) minmax(0, 1fr); gap: 8px; align-items: center; color: var(--text); text-decoration: none; min-height: 28px; font-size: 12px; } .ev-strips canvas { display: block; width: 100%; height: 24px; background: var(--lane-bg); }
.ev-best { display: flex; gap: var(--s2); overflow-x: auto; padding: var(--s1) 0; } .ev-best a { flex: none; width: 112px; position: relative; border-radius: 4px; overflow: hidden; } .ev-best .num { position: absolute; left: 4px; bottom: 4px; padding: 0 6px; border-radius: 4px; background: var(--plate); color: var(--on-plate); }
.ev-month { display: flex; align-items: center; justify-content: space-between; } .ev-days { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 4px; } .ev-days > span { text-align: center; } .ev-days button { display: grid; grid-template-rows: 28px 20px; justify-items: center; gap: 2px; min-height: 56px; padding: 3px 0; border: 1px solid transparent; border-radius: var(--radius); background: none; color: var(--muted); cursor: pointer; }
.ev-days button:hover { background: var(--raised); } .ev-days button[disabled] { opacity: .4; cursor: default; } .ev-days button[aria-current] { border-color: var(--accent); } .ev-days .bar { display: block; width: 16px; height: 28px; } .ev-days .bar i { display: block; height: 100%; background: var(--lane-event); transform-origin: bottom; border-radius: 2px 2px 0 0; } .ev-days .footage { color: var(--text); } .ev-days .footage .num { border-bottom: 3px solid var(--lane-recorded); padding: 0 6px; }
.ev-why-picture { aspect-ratio: 4 / 3; background: var(--raised); border-radius: var(--radius); overflow: hidden; } .ev-why-picture img { display: block; width: 100%; height: 100%; object-fit: contain; } .ev-because { list-style: disc; padding-left: 20px; }
.ev-one { display: grid; gap: var(--s3); } .ev-one .ev-picture { max-width: 640px; width: 100%; }
.ev-end { justify-content: center; }
@media (min-width: 600px) {
  dialog:has(.ev-why-picture) { width: min(720px, calc(100vw - 24px)); }
  .ev-card { grid-template: minmax(0, 1fr) 112px / minmax(0, 1fr) 44px; } .ev-shot { grid-column: 1 / -1; width: 100%; max-width: none; min-height: 0; aspect-ratio: auto; } .ev-acts { grid-column: 2; } .ev-acts button { min-height: 36px; }
}
@media (min-width: 900px) { .ev-bulk { left: var(--rail); bottom: 0; } .ev-bulk .grow { flex: 1; } }
@media (max-width: 899px) { .ev-page:has(.ev-bulk) { padding-bottom: 120px; } .ev-bulk .button, .ev-bulk .act > button { padding: 0 var(--s3); } }
@media (max-width: 599px) { .ev-bulk .ev-close { position: absolute; top: 0; right: 0; } .ev-bulk .grow { min-height: 28px; } .ev-presets { flex-wrap: nowrap; overflow-x: auto; margin: 0 calc(-1 * var(--s4)); padding: 0 var(--s4); scrollbar-width: none; } .ev-presets > * { flex: none; } }
@media (pointer: coarse) { .ev-strips > div > a { min-height: 44px; } .ev-acts button { min-height: 44px; } }
@media (max-width: 899px) and (min-width: 600px) { .ev-acts button { min-height: 37px; } }
@media (max-width: 599px) { .ev-days { gap: 2px; } .ev-page header { flex-wrap: nowrap; } .ev-page header .button, .ev-page header .act > button { padding: 0 var(--s3); } .ev-page .ev-select span, .ev-page .ev-mark .icon { display: none; } }
`);
