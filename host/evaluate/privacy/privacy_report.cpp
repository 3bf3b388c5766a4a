#include "host/evaluate/privacy/privacy_report.hpp"

#include <nlohmann/json.hpp>

namespace agon::host {
namespace {

using Json = nlohmann::ordered_json;

Json interval_json(const Interval& interval) { return {interval.low, interval.high}; }

Json rate_json(const Rate& rate) {
  return {{"hits", rate.hits},
          {"of", rate.of},
          {"share", rate.share},
          {"interval", interval_json(rate.interval)}};
}

Json risk_json(const Risk& risk) {
  return {{"risk", risk.risk},
          {"interval", interval_json(risk.interval)},
          {"attack", rate_json(risk.attack)},
          {"control", rate_json(risk.control)}};
}

Json copy_rates_json(const CopyRates& rates) {
  return {{"exact", rate_json(rates.exact)},
          {"near", rate_json(rates.near)},
          {"exact_of_rare", rate_json(rates.exact_rare)},
          {"near_rare", rate_json(rates.near_rare)}};
}

Json figures_json(const AttackFigures& figures) {
  return {{"auc", figures.auc},
          {"tpr_at_1_percent_fpr", figures.found_at_1},
          {"tpr_at_10_percent_fpr", figures.found_at_10}};
}

template <class Part>
Json part_or_null(const std::optional<Part>& part) {
  return part ? to_json(*part) : Json(nullptr);
}

}  // namespace

Json to_json(const Copies& copies) {
  return {{"distance_rows", copies.distance_rows},
          {"near_distance", copies.near_distance},
          {"rare_distance", copies.rare_distance},
          {"rare_rows", copies.rare_rows},
          {"rare_rows_copied", copies.rare_rows_copied},
          {"synthetic", copy_rates_json(copies.synthetic)},
          {"held_out", copies.held_out ? copy_rates_json(*copies.held_out) : Json(nullptr)}};
}

Json to_json(const AttackPanel& panel) {
  Json json = {{"members", panel.members},
               {"others", panel.others},
               {"best", panel.best},
               {"greatest", figures_json(panel.greatest)},
               {"greatest_by_chance_95", figures_json(panel.by_chance)},
               {"p_value", figures_json(panel.p_value)},
               {"found", panel.found()}};
  json["attacks"] = Json::array();
  for (const AttackPower& attack : panel.attacks) {
    Json one = {{"name", attack.name}};
    one.update(figures_json(attack.figures));
    one["auc_interval"] = interval_json(attack.auc);
    one["tpr_at_1_percent_fpr_interval"] = interval_json(attack.found_at_1);
    one["tpr_at_10_percent_fpr_interval"] = interval_json(attack.found_at_10);
    json["attacks"].push_back(std::move(one));
  }
  return json;
}

Json to_json(const AttributeInference& inference) {
  Json json = {{"targets", inference.targets}, {"synthetic_rows", inference.synthetic}};
  json["worst"] = inference.worst < 0 ? Json(nullptr) : Json(inference.columns[inference.worst].column);
  json["columns"] = Json::array();
  for (const ColumnInference& column : inference.columns) {
    Json one = {{"name", column.column}};
    one.update(risk_json(column.risk));
    json["columns"].push_back(std::move(one));
  }
  return json;
}

Json to_json(const SinglingOut& singling_out) {
  return {{"rows", singling_out.rows},
          {"values", risk_json(singling_out.values)},
          {"combinations", risk_json(singling_out.combinations)}};
}

Json to_json(const ClosestRecords& closest) {
  return {{"rows", closest.rows},
          {"dcr_share", closest.share},
          {"dcr_share_interval", interval_json(closest.share_interval)},
          {"nndr_median", closest.ratio_median},
          {"nndr_median_held_out", closest.ratio_median_held_out},
          {"dcr_fifth_percentile", closest.fifth_percentile},
          {"dcr_fifth_percentile_held_out", closest.fifth_percentile_held_out}};
}

Json to_json(const Privacy& privacy) {
  Json json;
  json["copies"] = to_json(privacy.copies);
  json["membership"] = part_or_null(privacy.membership);
  json["attribute_inference"] = part_or_null(privacy.inference);
  json["singling_out"] = part_or_null(privacy.singling_out);
  json["closest_records"] = part_or_null(privacy.closest);
  json["missing"] = privacy.missing;
  return json;
}

}  // namespace agon::host
