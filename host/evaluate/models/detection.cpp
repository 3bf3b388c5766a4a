#include "host/evaluate/models/detection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/logistic.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/side_by_side.hpp"
#include "host/evaluate/models/trees/boosted_trees.hpp"
#include "host/evaluate/models/two_tables.hpp"

namespace agon::host {
namespace {

BoostedTrees trees_of(const TwoTables& pair, const TreeFeatures& features, int fold) {
  const auto train = pair.rows_of(fold, false);
  const std::vector<std::int32_t> labels = labels_of(pair, train);
  return {part(features, train), std::vector<float>(labels.begin(), labels.end()), {}};
}

Auc auc_of_trees(const BoostedTrees& trees, const TwoTables& pair, const TreeFeatures& features, int fold) {
  const auto test = pair.rows_of(fold, true);
  const std::vector<float> guesses = trees.predict(part(features, test));
  return auc(std::vector<double>(guesses.begin(), guesses.end()), labels_of(pair, test));
}

Auc auc_of_logistic(const TwoTables& pair, const SparseRows& rows, int fold) {
  const auto train = pair.rows_of(fold, false), test = pair.rows_of(fold, true);
  const LogisticModel model = fit_logistic(rows, train, pair.labels);
  return auc(model.decide(rows, test), labels_of(pair, test));
}

// Two tables, made ready for both models, and what each fold of each model says.
struct Comparison {
  TwoTables pair;
  TreeFeatures features;
  SparseRows rows;
  std::vector<Auc> trees, logistic;                 // (folds)
  std::optional<TreeLayout> layout;                 // none where there are no folds
  std::vector<std::optional<BoostedTrees>> models;  // (folds)

  Comparison(const ComparedTables& tables, RecordSet first, RecordSet second, const DetectionOptions& options)
      : pair(pair_up(std::move(first), std::move(second), options.folds, options.seed)),
        trees(static_cast<std::size_t>(pair.folds)),
        logistic(static_cast<std::size_t>(pair.folds)),
        models(static_cast<std::size_t>(pair.folds)) {
    if (pair.folds == 0) return;
    layout.emplace(tables);
    features = stacked(layout->features_of(pair.first), layout->features_of(pair.second));
    rows = logistic_rows(tables, std::array<const RecordSet*, 2>{&pair.first, &pair.second});
  }

  void add_jobs(std::vector<std::function<void()>>& jobs) {
    for (int fold = 0; fold < pair.folds; ++fold) {
      const auto at = static_cast<std::size_t>(fold);
      jobs.push_back([this, fold, at] {
        models[at] = trees_of(pair, features, fold);
        trees[at] = auc_of_trees(*models[at], pair, features, fold);
      });
      jobs.push_back([this, fold, at] { logistic[at] = auc_of_logistic(pair, rows, fold); });
    }
  }

  void move_to(DetectionModel& model) {
    for (std::optional<BoostedTrees>& one : models) model.trees.push_back(std::move(*one));
    model.layout = std::move(layout);
    model.pair = std::move(pair);
    model.features = std::move(features);
    model.told = std::move(trees);
  }

  Distinction of(const std::vector<Auc>& folds) const {
    Distinction out{pair.first.rows, pair.second.rows, 0, 0, 0};
    double excess = 0, variance = 0;
    for (const Auc& fold : folds) {
      out.auc += fold.value;
      excess += 2 * std::max(0.5, fold.value) - 1;
      variance += fold.standard_error * fold.standard_error;
    }
    const auto count = static_cast<double>(folds.size());  // 0: all become NaN
    out.auc /= count;
    out.standard_error = std::sqrt(variance) / count;
    out.c2st = 1 - excess / count;
    return out;
  }
};

// What the floor compares: held-out with real rows, or one half of the real rows with the other.
std::pair<RecordSet, RecordSet> floor_tables(const RecordSet& real, const RecordSet* held_out,
                                             std::uint64_t seed) {
  if (held_out) {
    const std::int64_t rows = std::min(real.rows, held_out->rows);
    return {at_most(*held_out, rows, seed, 3), at_most(real, rows, seed, 4)};
  }
  const std::vector<std::int64_t> order = Draws(seed, DrawPurpose::halves).order(real.rows);
  const auto middle = order.begin() + real.rows / 2;
  return {part(real, {order.begin(), middle}), part(real, {middle, order.end()})};
}

void note_rows(std::vector<std::string>& notes, const char* name, std::int64_t rows, std::int64_t most) {
  if (rows > most)
    notes.push_back(fmt::format("{} of {} {} rows, drawn at random, are used", most, rows, name));
}

void note_copies(std::vector<std::string>& notes, const char* model, const Distinction& told) {
  if (told.auc < 0.5 - 4 * told.standard_error)
    notes.push_back(
        fmt::format("{}: an AUC below 0.5 by more than chance: the synthetic table repeats the real one's "
                    "rows or values, more than a second sample would",
                    model));
}

}  // namespace

Detection detect(const ComparedTables& tables, const DetectionOptions& options, DetectionModel* model) {
  const RecordSet real = at_most(tables.real, options.most_rows, options.seed, 0);
  const RecordSet synthetic = at_most(tables.synthetic, options.most_rows, options.seed, 1);
  Detection out;
  note_rows(out.notes, "real", tables.real.rows, options.most_rows);
  note_rows(out.notes, "synthetic", tables.synthetic.rows, options.most_rows);
  std::optional<RecordSet> held_out;
  std::optional<Comparison> against_held_out;
  if (tables.held_out) {
    note_rows(out.notes, "held-out", tables.held_out->rows, options.most_rows);
    held_out = at_most(*tables.held_out, options.most_rows, options.seed, 2);
    const std::int64_t rows = std::min(held_out->rows, synthetic.rows);
    against_held_out.emplace(tables, at_most(*held_out, rows, options.seed, 5),
                             at_most(synthetic, rows, options.seed, 6), options);
  }
  out.floor_of_halves = !held_out;
  auto [first, second] = floor_tables(real, held_out ? &*held_out : nullptr, options.seed);
  Comparison against_real(tables, real, synthetic, options);
  Comparison floor(tables, std::move(first), std::move(second), options);
  if (against_real.pair.folds == 0 || floor.pair.folds == 0)
    out.notes.push_back("a table has fewer than two rows: nothing can be told from it");

  std::vector<std::function<void()>> jobs;
  against_real.add_jobs(jobs);
  if (against_held_out) against_held_out->add_jobs(jobs);
  floor.add_jobs(jobs);
  do_side_by_side(options.threads, jobs);

  out.trees = {against_real.of(against_real.trees), {}, floor.of(floor.trees)};
  out.logistic = {against_real.of(against_real.logistic), {}, floor.of(floor.logistic)};
  note_copies(out.notes, "boosted trees", out.trees.synthetic);
  note_copies(out.notes, "logistic model", out.logistic.synthetic);
  if (against_held_out) {
    out.trees.held_out = against_held_out->of(against_held_out->trees);
    out.logistic.held_out = against_held_out->of(against_held_out->logistic);
  }
  if (model != nullptr) against_real.move_to(*model);
  return out;
}

}  // namespace agon::host
