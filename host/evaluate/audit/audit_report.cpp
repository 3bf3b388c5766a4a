// The text and the JSON of host/evaluate/audit/audit.hpp.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/audit/audit_rows.hpp"
#include "host/evaluate/reasons.hpp"
#include "host/evaluate/text_grid.hpp"

namespace agon::host {
namespace {

using AuditJson = nlohmann::ordered_json;

AuditJson measured_or_null(double value) { return std::isnan(value) ? AuditJson(nullptr) : AuditJson(value); }

AuditJson interval_or_null(const Interval& interval) {
  return {measured_or_null(interval.low), measured_or_null(interval.high)};
}

AuditJson power_json(const DecisionPower& power) {
  return {{"member_decisions", power.members},
          {"other_decisions", power.others},
          {"auc", power.figures.auc},
          {"auc_interval", interval_or_null(power.auc)},
          {"tpr_at_1_percent_fpr", measured_or_null(power.figures.found_at_1)},
          {"tpr_at_1_percent_fpr_interval", interval_or_null(power.found_at_1)},
          {"tpr_at_0.1_percent_fpr", measured_or_null(power.figures.found_at_01)},
          {"tpr_at_0.1_percent_fpr_interval", interval_or_null(power.found_at_01)}};
}

AuditJson guess_json(const GuessFigures& figures) {
  return {{"everybody", power_json(figures.everybody)}, {"outliers", power_json(figures.outliers)}};
}

AuditJson victim_json(const VictimFigures& figures) {
  return {{"likelihood_ratio", guess_json(figures.by_ratio)},
          {"calibrated_scores", guess_json(figures.by_calibration)},
          {"one_threshold", guess_json(figures.by_threshold)}};
}

AuditJson attacker_json(const AttackerFigures& figures) {
  return {{"any_run", victim_json(figures.procedure)}, {"this_run", victim_json(figures.run)}};
}

std::string grid_of(const AttackerFigures& figures) {
  TextGrid grid(6);
  grid.add({"victim", "attack", "on", "AUC (95%)", "found at 1%", "found at 0.1%", "others"});
  for (const AuditRow& row : audit_rows(figures)) {
    const DecisionPower& power = *row.power;
    grid.add({row.victim, row.attack, row.whom, audit_figure(power.figures.auc, power.auc),
              audit_share(power.figures.found_at_1, power.found_at_1),
              audit_share(power.figures.found_at_01, power.found_at_01), std::to_string(power.others)});
  }
  return grid.text();
}

}  // namespace

std::vector<AuditRow> audit_rows(const AttackerFigures& figures) {
  std::vector<AuditRow> rows;
  const auto add = [&](const char* victim, const VictimFigures& its) {
    rows.push_back({victim, "likelihood ratio", "everybody", &its.by_ratio.everybody});
    rows.push_back({victim, "likelihood ratio", "outliers", &its.by_ratio.outliers});
    rows.push_back({victim, "calibrated score", "everybody", &its.by_calibration.everybody});
    rows.push_back({victim, "calibrated score", "outliers", &its.by_calibration.outliers});
    rows.push_back({victim, "one threshold", "everybody", &its.by_threshold.everybody});
    rows.push_back({victim, "one threshold", "outliers", &its.by_threshold.outliers});
  };
  add("any run", figures.procedure);
  add("this run", figures.run);
  return rows;
}

std::string audit_figure(double value, const Interval& interval) {
  if (std::isnan(value)) return "too few";
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", value, interval.low, interval.high);
}

std::string audit_share(double value, const Interval& interval) {
  if (std::isnan(value)) return "too few";
  return fmt::format("{} ({} to {})", in_percent(value), in_percent(interval.low), in_percent(interval.high));
}

std::string to_text(const Audit& audit) {
  std::string text = fmt::format(
      "{} targets: {} that the run learnt, {} that it held out; {} of them are outliers; {} shadow runs\n\n",
      audit.members + audit.others, audit.members, audit.others, audit.outliers, audit.shadows);
  text += to_text(audit.of_checkpoint) + to_text(audit.of_table);
  text += "\nwho has the checkpoint\n" + grid_of(audit.checkpoint);
  text += "\nwho has a synthetic table alone\n" + grid_of(audit.table);
  return text +
         "\nfound at 1%: the share of the learnt that is found while 1% of others are taken for learnt; by "
         "chance 1%\n";
}

nlohmann::ordered_json to_json(const Audit& audit) {
  AuditJson json{{"members", audit.members},
                 {"others", audit.others},
                 {"outliers", audit.outliers},
                 {"shadows", audit.shadows}};
  json["verdict"] = {{"checkpoint", to_json(audit.of_checkpoint)}, {"table", to_json(audit.of_table)}};
  json["checkpoint"] = attacker_json(audit.checkpoint);
  json["table"] = attacker_json(audit.table);
  return json;
}

}  // namespace agon::host
