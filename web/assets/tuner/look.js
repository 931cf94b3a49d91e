// @ts-check
// How the motion and zones view looks beside the style sheet of the page.
import { css } from '../lib/lit.js';
import { adopt } from '../core/dom.js';

adopt(css`
.tn { max-width: 1320px; padding-bottom: 88px; }
.tn > header h1 { flex: 1 1 0; min-width: 0; }
.tn-columns { display: grid; gap: var(--s4); grid-template-columns: minmax(0, 1fr); align-items: start; }
.tn-left, .tn-right { display: grid; gap: var(--s3); grid-template-columns: minmax(0, 1fr); }
@media (min-width: 900px) { .tn-columns { grid-template-columns: minmax(0, 3fr) minmax(340px, 2fr); } .tn-left { position: sticky; top: calc(var(--header) + 16px); } }
.tn-picture-box { position: relative; aspect-ratio: 4 / 3; background: #05070A; border-radius: var(--radius); overflow: clip; overflow-clip-margin: 12px; max-height: 74dvh; margin: 0 auto; width: min(100%, calc(74dvh * 4 / 3)); }
@media (max-width: 899px) { .tn-picture-box { max-height: 52dvh; width: min(100%, calc(52dvh * 4 / 3)); } }
.tn-stage { position: absolute; inset: 0; display: block; overflow: hidden; border-radius: var(--radius); } .tn-stage canvas { position: absolute; inset: 0; width: 100%; height: 100%; } .tn-stage.grey .tn-picture { filter: grayscale(1) brightness(.6); }
.tn-word, .tn-wrong { padding: 6px 12px; border-radius: 4px; background: var(--plate); color: var(--on-plate); font-weight: 600; pointer-events: none; }
.tn-word { position: absolute; inset: auto 8px 8px 8px; justify-content: center; text-align: center; }
.tn-polygons { position: absolute; inset: 0; display: block; } .tn-polygons svg { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
.tn-polygons.edits svg { touch-action: none; } .tn-polygons.draws svg { cursor: crosshair; }
.tn-polygons polygon, .tn-polygons polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke: #7DEBD0; stroke-linejoin: round; pointer-events: none; }
.tn-polygons polygon { paint-order: stroke; fill: rgb(125 235 208 / .1); } .tn-polygons polygon.exclude { stroke: #FF8A8A; fill: rgb(0 0 0 / .5); stroke-dasharray: 7 5; }
.tn-polygons polygon.on { stroke-width: 3; } .tn-polygons .wrong { stroke: #FF6B6B; stroke-width: 4; stroke-dasharray: none; } .tn-polygons polyline { stroke: #fff; stroke-width: 3; } .tn-polygons .closing { stroke-width: 1; stroke-dasharray: 4 4; }
.tn-name { position: absolute; translate: -50% -50%; max-width: 40%; padding: 1px 7px; border-radius: 4px; background: var(--plate); color: var(--on-plate); font-size: 12px; font-weight: 600; pointer-events: none; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .tn-name.on { outline: 1px solid #fff; }
.tn-dot { position: absolute; translate: -50% -50%; width: 14px; height: 14px; border: 2px solid #fff; border-radius: 50%; background: #0A5DB0; pointer-events: none; box-shadow: 0 0 0 1px #000; } .tn-dot.first { width: 22px; height: 22px; background: rgb(10 93 176 / .5); }
.tn-corner, .tn-ghost { position: absolute; translate: -50% -50%; width: 44px; height: 44px; padding: 0; border: 0; background: none; pointer-events: none; display: grid; place-items: center; }
.tn-corner::before { content: ""; width: 16px; height: 16px; border: 2px solid #fff; border-radius: 50%; background: #0A5DB0; box-shadow: 0 0 0 1px #000; } .tn-ghost::before { content: ""; width: 10px; height: 10px; border: 2px solid #fff; border-radius: 50%; background: rgb(0 0 0 / .6); box-shadow: 0 0 0 1px #000; }
.tn-corner.on::before { background: #F0B429; width: 20px; height: 20px; } .tn-corner:focus-visible, .tn-ghost:focus-visible { outline: none; } .tn-corner:focus-visible::before, .tn-ghost:focus-visible::before { outline: 3px solid #6CB6FF; outline-offset: 2px; }
.tn-loupe { position: absolute; translate: -50% calc(-100% - 36px); width: 112px; height: 112px; border: 3px solid #fff; border-radius: 50%; box-shadow: 0 2px 12px rgb(0 0 0 / .6); pointer-events: none; } .tn-loupe.below { translate: -50% 48px; }
.tn-wrong { position: absolute; top: 8px; left: 50%; translate: -50% 0; color: #FF9A9A; }
.tn-tools { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; min-height: var(--target); } .tn-tools .grow { flex: 1 1 120px; min-width: 0; }
.tn-note { min-height: 20px; }
.tn-strip { display: block; } .tn-lane { position: relative; height: 88px; background: var(--lane-bg); border: 1px solid var(--line); border-radius: var(--radius); touch-action: none; cursor: ns-resize; overflow: hidden; } .tn-lane[aria-disabled=true] { cursor: default; } .tn-lane canvas { display: block; width: 100%; height: 100%; }
.tn-lane:focus-visible { outline: 2px solid var(--accent); } .tn-line { position: absolute; right: 6px; translate: 0 -50%; padding: 1px 8px; min-height: 24px; display: grid; place-items: center; border-radius: 12px; background: var(--accent); color: var(--on-accent); font-size: 12px; font-weight: 600; pointer-events: none; }
.tn-how { gap: var(--s4); } .tn-ends { display: flex; justify-content: space-between; gap: var(--s2); } .tn-ends span { flex: none; } .tn-ends b { color: var(--text); text-align: center; font-weight: 400; }
.tn-pair { display: grid; grid-template-columns: 1fr 1fr; gap: var(--s2); } .tn-pair figcaption { color: var(--muted); } .tn-none { display: grid; place-items: center; aspect-ratio: 4 / 3; border: 1px dashed var(--hair); border-radius: var(--radius); text-align: center; padding: 4px; }
.tn-pair-none { min-height: 20px; }
.tn-thumb { display: grid; gap: 2px; width: 100%; padding: 0; border: 0; background: none; text-align: left; cursor: pointer; color: inherit; } .tn-thumb .ev-picture { border-radius: var(--radius); overflow: hidden; }
.tn summary { min-height: var(--target); display: flex; align-items: center; cursor: pointer; color: var(--accent); font-weight: 600; } .tn summary::before { content: "▸"; width: 1.2em; } .tn details[open] > summary::before { content: "▾"; }
.tn-presets, .tn-numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: var(--s2); } .tn-presets .button { justify-content: start; text-align: left; padding: 8px 12px; font-weight: 400; } .tn-numbers { gap: var(--s3); }
.tn-ready { display: flex; flex-wrap: wrap; gap: var(--s2); margin: var(--s2) 0 var(--s3); } .tn-ready .button { padding: 0 12px; font-weight: 400; }
.tn-zones li { border-top: 1px solid var(--hair); } .tn-zones ul:not(:empty) { border-bottom: 1px solid var(--hair); } .tn-pick { display: flex; align-items: center; gap: var(--s2); width: 100%; min-height: 48px; padding: 4px 0; border: 0; background: none; text-align: left; cursor: pointer; } .tn-pick .grow { flex: 1; min-width: 0; }
.tn-kind { width: 16px; height: 12px; border: 2px solid var(--ok); flex: none; } .tn-kind.exclude { border-style: dashed; border-color: var(--danger); } .tn-zone { display: grid; gap: var(--s3); padding: 0 0 var(--s4); }
.tn-spans { display: flex; flex-wrap: wrap; gap: var(--s2); } .tn-spans .button { padding: 0 12px; } .tn-spans [aria-pressed=true] { border-color: var(--accent); color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.tn-verdict { font-weight: 600; min-height: 20px; } .tn-stale { opacity: .5; } .tn-past h3 { margin: var(--s3) 0 var(--s2); }
.tn-tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: var(--s2); }
.tn-because { list-style: disc; padding-left: 20px; } v-why-now { display: grid; gap: var(--s2); } v-why-now img { width: 100%; height: auto; display: block; border-radius: var(--radius); }
.tn-bar { position: fixed; z-index: 18; inset: auto 0 calc(var(--bar) + env(safe-area-inset-bottom)) 0; display: flex; align-items: center; gap: var(--s2) var(--s3); padding: var(--s2) var(--s4); background: var(--surface); border-top: 1px solid var(--hair); box-shadow: var(--shadow); } .tn-bar p { flex: 1 1 0; min-width: 0; font-size: 12px; }
@media (min-width: 900px) { .tn-bar { inset: auto 0 0 var(--rail); justify-content: end; } .tn-bar p { font-size: 14px; } }
body:has(.tn-bar) .toasts { bottom: calc(var(--bar) + env(safe-area-inset-bottom) + 84px); } @media (min-width: 900px) { body:has(.tn-bar) .toasts { bottom: 84px; } }
@media (forced-colors: active) { .tn-corner::before, .tn-ghost::before, .tn-dot, .tn-kind { forced-color-adjust: none; } }
`);
