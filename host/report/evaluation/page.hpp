// How far to trust a synthetic table: an evaluation as part of a report for people.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "host/evaluate/evaluation.hpp"
#include "host/report/about.hpp"

namespace agon::host {

struct EvaluationPage {
  AboutRows about;  ///< what was compared: files, their hashes, seed, date, version
  std::function<std::string(std::int64_t column, double value)> spell;  ///< of a number of a column
};

/// "1,000 synthetic rows beside 1,200 real ones and 300 held-out ones, ..."
std::string compared_rows_text(const ComparedTables& tables);

/// Appends the verdict and then every part of the evaluation, as HTML. All text is escaped. No figure of the
/// real table that it shows stands for fewer than five rows.
void append_evaluation(std::string& html, const Evaluation& evaluation, const EvaluationPage& page);
/// Appends what was compared.
void append_compared(std::string& html, const Evaluation& evaluation, const EvaluationPage& page);

}  // namespace agon::host
