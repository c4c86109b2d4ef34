// The style sheet of the report. Colours of categories are Okabe and Ito's (2008), which colour-
// blind readers can tell apart, with lighter siblings on dark paper.
#include "cohesin/report/page_sections.h"

namespace cohesin {
namespace {

constexpr std::string_view kColours = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f7f9; --ink: #18222c; --muted: #596673; --line: #dde3e8;
  --grid: #e9edf1; --accent: #0b5a8a; --tint: #0b5a8a; --on-tint: #ffffff; --base: #7d8a96;
  --good: #0a7a53; --good-paper: #e8f5ef; --warn: #9a5200; --warn-paper: #fdf2e3;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #e69f00; --c5: #56b4e9;
  --c6: #6a3d9a; --c7: #5d5d5d; --halo: rgba(255, 255, 255, .86);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12171c; --panel: #1a2128; --ink: #e6ebf0; --muted: #9aa7b3; --line: #2c3640;
    --grid: #222b33; --accent: #6cb8e6; --tint: #6cb8e6; --on-tint: #0c1217; --base: #8895a1;
    --good: #5fd0a4; --good-paper: #12291f; --warn: #f0b060; --warn-paper: #2c2114;
    --c0: #3b9ae1; --c1: #ff8a4c; --c2: #35c496; --c3: #e79cc6; --c4: #f2b93b; --c5: #a6dcf8;
    --c6: #b48be0; --c7: #b4b4b4; --halo: rgba(18, 23, 28, .86);
  }
}
)css";

constexpr std::string_view kText = R"css(
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 58px; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans",
  Arial, sans-serif; }
main { max-width: 1140px; margin: 0 auto; padding: 0 24px 72px; }
nav { position: sticky; top: 0; z-index: 5; background: var(--paper);
  border-bottom: 1px solid var(--line); }
nav .inner { max-width: 1140px; margin: 0 auto; padding: 0 16px; display: flex; overflow-x: auto;
  scrollbar-width: none; }
nav a { flex: none; padding: 12px 9px 10px; color: var(--muted); text-decoration: none;
  font-size: 14px; border-bottom: 2px solid transparent; }
nav a:hover { color: var(--ink); }
nav a.here { color: var(--ink); border-bottom-color: var(--accent); }
header { padding: 44px 0 4px; }
.eyebrow { margin: 0 0 4px; color: var(--accent); font-size: 13px; font-weight: 600;
  letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: 0; font-size: clamp(26px, 4.6vw, 38px); line-height: 1.16; font-weight: 680;
  letter-spacing: -.015em; overflow-wrap: anywhere; text-wrap: balance; }
h2 { margin: 0 0 6px; font-size: 23px; line-height: 1.25; font-weight: 660;
  letter-spacing: -.01em; }
h3 { margin: 26px 0 8px; font-size: 15px; font-weight: 640; }
section { padding: 36px 0 12px; }
section + section { border-top: 1px solid var(--line); }
.how, .note { max-width: 76ch; color: var(--muted); margin: 0 0 18px; }
.note { font-size: 14px; margin: 14px 0 0; }
.facts { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0 0; padding: 0;
  list-style: none; }
.facts li { padding: 3px 11px; border: 1px solid var(--line); border-radius: 99px;
  background: var(--panel); font-size: 14px; overflow-wrap: anywhere; }
.absent { color: var(--muted); font-size: 14px; }
.absent h2 { font-size: 15px; }
.absent ul { margin: 0; padding-left: 18px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
)css";

constexpr std::string_view kBlocks = R"css(
.cards { display: grid; gap: 16px; margin: 16px 0 18px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); }
.card { padding: 18px 20px 16px; border: 1px solid var(--line); border-radius: 12px;
  background: var(--panel); }
.card:first-child { border-top: 3px solid var(--accent); padding-top: 16px; }
.card h3 { margin: 0; color: var(--muted); font-weight: 560; overflow-wrap: anywhere; }
.big { margin: 2px 0 0; font-size: 46px; line-height: 1.15; font-weight: 680;
  letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.sub { margin: 0; color: var(--muted); font-size: 14px; font-variant-numeric: tabular-nums; }
.versus { margin: 10px 0 0; padding-top: 10px; border-top: 1px solid var(--line);
  font-size: 14px; overflow-wrap: anywhere; }
.versus b { font-variant-numeric: tabular-nums; }
.ahead { color: var(--good); }
.behind { color: var(--warn); }
.verdict { margin: 0 0 10px; padding: 11px 16px; border-left: 4px solid var(--base);
  border-radius: 4px 8px 8px 4px; background: var(--panel); }
.verdict p { margin: 0; max-width: 100ch; overflow-wrap: anywhere; font-size: 15px; }
.verdict strong { display: block; font-size: 16.5px; }
.verdict .where { display: block; color: var(--muted); font-size: 13px; font-weight: 560; }
.baseline-wins { border-color: var(--warn); background: var(--warn-paper); }
.baseline-wins strong { color: var(--warn); }
.model-wins { border-color: var(--good); background: var(--good-paper); }
.model-wins strong { color: var(--good); }
.warnings { margin: 14px 0; padding: 10px 16px 12px; border: 1px solid var(--warn);
  border-radius: 8px; overflow-wrap: anywhere; }
.warnings h3 { margin: 0 0 4px; color: var(--warn); }
.warnings ul { margin: 0; padding-left: 18px; font-size: 15px; }
.wide { overflow-x: auto; margin: 0 0 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px;
  font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; text-align: right; vertical-align: baseline; white-space: nowrap;
  border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--muted); font-size: 13px; font-weight: 560; white-space: normal;
  vertical-align: bottom; border-bottom-color: var(--muted); }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper);
  min-width: 152px; max-width: 230px; white-space: normal; overflow-wrap: break-word; }
