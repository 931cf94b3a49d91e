// @ts-check
// How the timeline looks beside the style sheet of the page: it comes with the view.
import { css } from '../lib/lit.js';
import { adopt } from '../core/dom.js';

adopt(css`
v-tape { display: block; user-select: none; -webkit-user-select: none; }
.tape-lanes { position: relative; touch-action: none; cursor: grab; background: var(--lane-bg); border-block: 1px solid var(--hair); overflow: hidden; }
.tape-lanes:active { cursor: grabbing; }
.tape-lanes:focus-visible { outline-offset: -2px; }
.tape-lanes canvas, .tape-mini canvas { display: block; width: 100%; height: 100%; }
.tape-mini { position: relative; height: 16px; cursor: pointer; background: var(--lane-bg); }
.tape-mini::after { content: ""; position: absolute; inset: -8px 0; }
.tape-head { position: absolute; top: 0; bottom: 0; left: -1px; width: 2px; background: var(--text); pointer-events: none; box-shadow: 0 0 0 1px var(--lane-bg); will-change: transform; }
.tape-head::before { content: ""; position: absolute; top: 0; left: -5px; border: 6px solid transparent; border-top-color: var(--text); }
.tape-mark { position: absolute; top: 0; bottom: 0; left: 0; width: 1px; background: var(--muted); pointer-events: none; }
.tape-tip { position: absolute; z-index: 5; left: 0; bottom: 100%; width: 160px; margin: 0 0 6px -80px; background: var(--surface); border: 1px solid var(--hair); border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden; pointer-events: none; font-size: 12px; text-align: center; }
.tape-tip canvas { display: block; width: 160px; height: 120px; background: var(--raised); }
.tape-tip time { display: block; padding: 2px 4px; }
.tape-top { position: relative; }
.tape-rows button { display: flex; gap: 8px; align-items: center; width: 100%; min-height: 24px; padding: 2px 0; border: 0; border-bottom: 1px solid var(--hair); background: var(--lane-bg); color: var(--text); font-size: 12px; text-align: left; cursor: pointer; position: relative; }
.tape-rows canvas { display: block; width: 100%; height: 14px; }
.tape-rows span { position: absolute; left: 6px; padding: 0 4px; background: var(--lane-bg); border-radius: 3px; line-height: 14px; }
.tape-tools { display: flex; flex-wrap: wrap; gap: 4px; padding: 4px var(--s2); align-items: center; background: var(--surface); }
.tape-tools .grow { flex: 1; }
.tape-tools .button { padding: 0 12px; border-color: var(--hair); }
@media (max-width: 899px) { .wide-only, .tape-tools .grow { display: none; } .tape-tools { justify-content: space-between; } .tape-tools .button { padding: 0 10px; } }
.tape-grip { position: absolute; z-index: 4; top: 0; bottom: 0; width: 44px; margin-left: -36px; left: 0; cursor: ew-resize; touch-action: none; border: 0; padding: 0; background: none; }
.tape-grip[data-end=to] { margin-left: -8px; }
.tape-grip::before { content: ""; position: absolute; right: 7px; top: 0; bottom: 0; width: 2px; background: var(--accent); } .tape-grip[data-end=to]::before { right: auto; left: 7px; }
.tape-grip::after { content: ""; position: absolute; right: 7px; bottom: 0; width: 18px; height: 24px; background: var(--accent); border-radius: 6px 0 0 0; } .tape-grip[data-end=to]::after { right: auto; left: 7px; border-radius: 0 6px 0 0; }
.tape-card { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); padding: var(--s2) var(--s3); background: var(--raised); border-bottom: 1px solid var(--hair); }
.tape-card .grow { flex: 1 1 200px; }
.tape-legend { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 4px 16px; padding: var(--s3); background: var(--surface); font-size: 12px; }
.tape-legend canvas { width: 36px; height: 16px; border: 1px solid var(--hair); } .tape-legend li { display: flex; gap: 8px; align-items: center; }
.tape-list { max-height: 40vh; overflow: auto; padding: 0 var(--s3); background: var(--surface); }
.tape-list table { width: auto; } .tape-list td { vertical-align: middle; padding-right: 24px; }
.tl-menu { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: var(--s2); } .tl-slide { display: block; margin: var(--s2) var(--s4); width: calc(100% - 2 * var(--s4)); }
.tl-mini { position: fixed; inset: 0; background: #000; } .tl-mini canvas { width: 100%; height: 100%; object-fit: contain; display: block; } .tl-mini .tl-plate { left: 8px; bottom: 8px; text-decoration: none; }
.tl { display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; }
.tl-head { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; padding: var(--s2) var(--s3); }
.tl-head select { width: auto; max-width: 60vw; }
.tl-stage { position: relative; container-type: size; background: #000; display: grid; place-items: center; overflow: hidden; height: min(75vw, calc(100dvh - 420px)); min-height: 180px; touch-action: pan-y; }
.tl-stage.zoomed { touch-action: none; }
.tl-picture { position: relative; width: min(100cqw, 133.34cqh); aspect-ratio: 4 / 3; }
.tl-picture canvas { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.tl-box span { position: absolute; left: -2px; bottom: 100%; white-space: nowrap; font-size: 12px; padding: 2px 6px; background: var(--plate); color: var(--on-plate); border-radius: 4px 4px 0 0; } .tl-box { position: absolute; border: 2px solid var(--lane-motion); box-shadow: 0 0 0 1px var(--plate), inset 0 0 0 1px var(--plate); pointer-events: none; }
.tl-plate { position: absolute; z-index: 2; padding: 4px 10px; background: var(--plate); color: var(--on-plate); border-radius: var(--radius); font-variant-numeric: tabular-nums; }
.tl-time { left: 8px; top: 8px; font-size: 20px; font-weight: 600; line-height: 1.2; } .tl-time small { display: block; font-size: 12px; font-weight: 400; }
.tl-said { left: 50%; bottom: 12px; translate: -50% 0; max-width: calc(100% - 24px); text-align: center; } .tl-said .button { margin-left: 8px; background: transparent; color: inherit; border-color: currentColor; }
.tl-chip { right: 8px; top: 8px; display: grid; gap: 4px; justify-items: end; background: none; padding: 0; } .tl-chip .tl-plate { position: static; font-size: 12px; } .tl-chip button { min-height: 36px; padding: 0 12px; border: 0; border-radius: 18px; background: var(--plate); color: var(--on-plate); font: inherit; font-weight: 600; cursor: pointer; }
.tl-others { display: flex; gap: 4px; overflow-x: auto; background: var(--bg); }
.tl-others button { position: relative; flex: 0 0 128px; aspect-ratio: 4 / 3; padding: 0; border: 2px solid transparent; background: #000; cursor: pointer; overflow: hidden; }
.tl-others canvas { width: 100%; height: 100%; object-fit: contain; display: block; } .tl-others span { position: absolute; left: 4px; bottom: 4px; font-size: 12px; padding: 0 6px; background: var(--plate); color: var(--on-plate); border-radius: 4px; }
.tl-bar { display: flex; flex-wrap: wrap; justify-content: center; gap: 0 4px; padding: 2px var(--s1); background: var(--surface); }
.tl-bar > div { display: flex; align-items: center; }
.tl-bar .button { border-color: transparent; background: none; padding: 0 10px; } .tl-bar .button:hover { background: var(--raised); } .tl-bar .button[aria-pressed=true] { color: var(--accent); }
.tl-bar .tl-play { background: var(--accent); color: var(--on-accent); border-radius: 50%; padding: 0; margin: 0 4px; } .tl-bar .tl-play:hover { background: var(--accent); }
.tl-bar select { width: auto; min-width: 76px; padding: 4px 28px 4px 10px; background-color: transparent; border-color: var(--hair); background-position: right 14px center, right 9px center; }
.tl-full { position: fixed; inset: 0; z-index: 40; height: 100dvh; background: #000; grid-template-rows: minmax(0, 1fr); grid-auto-rows: auto; overflow: hidden; } .tl-full > .tl-scene { min-height: 0; grid-row: 1; } .tl-full > .tl-bar { grid-row: 2; } .tl-full > v-tape { grid-row: 3; } .tl-full > .tape-card { grid-row: 4; } .tl-full > v-select { grid-row: 5; max-height: 40dvh; overflow: auto; } .tl-full .tl-scene .tl-stage { height: 100%; min-height: 0; } .tl-full .tl-others { display: none; } .tl-full > .tl-head, .tl-full .tape-tools, .tl-full .tape-rows { display: none; }
@media (max-height: 500px) { .tl-full > .tl-scene { position: absolute; inset: 0; } .tl-full > .tl-bar { position: relative; z-index: 3; } .tl-full > v-tape { display: none; } .tl-full .tl-said { bottom: 64px; } }
.tl-select { display: grid; gap: var(--s2); padding: var(--s3); background: var(--raised); border-bottom: 1px solid var(--hair); } .tl-select .ends { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: var(--s2) var(--s4); } .tl-select .end { display: flex; gap: 6px; align-items: end; flex-wrap: wrap; } .tl-select .end label { flex: 1 1 230px; } .nudges { display: flex; flex: 1 1 300px; gap: 4px; } .nudges .button { flex: 1; padding: 0 4px; white-space: nowrap; min-width: 0; }
@media (min-width: 900px) { .tl-scene { display: flex; } .tl-scene .tl-stage { flex: 1; min-width: 0; } .tl-others { flex-direction: column; overflow: hidden auto; width: 200px; } .tl-scene .tl-others { height: calc(100dvh - var(--header) - 390px); min-height: 260px; } .tl-others button { flex: none; width: 100%; } .tl-marking .tl-stage, .tl-marking .tl-scene .tl-others { height: calc(100dvh - var(--header) - 530px); }
  .tl-stage { height: calc(100dvh - var(--header) - 390px); min-height: 260px; } .tl-time { font-size: 28px; } .tape-tools .button, .tape-tools { min-height: 40px; } }
.tl-select .row { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; } .end-picture { flex: none; width: 96px; height: 72px; overflow: hidden; background: var(--surface); border-radius: 4px; border: 1px solid var(--hair); } .end-picture :is(v-thumb, .ev-picture) { height: 100%; } .end-picture v-thumb { display: block; } .end-picture .ev-picture { aspect-ratio: auto; } .ev-none { padding: 2px; font-size: 12px; text-align: center; }
@media (max-width: 899px) { .tl-select { padding-bottom: 76px; } .tl-select :is(input, button) { scroll-margin-bottom: 76px; } .tl-select .tl-doing { position: fixed; z-index: 20; inset: auto 0 calc(var(--bar) + env(safe-area-inset-bottom)) 0; flex-wrap: nowrap; padding: var(--s2) var(--s3); background: var(--raised); border-top: 1px solid var(--hair); } .tl-doing .button { flex: 1; padding: 0 var(--s2); } body:has(.tl-doing) .toasts { bottom: calc(var(--bar) + env(safe-area-inset-bottom) + 72px); } }
.tl-weights { display: flex; flex-wrap: wrap; gap: 4px 16px; } .chip-button { border-color: var(--hair); background: none; } .chip-button[aria-pressed=true] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
.er-plan { display: grid; gap: var(--s3); margin: var(--s3) 0; } .er-plan p, .er-plan ul { margin: 4px 0; } .er-plan ul { padding-left: 20px; }
.fl { position: fixed; z-index: 30; width: min(320px, 60vw); background: var(--surface); border: 1px solid var(--hair); border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden; touch-action: none; cursor: grab; margin: 8px; }
.fl canvas { display: block; width: 100%; aspect-ratio: 4 / 3; background: #000; object-fit: contain; } .fl > div { display: flex; justify-content: space-around; } .fl .tl-plate { left: 8px; top: 8px; font-size: 12px; } .fl .button { border-color: transparent; background: none; padding: 0 10px; }
.fl[data-corner^=bottom] { bottom: calc(56px + env(safe-area-inset-bottom)); } .fl[data-corner^=top] { top: var(--header); } .fl[data-corner$=right] { right: 0; } .fl[data-corner$=left] { left: 0; }
@media (min-width: 900px) { .fl[data-corner^=bottom] { bottom: 0; } .fl[data-corner$=left] { left: 72px; } }
.tl-full :is(.tl-bar, v-tape, .tl-time, .tl-chip) { transition: opacity .2s; } .tl-full.tl-idle:not(:has(:focus-visible)) :is(.tl-bar, v-tape, .tl-time, .tl-chip) { opacity: 0; pointer-events: none; } .tl-full.tl-idle:not(:has(:focus-visible)) { cursor: none; } .tl-full.tl-idle:not(:has(:focus-visible)) > .tl-scene { position: absolute; inset: 0; }
@media (prefers-reduced-motion: reduce) { .tl-full :is(.tl-bar, v-tape, .tl-time, .tl-chip) { transition: none; } }
.ev-picture { position: relative; aspect-ratio: 4 / 3; background: var(--raised); display: grid; place-items: center; color: var(--muted); } .ev-picture img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; display: block; }
@media (pointer: coarse) { .tape-rows button { min-height: 44px; } }
`);
