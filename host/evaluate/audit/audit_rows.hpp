// An audit's figures, one below the other, as its text and its page show them.
#pragma once

#include <string>
#include <vector>

#include "host/evaluate/audit/audit.hpp"

namespace agon::host {

struct AuditRow {
  std::string victim;  ///< "this run", "any run"
  std::string attack;  ///< "likelihood ratio", "calibrated score", "one threshold"
  std::string whom;    ///< "everybody", "outliers"
  const DecisionPower* power = nullptr;
};
/// Points into `figures`.
std::vector<AuditRow> audit_rows(const AttackerFigures& figures);

/// "0.531 (0.512 to 0.550)"; "too few" where it is not measurable.
std::string audit_figure(double value, const Interval& interval);
/// "1.3% (0.9% to 2.0%)", the same.
std::string audit_share(double value, const Interval& interval);

}  // namespace agon::host
