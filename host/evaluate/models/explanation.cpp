#include "host/evaluate/models/explanation.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/difference_in_words.hpp"
#include "host/evaluate/models/trees/attribution.hpp"

namespace agon::host {
namespace {

// (columns, columns) of mean_interactions, and what is strongest there.
struct Interactions {
  std::vector<double> of;
  std::size_t columns = 0;

  /// The other columns, those that go with `column` most first; none of those that do not go with it.
  std::vector<std::size_t> partners(std::size_t column) const {
    std::vector<std::size_t> out;
    for (std::size_t c = 0; c < columns; ++c)
      if (c != column && of[column * columns + c] > 0) out.push_back(c);
    std::ranges::stable_sort(out, std::ranges::greater{},
                             [&](std::size_t c) { return of[column * columns + c]; });
    return out;
  }
};

constexpr std::size_t kPartners = 3;  // that are looked at of a column

// Of a column by itself, else of it with another one.
Difference words_of(const ComparedTables& tables, std::size_t c, const Interactions& interactions,
                    const ExplanationOptions& options) {
  const auto column = static_cast<std::int64_t>(c);
  SpellNumber spell;
  if (options.spell) spell = [&](double x) { return options.spell(column, x); };
  Difference difference =
      difference_in_words(tables.columns[c], tables.real.columns[c], tables.synthetic.columns[c], spell);
  if (!difference.words.empty()) return difference;
  std::vector<std::size_t> partners = interactions.partners(c);
  partners.resize(std::min(partners.size(), kPartners));
  for (const std::size_t partner : partners) {
    difference = pair_in_words(tables, column, static_cast<std::int64_t>(partner), options.spell);
    if (difference.words.empty()) continue;
    difference.words = "alike by itself; " + difference.words;
    return difference;
  }
  return {"alike by itself and with the columns that it goes with: what tells is finer, or chance"};
}

std::vector<Telltale> strongest_first(const ComparedTables& tables, const std::vector<double>& shap,
                                      const Interactions& interactions, const ExplanationOptions& options) {
  const double total = std::accumulate(shap.begin(), shap.end(), 0.0);
  std::vector<std::size_t> order(shap.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t c) { return shap[c]; });
  std::vector<Telltale> columns;
  for (const std::size_t c : order) {
    Telltale telltale{tables.columns[c].name, shap[c], total > 0 ? shap[c] / total : 0, {}, 0, 0};
    if (std::ssize(columns) < options.words) {
      const Difference difference = words_of(tables, c, interactions, options);
      telltale.words = difference.words;
      telltale.real_share = difference.real_share;
      telltale.synthetic_share = difference.synthetic_share;
    }
    columns.push_back(std::move(telltale));
  }
  return columns;
}

std::vector<TellingPair> strongest_pairs(const ComparedTables& tables, const Interactions& interactions,
                                         const ExplanationOptions& options) {
  struct Place {
    std::size_t first, second;
    double strength;
  };
  std::vector<Place> places;
  double total = 0;
  for (std::size_t a = 0; a < interactions.columns; ++a)
    for (std::size_t b = a + 1; b < interactions.columns; ++b) {
      places.push_back({a, b, interactions.of[a * interactions.columns + b]});
      total += places.back().strength;
    }
  std::ranges::stable_sort(places, std::ranges::greater{}, &Place::strength);
  places.resize(std::min(places.size(), 2 * static_cast<std::size_t>(options.pair_words)));
  std::vector<TellingPair> pairs;
  for (const auto& [a, b, strength] : places) {
    if (strength <= 0 || std::ssize(pairs) == options.pair_words) break;
    const Difference difference =
        pair_in_words(tables, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b), options.spell);
    if (difference.words.empty()) continue;
    pairs.push_back({tables.columns[a].name, tables.columns[b].name, strength, strength / total,
                     difference.words, difference.real_share, difference.synthetic_share});
  }
  return pairs;
}

}  // namespace

Explanation explain_detection(const ComparedTables& tables, const DetectionModel& model,
                              const ExplanationOptions& options) {
  Explanation out;
  out.auc = out.standard_error = std::numeric_limits<double>::quiet_NaN();
  if (model.trees.empty()) return out;
  out.auc = model.told[0].value;
  out.standard_error = model.told[0].standard_error;
  const TreeFeatures unseen = part(model.features, model.pair.rows_of(0, true));
  const auto some = [&](std::int64_t rows) {
    return part(unseen, Draws(options.seed, DrawPurpose::explained).some(unseen.rows, rows));
  };
  const TreeFeatures explained = some(options.explained_rows);
  out.explained_rows = explained.rows;
  const TreeFeatures by_pair = some(std::clamp<std::int64_t>(
      options.explained_pairs / std::max<std::int64_t>(unseen.width, 1), 20, options.explained_rows));
  const Interactions interactions{
      mean_interactions(model.trees[0], *model.layout, by_pair, tables.width(), options.threads),
      tables.columns.size()};
  const std::vector<double> shap =
      mean_shap(model.trees[0], *model.layout, explained, tables.width(), options.threads);
  out.columns = strongest_first(tables, shap, interactions, options);
  out.pairs = strongest_pairs(tables, interactions, options);
  return out;
}

}  // namespace agon::host
