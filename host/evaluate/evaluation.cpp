#include "host/evaluate/evaluation.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/table/finding_text.hpp"
#include "host/evaluate/distances/coverage_report.hpp"
#include "host/evaluate/fidelity/fidelity_report.hpp"
#include "host/evaluate/models/giveaways.hpp"
#include "host/evaluate/privacy/membership_by_trees.hpp"
#include "host/evaluate/privacy/privacy_report.hpp"
#include "host/evaluate/tables/named_column.hpp"
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

Privacy privacy_of(const ComparedTables& tables, const DistanceTables& points,
                   const EvaluationOptions& options, const Device& device) {
  PrivacyOptions asked;
  asked.set_seed(options.seed);
  std::vector<AttackScores> more;
  if (tables.held_out)
    if (const auto game =
            membership_game(tables.real.rows, tables.synthetic.rows, tables.held_out->rows, asked.membership))
      more.push_back(attack_by_trees(tables, *game, options.threads));
  return measure_privacy(device, tables, points, asked, more);
}

// The columns that tell most, by index; a lost one tells too much.
std::vector<std::size_t> telling_columns(const Evaluation& evaluation) {
  constexpr std::size_t kMost = 12;
  std::vector<std::size_t> which;
  for (const Telltale& column : evaluation.explanation.columns) {
    const auto index = static_cast<std::size_t>(find_column(evaluation.tables, column.column));
    if (which.size() < kMost && evaluation.tables.columns[index].in_synthetic) which.push_back(index);
  }
  return which;
}

/// Without the columns that give the target away, unless these are all there are.
Utility utility_of(const ComparedTables& tables, const EvaluationOptions& options) {
  UtilityOptions asked{.target = options.target, .seed = options.seed, .threads = options.threads};
  asked.left_out = giveaways(tables, options.rules, options.target);
  if (std::ssize(asked.left_out) + 1 == tables.width()) asked.left_out.clear();
  if (asked.left_out.empty()) return measure_utility(tables, asked);
  return measure_utility(without_columns(tables, asked.left_out), asked);
}

}  // namespace

Evaluation evaluate(ComparedTables tables, const EvaluationOptions& options, const Device& device) {
  Evaluation out;
  out.tables = std::move(tables);
  out.seed = options.seed;
  out.discriminator = options.discriminator;
  std::optional<SurvivalColumns> survival;
  if (!options.time.empty()) survival = find_survival(out.tables, options.time, options.event);
  options.begins("columns and pairs");
  out.fidelity = measure_fidelity(
      out.tables, {.rules = options.rules, .constraints = options.constraints, .seed = options.seed}, device);
  options.begins("detection");
  DetectionModel model;
  out.detection = detect(out.tables, {.seed = options.seed, .threads = options.threads}, &model);
  out.explanation = explain_detection(
      out.tables, model, {.seed = options.seed, .threads = options.threads, .spell = options.spell});
  out.regions = find_regions(out.tables, model.pair, telling_columns(out), {.spell = options.spell});
  if (!options.target.empty()) {
    options.begins("utility");
    out.utility = utility_of(out.tables, options);
  }
  if (survival) {
    options.begins("survival");
    out.survival = measure_survival(out.tables, *survival, {.seed = options.seed});
  }
  options.begins("coverage");
  const DistanceTables points = distance_tables(out.tables);
  const RowSearch search(device, points.space);
  if (options.row > 0) {
    out.row = look_at_row(search, out.tables, points, model, options.row,
                          {.seed = options.seed, .spell = options.spell});
    out.row->discriminator = options.of_row;
  }
  out.coverage = measure_coverage(search, points, {.seed = options.seed});
  out.sliced = measure_sliced_distance(points, {.seed = options.seed});
  options.begins("privacy");
  out.privacy = privacy_of(out.tables, points, options, device);
  out.verdict = judge(out);
  return out;
}

std::string to_json(const Evaluation& evaluation) {
  const ComparedTables& tables = evaluation.tables;
  ordered_json all{{"score", evaluation.fidelity.quality.score.value}};
  all["real_rows"] = tables.real.rows;
  all["synthetic_rows"] = tables.synthetic.rows;
  all["held_out_rows"] = tables.held_out ? ordered_json(tables.held_out->rows) : ordered_json(nullptr);
  all["target"] = evaluation.utility ? ordered_json(evaluation.utility->target) : ordered_json(nullptr);
  all["seed"] = evaluation.seed;
  all["verdict"] = to_json(evaluation.verdict);
  all["fidelity"] = to_json(evaluation.fidelity, tables);
  all["detection"] = to_json(evaluation.detection);
  all["explanation"] = to_json(evaluation.explanation);
  all["regions"] = to_json(evaluation.regions);
  all["discriminator"] =
      evaluation.discriminator ? to_json(*evaluation.discriminator) : ordered_json(nullptr);
  all["coverage"] = to_json(evaluation.coverage);
  all["sliced_distance"] = to_json(evaluation.sliced);
  all["utility"] = evaluation.utility ? to_json(*evaluation.utility) : ordered_json(nullptr);
  all["survival"] = evaluation.survival ? to_json(*evaluation.survival) : ordered_json(nullptr);
  all["row"] = evaluation.row ? to_json(*evaluation.row) : ordered_json(nullptr);
  all["privacy"] = to_json(evaluation.privacy);
  all["left_out"] = tables.left_out;
  all["warnings"] = tables.warnings;
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_text(const Evaluation& evaluation) {
  const ComparedTables& tables = evaluation.tables;
  std::string text = rows_line(tables) + left_out_line(tables);
  const auto add = [&](const std::string& part) { text += '\n' + part; };
  add(to_text(evaluation.verdict));
  add(to_text(evaluation.fidelity, tables));
  add(to_text(evaluation.detection));
  add(to_text(evaluation.explanation));
  add(to_text(evaluation.regions));
  if (evaluation.discriminator) add(to_text(*evaluation.discriminator));
  add(to_text(evaluation.coverage));
  text += to_text(evaluation.sliced);
  if (evaluation.utility) add(to_text(*evaluation.utility));
  if (evaluation.survival) add(to_text(*evaluation.survival));
  add(to_text(evaluation.privacy));
  if (evaluation.row) add(to_text(*evaluation.row));
  if (!tables.warnings.empty()) text += '\n';
  for (const std::string& warning : tables.warnings) text += "warning: " + warning + '\n';
  return text;
}

}  // namespace agon::host
