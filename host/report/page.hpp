// report.html: a run as one page for people, drawn anew at every checkpoint.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/gan/config.hpp"
#include "host/run/replica_table.hpp"
#include "host/run/run_columns.hpp"

namespace agon::host {

/// What the run is: a label and its text, a row each.
using AboutRows = std::vector<std::pair<std::string, std::string>>;

struct Page {
  std::string title;
  AboutRows about;
  GanConfig config;
  std::uint64_t step = 0, steps = 0;  ///< where it is, and where it ends
  std::string ended{};                ///< how, where it was before its end: "diverged"
  const RunColumns* shown = nullptr;
  std::vector<const RunColumns*> others{};  ///< of further replicas, drawn pale behind it
  ReplicaTable replicas{};                  ///< none where there is one only
};

/// A whole HTML document that loads nothing and runs nothing, light or dark as the reader's system is; it is
/// well-formed XML, too. Depends on the page alone, not on the clock: equal runs have equal pages. All text
/// is escaped. Charts are those of page_charts().
std::string page_html(const Page& page);

}  // namespace agon::host
