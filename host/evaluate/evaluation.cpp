#include "host/evaluate/evaluation.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/table/finding_text.hpp"
#include "host/evaluate/fidelity_report.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

std::string rows_line(const ComparedTables& tables) {
  const auto count = [](std::int64_t n, const char* what) {
    return fmt::format("{} {}{}", grouped(static_cast<std::uint64_t>(n)), what, n == 1 ? "" : "s");
  };
  const std::string held_out = tables.held_out ? ", " + count(tables.held_out->rows, "held-out row") : "";
  return fmt::format("{}, {}{}; {} compared\n", count(tables.real.rows, "real row"),
                     count(tables.synthetic.rows, "synthetic row"), held_out,
                     count(tables.width(), "column"));
}

std::string left_out_line(const ComparedTables& tables) {
  std::string names;
  for (const std::string& name : tables.left_out) names += (names.empty() ? "" : ", ") + printable(name);
  return names.empty() ? "" : "left out (identifiers, free text, ignored): " + names + "\n";
}

}  // namespace

Evaluation evaluate(ComparedTables tables, const EvaluationOptions& options, const Device& device) {
  Evaluation evaluation{std::move(tables), options, {}};
  evaluation.fidelity = measure_fidelity(evaluation.tables, options.fidelity, device);
  return evaluation;
}

std::string to_json(const Evaluation& evaluation) {
  const ComparedTables& tables = evaluation.tables;
  ordered_json all{{"score", evaluation.fidelity.quality.score.value}};
  all["real_rows"] = tables.real.rows;
  all["synthetic_rows"] = tables.synthetic.rows;
  all["held_out_rows"] = tables.held_out ? ordered_json(tables.held_out->rows) : ordered_json(nullptr);
  const std::string& target = evaluation.options.target;
  all["target"] = target.empty() ? ordered_json(nullptr) : ordered_json(target);
  all["seed"] = evaluation.options.fidelity.seed;
  all["fidelity"] = json_of(evaluation.fidelity, tables);
  all["left_out"] = tables.left_out;
  all["warnings"] = tables.warnings;
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_text(const Evaluation& evaluation) {
  std::string text = rows_line(evaluation.tables) + left_out_line(evaluation.tables);
  text += '\n' + text_of(evaluation.fidelity, evaluation.tables);
  if (!evaluation.tables.warnings.empty()) text += '\n';
  for (const std::string& warning : evaluation.tables.warnings) text += "warning: " + warning + '\n';
  return text;
}

}  // namespace agon::host
