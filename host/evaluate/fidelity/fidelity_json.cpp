#include <nlohmann/json.hpp>

#include "host/evaluate/fidelity/fidelity_report.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

ordered_json quality_json(const QualityFidelity& quality) {
  return {{"score", figure_json(quality.score)},
          {"related_score", figure_json(quality.related_score)},
          {"column_shapes", figure_json(quality.shapes)},
          {"pair_trends", figure_json(quality.trends)},
          {"related_pair_trends", figure_json(quality.related_trends)},
          {"pairs_by_tenths", figure_json(quality.by_tenths)}};
}

/// A share, with the real table's own ahead.
ordered_json share_json(double real, const Figure& figure) {
  ordered_json json{{"real", real}};
  json.update(figure_json(figure));
  return json;
}

ordered_json column_json(const ColumnFidelity& fidelity, const ComparedColumn& column) {
  const bool numbers = column.kind == ComparedColumn::Kind::number;
  ordered_json json{{"name", column.name},
                    {"kind", numbers ? "number" : "nominal"},
                    {"in_synthetic", column.in_synthetic},
                    {"metric", numbers ? "KSComplement" : "TVComplement"},
                    {"score", figure_json(fidelity.score)},
                    {"missing", share_json(fidelity.real_missing, fidelity.missing)}};
  if (numbers) {
    json["outside_range"] = figure_json(fidelity.outside);
    json["marked"] = share_json(fidelity.real_marked, fidelity.marked);
    json["marks"] = ordered_json::array();
    for (const MarkShare& mark : fidelity.marks)
      json["marks"].push_back(
          {{"spelling", mark.spelling.empty() ? ordered_json(nullptr) : ordered_json(mark.spelling)},
           {"real", mark.real},
           {"synthetic", mark.synthetic},
           {"held_out", mark.held_out}});
  } else {
    json["levels"] = column.real_levels;
  }
  json["lost_levels"] = figure_json(fidelity.lost);
  json["lost_rows"] = figure_json(fidelity.lost_rows);
  json["invented_rows"] = figure_json(fidelity.invented);
  return json;
}

}  // namespace

ordered_json to_json(const Fidelity& fidelity, const ComparedTables& tables) {
  ordered_json json{{"floor_draws", fidelity.draws}, {"quality", quality_json(fidelity.quality)}};
  json["columns"] = ordered_json::array();
  for (std::size_t c = 0; c < fidelity.columns.size(); ++c)
    json["columns"].push_back(column_json(fidelity.columns[c], tables.columns[c]));
  json["pairs"] = ordered_json::array();
  for (const PairFidelity& pair : fidelity.pairs)
    json["pairs"].push_back({{"columns", {tables.columns[pair.first].name, tables.columns[pair.second].name}},
                             {"metric", pair.correlated ? "CorrelationSimilarity" : "ContingencySimilarity"},
                             {"similarity", figure_json(pair.similarity)},
                             {"by_tenths", figure_json(pair.by_tenths)},
                             {"strength", pair.correlated ? "Pearson" : "Cramer"},
                             {"real_strength", pair.real},
                             {"synthetic_strength", pair.synthetic},
                             {"related", pair.related}});
  ordered_json rules = ordered_json::array();
  for (const RuleFidelity& rule : fidelity.rules)
    rules.push_back(
        {{"rule", text_of(rule.rule, tables.columns)}, {"broken", rule.broken}, {"held_out", rule.held_out}});
  ordered_json constraints = ordered_json::array();
  for (const ConstraintFidelity& one : fidelity.constraints)
    constraints.push_back(
        {{"constraint", one.text}, {"real", one.real}, {"broken", one.broken}, {"held_out", one.held_out}});
  json["rules"] = {{"broken_rows", fidelity.rule_breakers},
                   {"held_out", fidelity.held_out_rule_breakers},
                   {"kept_by_every_real_row", std::move(rules)},
                   {"constraints", std::move(constraints)}};
  return json;
}

}  // namespace agon::host
