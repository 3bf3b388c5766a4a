// Explanations as JSON and as text.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/models/explanation.hpp"
#include "host/table/text.hpp"

namespace agon::host {

nlohmann::ordered_json to_json(const Explanation& explanation) {
  nlohmann::ordered_json json = {{"auc", explanation.auc},
                                 {"auc_standard_error", explanation.standard_error},
                                 {"explained_rows", explanation.explained_rows}};
  json["columns"] = nlohmann::ordered_json::array();
  for (const Telltale& column : explanation.columns) {
    json["columns"].push_back(
        {{"name", column.column}, {"mean_shap", column.mean_shap}, {"share", column.share}});
    if (!column.words.empty()) json["columns"].back()["words"] = column.words;
  }
  json["pairs"] = nlohmann::ordered_json::array();
  for (const TellingPair& pair : explanation.pairs)
    json["pairs"].push_back({{"columns", {pair.first, pair.second}},
                             {"mean_interaction", pair.mean_shap},
                             {"share", pair.share},
                             {"words", pair.words}});
  return json;
}

std::string to_text(const Explanation& explanation) {
  std::string text =
      "Which columns tell synthetic rows from real ones? (share of what the trees' verdict rests on)\n";
  if (std::isnan(explanation.auc)) return text + "  nothing can be said: too few rows\n";
  if (std::abs(explanation.auc - 0.5) < 3 * explanation.standard_error)
    text += "  none: the trees do not tell them apart, and what follows is chance\n";
  for (const Telltale& column : explanation.columns) {
    if (column.words.empty()) break;
    text +=
        fmt::format("  {:>5.1f}%  {}: {}\n", 100 * column.share, printable(column.column, 32), column.words);
  }
  if (explanation.pairs.empty()) return text;
  text += "Which pairs of columns? (share of what the verdict rests on with two columns together)\n";
  for (const TellingPair& pair : explanation.pairs)
    text += fmt::format("  {:>5.1f}%  {} and {}: {}\n", 100 * pair.share, printable(pair.first, 32),
                        printable(pair.second, 32), pair.words);
  return text;
}

}  // namespace agon::host
