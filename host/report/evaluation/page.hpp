// How far to trust a synthetic table: an evaluation as one page for people.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "host/evaluate/evaluation.hpp"
#include "host/report/page.hpp"

namespace agon::host {

struct EvaluationPage {
  std::string title;  ///< the synthetic table's name
  AboutRows about;    ///< what was compared: files, their hashes, seed, date, version
  std::function<std::string(std::int64_t column, double value)> spell;  ///< of a number of a column
};

/// A whole HTML document that loads nothing and runs nothing, light or dark as the reader's system is, to be
/// printed as well; it is well-formed XML, too. All text is escaped. No figure of the real table that it
/// shows stands for fewer than five rows.
std::string evaluation_page_html(const Evaluation& evaluation, const EvaluationPage& page);

}  // namespace agon::host
