#include "host/evaluate/models/explanation.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/difference_in_words.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/trees/attribution.hpp"
#include "host/evaluate/models/two_tables.hpp"

namespace agon::host {
namespace {

// Of a column by itself, else of it with another one.
Difference words_of(const ComparedTables& tables, std::size_t c, const ExplanationOptions& options) {
  const auto column = static_cast<std::int64_t>(c);
  SpellNumber spell;
  if (options.spell) spell = [&](double x) { return options.spell(column, x); };
  Difference difference =
      difference_in_words(tables.columns[c], tables.real.columns[c], tables.synthetic.columns[c], spell);
  if (!difference.words.empty()) return difference;
  difference = pair_in_words(tables, column, options.spell);
  if (difference.words.empty())
    return {"alike by itself and with each other column: what tells is finer, or chance"};
  difference.words = "alike by itself; " + difference.words;
  return difference;
}

std::vector<Telltale> strongest_first(const ComparedTables& tables, const std::vector<double>& shap,
                                      const ExplanationOptions& options) {
  const double total = std::accumulate(shap.begin(), shap.end(), 0.0);
  std::vector<std::size_t> order(shap.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t c) { return shap[c]; });
  std::vector<Telltale> columns;
  for (const std::size_t c : order) {
    Telltale telltale{tables.columns[c].name, shap[c], total > 0 ? shap[c] / total : 0, {}, 0, 0};
    if (std::ssize(columns) < options.words) {
      const Difference difference = words_of(tables, c, options);
      telltale.words = difference.words;
      telltale.real_share = difference.real_share;
      telltale.synthetic_share = difference.synthetic_share;
    }
    columns.push_back(std::move(telltale));
  }
  return columns;
}

}  // namespace

Explanation explain_detection(const ComparedTables& tables, const ExplanationOptions& options) {
  const TwoTables pair =
      pair_up(at_most(tables.real, options.most_rows, options.seed, 0),
              at_most(tables.synthetic, options.most_rows, options.seed, 1), 3, options.seed);
  Explanation out;
  out.auc = out.standard_error = std::numeric_limits<double>::quiet_NaN();
  if (pair.folds == 0) return out;
  const TreeLayout layout(tables);
  const TreeFeatures features = stacked(layout.features_of(pair.first), layout.features_of(pair.second));
  const auto train = pair.rows_of(0, false), test = pair.rows_of(0, true);
  const std::vector<std::int32_t> labels = labels_of(pair, train);
  const std::vector<float> targets(labels.begin(), labels.end());
  const BoostedTrees trees(part(features, train), targets, {});

  const TreeFeatures unseen = part(features, test);
  const std::vector<float> guesses = trees.predict(unseen);
  const Auc told = auc(std::vector<double>(guesses.begin(), guesses.end()), labels_of(pair, test));
  out.auc = told.value;
  out.standard_error = told.standard_error;
  const TreeFeatures explained =
      part(unseen, Draws(options.seed, DrawPurpose::explained).some(unseen.rows, options.explained_rows));
  out.explained_rows = explained.rows;
  out.columns =
      strongest_first(tables, mean_shap(trees, layout, explained, tables.width(), options.threads), options);
  return out;
}

}  // namespace agon::host
