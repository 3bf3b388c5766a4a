// The style sheet of report.html.
#pragma once

#include <string_view>

namespace agon::host {

/// Okabe and Ito's colours, which every kind of colour vision tells apart; on dark ground lighter ones.
/// Presentation attributes of a chart's elements yield to the classes here.
inline constexpr std::string_view kPageStyle = R"(
:root { color-scheme: light dark; --ground: #ffffff; --card: #f8fafc; --ink: #1f2937; --soft: #5b6472; --line: #dfe3e8;
  --blue: #0072b2; --orange: #d55e00; --green: #008563; --pink: #b8558c; --yellow: #8a6d00; --alarm: #fdecea; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --card: #1b212a; --ink: #e5e9ef; --soft: #9aa5b4; --line: #343c48;
    --blue: #56b4e9; --orange: #f2914a; --green: #3cc7a0; --pink: #e08fc0; --yellow: #e6c34a; --alarm: #43231f; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 92rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
.where { margin: 0.25rem 0 0.75rem; color: var(--soft); }
.bar { height: 6px; border-radius: 3px; background: var(--line); overflow: hidden; }
.bar div { height: 100%; background: var(--blue); }
.bar, .bar div, .key { print-color-adjust: exact; }
.alarm { margin: 1rem 0; padding: 0.75rem 1rem; border-left: 4px solid var(--orange); background: var(--alarm); }
.alarm ul { margin: 0.25rem 0 0; padding-left: 1.25rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1rem;
  margin-top: 1.25rem; }
figure { margin: 0; padding: 0.75rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
figcaption { padding: 0 0.25rem; color: var(--soft); font-size: 0.9rem; }
.chart { display: block; width: 100%; height: auto; }
.chart text { fill: var(--ink); stroke: var(--card); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
.chart .grid { stroke: var(--line); }
.chart .axis { stroke: var(--soft); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 1.25rem 0.25rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; min-width: 2.6rem; overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
figure { overflow-x: auto; } figure table { width: 100%; } figure th, figure td { padding-right: 0.6rem; }
.verdict { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.verdict section { padding: 1rem; border: 1px solid var(--line); border-left-width: 8px; border-radius: 6px; background: var(--card); }
.verdict h2 { margin: 0 0 0.25rem; }
.verdict ul, .plain { margin: 0.5rem 0 0; padding-left: 1.25rem; }
ol.plain { padding-left: 2rem; }
.green { border-left-color: var(--green) !important; } .amber { border-left-color: var(--yellow) !important; }
.red { border-left-color: var(--orange) !important; } .unknown { border-left-color: var(--soft) !important; }
.light { font-weight: 600; }
td.figure, th.figure { text-align: right; white-space: nowrap; } th.figure { white-space: normal; }
.wide { overflow-x: auto; } .wide + .wide, .charts + .wide { margin-top: 1rem; }
.charts > figure:only-child { max-width: 46rem; }
.of-real { fill: var(--blue); } .of-synthetic { fill: var(--orange); } .line-synthetic { fill: none; stroke: var(--orange); }
.key { display: inline-block; width: 1em; height: 0.8em; }
.key.real { background: var(--blue); opacity: 0.6; } .key.synthetic { background: var(--orange); }
details { margin: 0.5rem 0; } summary { cursor: pointer; color: var(--soft); }
.picture { display: block; width: 100%; height: auto; image-rendering: pixelated; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr)); gap: 0.75rem; }
.kept { font-weight: 600; }
.note { color: var(--soft); font-size: 0.9rem; }
td.note, td .note { min-width: 9rem; }
@media (max-width: 40rem) {
  body { padding: 0.75rem; } figure { padding: 0.4rem; }
  table th, table th.figure, table td.figure { white-space: normal; } th, td { padding-right: 0.6rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 12px; } h2, h3 { break-after: avoid; } figure, tr, .verdict section { break-inside: avoid; }
  .note, figcaption { font-size: 11px; } .charts { margin-top: 0.5rem; }
  .wide, figure { overflow-x: visible; } table th, table th.figure { white-space: normal; }
}
)";

}  // namespace agon::host
