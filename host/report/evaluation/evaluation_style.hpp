// The style sheet of an evaluation's and of an audit's page, beside page_style.hpp.
#pragma once

#include <string_view>

namespace agon::host {

inline constexpr std::string_view kEvaluationStyle = R"(
.verdict { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.verdict section { padding: 1rem; border: 1px solid var(--line); border-left-width: 8px; border-radius: 6px; background: var(--card); }
.verdict h2 { margin: 0 0 0.25rem; }
.verdict ul, .plain { margin: 0.5rem 0 0; padding-left: 1.25rem; }
.green { border-left-color: var(--green) !important; } .amber { border-left-color: var(--yellow) !important; }
.red { border-left-color: var(--orange) !important; } .unknown { border-left-color: var(--soft) !important; }
.light { font-weight: 600; }
td.figure, th.figure { text-align: right; white-space: nowrap; }
.wide { overflow-x: auto; }
.of-real { fill: var(--blue); } .of-synthetic { fill: var(--orange); } .line-synthetic { fill: none; stroke: var(--orange); }
.key { display: inline-block; width: 1em; height: 0.8em; }
.key.real { background: var(--blue); opacity: 0.6; } .key.synthetic { background: var(--orange); }
details { margin: 0.5rem 0; } summary { cursor: pointer; color: var(--soft); }
@media print { body { max-width: none; padding: 0; } figure, .verdict section { break-inside: avoid; } }
)";

}  // namespace agon::host