table.scores { table-layout: fixed; min-width: 850px; }
.scores th:first-child { width: 165px; }
.scores thead th { font-size: 12.5px; }
tbody th { font-weight: 500; }
td small, th small { display: block; color: var(--muted); font-size: 12px; font-weight: 400; }
td.best { font-weight: 700; }
tr.model th { color: var(--accent); font-weight: 680; }
tr.model td, tr.model th { background: var(--panel); }
td.text { text-align: left; white-space: normal; min-width: 150px; }
td.name { color: var(--muted); overflow-wrap: anywhere; }
.account td:nth-child(3), .account th:nth-child(3) { text-align: right; }
.account thead th:nth-child(2), .account thead th:nth-child(4) { text-align: left; }
details { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 12px;
  background: var(--panel); }
summary { padding: 10px 16px; cursor: pointer; font-weight: 560; }
dl { display: grid; grid-template-columns: minmax(90px, auto) 1fr; gap: 4px 20px; margin: 0;
  padding: 0 16px 14px; font-size: 14px; }
dt { color: var(--muted); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 0 16px 14px; font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas,
  "Liberation Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
)css";

constexpr std::string_view kPlots = R"css(
.verdict + .plots, .warnings + .plots { margin-top: 26px; }
.plots { display: grid; gap: 26px 32px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); }
.plots.single { grid-template-columns: minmax(0, 520px); }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figcaption { font-size: 14px; margin: 0 0 6px; overflow-wrap: anywhere; }
figcaption b { display: block; font-weight: 640; }
figcaption span { display: block; color: var(--muted); font-variant-numeric: tabular-nums; }
svg.plot { display: block; width: 100%; height: auto; overflow: visible; touch-action: pan-y; }
svg text { font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue",
  "Liberation Sans", Arial, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--muted); font-size: 11px; }
svg .axis-title { fill: var(--muted); font-size: 11.5px; }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--muted); }
svg .chance { stroke: var(--base); stroke-dasharray: 4 4; }
svg .row-name.baseline, svg .row-value.baseline { fill: var(--muted); }
svg .row-name.model, svg .row-value.model { fill: var(--accent); font-weight: 680; }
svg .row-value.best { font-weight: 700; }
svg .row-share { fill: var(--muted); }
.mark { cursor: default; }
.gene-plot .mark-gene { fill-opacity: .82; }
.gene-plot .whisker { stroke: var(--ink); stroke-width: 1.3; stroke-opacity: .75; }
.gene-plot .zero { stroke: var(--muted); stroke-width: 1; }
.gene-plot .row-name { font-size: 12px; }
.interval-plot .mark-bar { stroke: var(--base); stroke-width: 3; stroke-linecap: round; }
.interval-plot .mark-mean { fill: var(--base); stroke: var(--paper); stroke-width: 1.5; }
.interval-plot .mark-fold { fill: var(--base); fill-opacity: .42; }
.interval-plot .mark-bar.model { stroke: var(--accent); }
.interval-plot .mark-mean.model { fill: var(--accent); }
.interval-plot .mark-fold.model { fill: var(--accent); fill-opacity: .5; }
.mark-cell rect { fill: var(--tint); stroke: var(--line); stroke-width: .75; }
.mark-cell:hover rect, .mark.at rect { stroke: var(--ink); stroke-width: 1.5; }
.heat-map .mark-cell text { font-size: inherit; }
.heat-map text.strong { fill: var(--on-tint); font-weight: 640; }
.heat-map text.zero { fill: var(--muted); fill-opacity: .55; }
.mark-roc { fill: none; stroke-width: 2; stroke-linejoin: round; }
.km-band { opacity: .14; stroke: none; }
.km-censored { fill: none; stroke-width: 1; stroke-opacity: .8; }
.mark-curve { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
.mark-curve.train { stroke: var(--base); stroke-opacity: .6; stroke-width: 1.1; }
.mark-curve.validation { stroke: var(--accent); }
.mark-best { fill: var(--paper); stroke: var(--accent); stroke-width: 2; }
.mark-calibration { fill: var(--accent); fill-opacity: .9; stroke: var(--paper); }
.whisker { stroke: var(--accent); stroke-width: 1.5; stroke-opacity: .6; }
.mark-count { fill: var(--base); fill-opacity: .3; }
.mark-point { stroke: var(--paper); stroke-width: .6; fill-opacity: .88; }
.mark-point.wrong { fill: var(--paper); stroke-width: 1.5; }
.mark-point.unknown { fill: var(--base); fill-opacity: .4; }
.scatter-plot { border: 1px solid var(--line); border-radius: 8px; }
.class-name { font-weight: 680; font-size: 13px; paint-order: stroke; stroke: var(--halo);
  stroke-width: 4px; stroke-linejoin: round; pointer-events: none; }
circle.mark.at, .mark-point.at { stroke: var(--ink); stroke-width: 2; }
.mark-roc.at, .mark-curve.at { stroke-width: 3.5; stroke-opacity: 1; }
.cursor { fill: var(--ink); stroke: var(--paper); stroke-width: 1.5; pointer-events: none; }
.off { display: none; }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); }
.c3 { fill: var(--c3); } .c4 { fill: var(--c4); } .c5 { fill: var(--c5); }
.c6 { fill: var(--c6); } .c7 { fill: var(--c7); }
.sc0 { stroke: var(--c0); } .sc1 { stroke: var(--c1); } .sc2 { stroke: var(--c2); }
.sc3 { stroke: var(--c3); } .sc4 { stroke: var(--c4); } .sc5 { stroke: var(--c5); }
.sc6 { stroke: var(--c6); } .sc7 { stroke: var(--c7); }
.bc0 { --k: var(--c0); } .bc1 { --k: var(--c1); } .bc2 { --k: var(--c2); }
.bc3 { --k: var(--c3); } .bc4 { --k: var(--c4); } .bc5 { --k: var(--c5); }
.bc6 { --k: var(--c6); } .bc7 { --k: var(--c7); } .bunknown { --k: var(--base); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 8px; margin: 0 0 14px; }
.key { font: inherit; font-size: 14px; color: inherit; display: inline-flex; align-items: center;
  gap: 7px; padding: 3px 11px 3px 9px; border: 1px solid var(--line); border-radius: 99px;
  background: none; overflow-wrap: anywhere; text-align: left; }
