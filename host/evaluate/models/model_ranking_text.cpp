// A ranking of models as JSON and as text.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/models/model_ranking.hpp"
#include "host/evaluate/text_grid.hpp"

namespace agon::host {
namespace {

nlohmann::ordered_json choice_json(const ModelChoice& choice, const ModelRanking& ranking) {
  return {{"best", ranking.models[choice.best].name},
          {"chosen", ranking.models[choice.chosen].name},
          {"loss", choice.loss},
          {"low", choice.interval.low},
          {"high", choice.interval.high},
          {"within_noise", choice.within_noise()}};
}

nlohmann::ordered_json agreement_json(const RankAgreement& agreement) {
  return {{"spearman", agreement.spearman}, {"kendall", agreement.kendall}};
}

std::string rank_text(double figure) { return std::isnan(figure) ? "-" : fmt::format("{:.2f}", figure); }

}  // namespace

nlohmann::ordered_json to_json(const ModelRanking& ranking) {
  nlohmann::ordered_json json{{"score", ranking.is_class ? "auc" : "r2"},
                              {"rows", ranking.rows},
                              {"held_out_rows", ranking.held_out},
                              {"agreement", agreement_json(ranking.synthetic)},
                              {"floor", agreement_json(ranking.floor)},
                              {"choice", choice_json(ranking.by_synthetic, ranking)},
                              {"choice_floor", choice_json(ranking.by_half, ranking)}};
  for (const RankedModel& model : ranking.models)
    json["models"].push_back({{"name", model.name},
                              {"real", model.real},
                              {"synthetic", model.synthetic},
                              {"halves", model.of_halves}});
  return json;
}

std::string choice_in_words(const ModelRanking& ranking) {
  const ModelChoice& choice = ranking.by_synthetic;
  const std::string& chosen = ranking.models[choice.chosen].name;
  if (choice.best == choice.chosen) return fmt::format("the same model is the best of both: {}", chosen);
  return fmt::format(
      "synthetic rows put {} first, which learns {:.3f} less of real rows than {} ({:.3f} to {:.3f}{})",
      chosen, choice.loss, ranking.models[choice.best].name, choice.interval.low, choice.interval.high,
      choice.within_noise() ? ": within the noise" : "");
}

std::string to_text(const ModelRanking& ranking) {
  std::string text = fmt::format(
      "Would it have you choose the same model? ({} on {} held-out rows, each model learnt from {} rows)\n",
      ranking.is_class ? "AUC" : "R^2", ranking.held_out, ranking.rows);
  TextGrid grid(4);
  grid.add({"", "real", "synthetic", "half", "other half"});
  for (const RankedModel& model : ranking.models)
    grid.add({"  " + model.name, fmt::format("{:.4f}", model.real), fmt::format("{:.4f}", model.synthetic),
              fmt::format("{:.4f}", model.of_halves[0]), fmt::format("{:.4f}", model.of_halves[1])});
  text += grid.text();
  text += fmt::format(
      "  same ranking of models: Spearman {}, Kendall {} (floor, halves of the real rows: {}, {})\n",
      rank_text(ranking.synthetic.spearman), rank_text(ranking.synthetic.kendall),
      rank_text(ranking.floor.spearman), rank_text(ranking.floor.kendall));
  return text + "  " + choice_in_words(ranking) + '\n';
}

}  // namespace agon::host
