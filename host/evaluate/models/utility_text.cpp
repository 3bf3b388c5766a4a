// Utility as JSON and as text.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/models/utility.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

nlohmann::ordered_json scores_json(const TargetScores& scores, const Utility& utility) {
  if (!utility.is_class) return {{"r2", scores.r2}};
  nlohmann::ordered_json json = {
      {"auc", scores.auc}, {"f1_macro", scores.f1_macro}, {"accuracy", scores.accuracy}};
  if (utility.rarer >= 0) json["f1_rarer"] = scores.f1_rarer;
  return json;
}

nlohmann::ordered_json json_of_share(const Share& share) {
  return {{"value", share.value}, {"low", share.low}, {"high", share.high}};
}

nlohmann::ordered_json rows_json(const TargetRows& rows) {
  return {{"used", rows.used}, {"without_target", rows.without_target}};
}

std::string number_text(double value) {
  return std::isnan(value) ? "undefined" : fmt::format("{:.4f}", value);
}

std::string score_line(const std::string& what, double TargetScores::*score, const Utility& utility,
                       const Share* share) {
  std::string line = fmt::format(
      "  {:<28}  {:>9}  {:>9}  {:>9}", what, number_text(utility.real_on_held_out.*score),
      number_text(utility.synthetic_on_held_out.*score), number_text(utility.real_on_synthetic.*score));
  if (share && !std::isnan(share->value))
    line += fmt::format("  {:>6.3f} ({:.3f} to {:.3f})", share->value, share->low, share->high);
  return line + '\n';
}

}  // namespace

nlohmann::ordered_json to_json(const Utility& utility) {
  nlohmann::ordered_json json = {{"target", utility.target}, {"kind", utility.is_class ? "class" : "number"}};
  if (utility.is_class) json["classes"] = utility.classes;
  if (utility.rarer >= 0) json["rarer_class"] = utility.classes[static_cast<std::size_t>(utility.rarer)];
  json["held_out_given"] = utility.held_out_given;
  json["rows"] = {{"real", rows_json(utility.real)},
                  {"synthetic", rows_json(utility.synthetic)},
                  {"held_out", rows_json(utility.held_out)}};
  json["synthetic_on_held_out"] = scores_json(utility.synthetic_on_held_out, utility);
  json["real_on_held_out"] = scores_json(utility.real_on_held_out, utility);
  json["real_on_synthetic"] = scores_json(utility.real_on_synthetic, utility);
  auto& shares = json["shares"] = nlohmann::ordered_json::object();
  if (utility.is_class) {
    shares["auc"] = json_of_share(utility.auc);
    shares["f1_macro"] = json_of_share(utility.f1_macro);
    if (utility.rarer >= 0) shares["f1_rarer"] = json_of_share(utility.f1_rarer);
  } else {
    shares["r2"] = json_of_share(utility.r2);
  }
  json["column_ranks"] = utility.column_ranks;
  json["column_ranks_floor"] = utility.column_ranks_floor;
  json["models"] = utility.models ? to_json(*utility.models) : nlohmann::ordered_json(nullptr);
  json["notes"] = utility.notes;
  return json;
}

std::string to_text(const Utility& utility) {
  std::string text = fmt::format("Does it teach what the real table teaches? Boosted trees foretell {}\n",
                                 in_quotes(utility.target));
  text += fmt::format("  {:<28}  {:>9}  {:>9}  {:>9}  share of real (95%)\n", "trained on, tested on",
                      "real, held", "synth, held", "real, synth");
  if (utility.is_class) {
    text += score_line("AUC", &TargetScores::auc, utility, &utility.auc);
    text += score_line("F1, mean over classes", &TargetScores::f1_macro, utility, &utility.f1_macro);
    if (utility.rarer >= 0) {
      const std::string& name = utility.classes[static_cast<std::size_t>(utility.rarer)];
      text += score_line("F1 of " + printable(name, 20), &TargetScores::f1_rarer, utility, &utility.f1_rarer);
    }
    text += score_line("accuracy", &TargetScores::accuracy, utility, nullptr);
  } else {
    text += score_line("R^2", &TargetScores::r2, utility, &utility.r2);
  }
  text += fmt::format("  same ranking of columns: {} (floor, two halves of the real rows: {})\n",
                      number_text(utility.column_ranks), number_text(utility.column_ranks_floor));
  text += fmt::format("  rows: {} real, {} synthetic, {} held out", utility.real.used, utility.synthetic.used,
                      utility.held_out.used);
  const auto without =
      utility.real.without_target + utility.synthetic.without_target + utility.held_out.without_target;
  if (without > 0)
    text += fmt::format("; without a value of the target, left out: {}, {}, {}", utility.real.without_target,
                        utility.synthetic.without_target, utility.held_out.without_target);
  text += '\n';
  for (const std::string& note : utility.notes) text += "note: " + note + '\n';
  if (utility.models) text += to_text(*utility.models);
  return text;
}

}  // namespace agon::host