button.key { cursor: pointer; background: var(--panel); min-height: 32px; }
button.key[aria-pressed="false"] { opacity: .45; text-decoration: line-through; }
span.key { border-color: transparent; color: var(--muted); }
i[class^="b"] { flex: none; display: inline-block; width: 11px; height: 11px; border-radius: 50%;
  background: var(--k); }
tbody th i { margin-right: 7px; }
i.shape1 { border-radius: 1px; }
i.shape2 { border-radius: 1px; transform: rotate(45deg); }
i.shape3 { border-radius: 0; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
i.ring { width: 11px; height: 11px; border: 2px solid var(--muted); border-radius: 50%; }
i.dot { width: 10px; height: 10px; border: 2px solid var(--accent); border-radius: 50%; }
i.line { width: 20px; height: 0; border-top: 2.5px solid var(--accent); }
i.line.train { border-color: var(--base); border-top-width: 1.5px; }
#tip { position: fixed; z-index: 9; left: 0; top: 0; max-width: min(320px, 92vw);
  padding: 6px 10px; border-radius: 6px; background: var(--ink); color: var(--paper);
  font-size: 13.5px; line-height: 1.4; pointer-events: none; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; box-shadow: 0 2px 10px rgba(0, 0, 0, .25); }
)css";

constexpr std::string_view kMedia = R"css(
@media (max-width: 600px) {
  main { padding: 0 16px 56px; }
  nav .inner { padding: 0 7px; }
  header { padding-top: 26px; }
  section { padding: 28px 0 8px; }
  .big { font-size: 42px; }
  th:first-child, .scores th:first-child { min-width: 104px; max-width: 130px; width: 120px; }
  th, td { padding: 7px 8px; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 8px; }
}
@media print {
  @page { margin: 14mm 13mm; }
  body { font-size: 10pt; }
  nav, #tip { display: none; }
  main { max-width: none; padding: 0; }
  header { padding-top: 0; }
  section { padding: 14pt 0 4pt; }
  h2, h3, figcaption { break-after: avoid; }
  .card, .verdict, table, figure { break-inside: avoid; }
  .cards { grid-template-columns: repeat(3, 1fr); }
  .plots { grid-template-columns: repeat(2, 1fr); gap: 12pt 18pt; }
  .how, .legend { break-after: avoid; break-inside: avoid; }
  table.scores { min-width: 0; }
  .scores th:first-child { width: 78pt; }
  .scores thead th { font-size: 7pt; }
  .plots.single { grid-template-columns: 58%; }
  .legend .key { border-color: transparent; background: none; min-height: 0; padding-left: 0; }
  .wide { overflow: visible; }
  table { font-size: 7.6pt; }
  th, td { padding: 3pt 4pt; }
  th:first-child { position: static; min-width: 0; max-width: 90pt; }
  td small, th small { font-size: 6.6pt; }
  .big { font-size: 26pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace

std::string_view page_style() {
  static const std::string style = std::string(kColours) + std::string(kText) +
                                   std::string(kBlocks) + std::string(kPlots) + std::string(kMedia);
  return style;
}

}  // namespace cohesin
