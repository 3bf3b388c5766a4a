#include "host/evaluate/models/model_ranking.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/logistic.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/side_by_side.hpp"
#include "host/evaluate/models/two_tables.hpp"

namespace agon::host {
namespace {

struct ModelKind {
  const char* name;
  TreeSettings settings;
};

std::vector<ModelKind> model_kinds() {
  using Booster = TreeSettings::Booster;
  return {{"boosted trees", {}},
          {"boosted stumps", {.rounds = 200, .depth = 1}},
          {"forest", {.booster = Booster::forest, .rounds = 100, .depth = 8}},
          {"single tree", {.rounds = 1, .depth = 4, .rate = 1}},
          {"linear model", {.booster = Booster::linear, .rounds = 30}}};
}

enum Learnt : std::size_t { kOfReal, kOfSynthetic, kOfFirstHalf, kOfSecondHalf, kTables };

/// Dense rows first, ..., first + count - 1.
TreeFeatures dense(const SparseRows& rows, std::int64_t first, std::int64_t count) {
  TreeFeatures out{count, rows.width, {}, std::vector<std::uint8_t>(static_cast<std::size_t>(rows.width))};
  out.values.resize(static_cast<std::size_t>(count * rows.width));
  for (std::int64_t row = 0; row < count; ++row)
    for (auto e = rows.starts[static_cast<std::size_t>(first + row)];
         e < rows.starts[static_cast<std::size_t>(first + row + 1)]; ++e) {
      const auto entry = static_cast<std::size_t>(e);
      out.values[static_cast<std::size_t>(row * rows.width + rows.places[entry])] =
          static_cast<float>(rows.values[entry]);
    }
  return out;
}

// The tables to learn from and the held-out rows, as trees and as linear models take them.
struct Lessons {
  std::array<TargetTable, kTables> trees, linear;
  TargetTable held_out_trees, held_out_linear;

  Lessons(const ComparedTables& tables, const Target& target, const RecordSet& real,
          const RecordSet& synthetic, const RecordSet& held_out, std::uint64_t seed) {
    const auto order = Draws(seed, DrawPurpose::model_ranks).order(real.rows);
    const auto middle = order.begin() + real.rows / 2;
    const RecordSet halves[] = {part(real, {order.begin(), middle}), part(real, {middle, order.end()})};
    const std::array<const RecordSet*, kTables + 1> all{&real, &synthetic, &halves[0], &halves[1], &held_out};
    const TreeLayout layout(tables, target.column);
    const SparseRows rows = logistic_rows(tables, all, target.column);
    std::int64_t first = 0;
    const auto take = [&](const RecordSet& records, TargetTable& of_trees, TargetTable& of_linear) {
      of_trees = target_table(target, layout, records);
      of_linear.records = of_trees.records;
      of_linear.features = dense(rows, first, records.rows);
      first += records.rows;
    };
    for (std::size_t t = 0; t < kTables; ++t) take(*all[t], trees[t], linear[t]);
    take(held_out, held_out_trees, held_out_linear);
  }
};

using Judges = std::array<Judge, kTables>;

std::vector<Judges> learn(const Lessons& lessons, const Target& target, const LabelScale& scale,
                          const RankingOptions& options) {
  const std::vector<ModelKind> kinds = model_kinds();
  std::vector<Judges> judges(kinds.size());
  std::vector<std::function<void()>> jobs;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const bool linear = kinds[k].settings.booster == TreeSettings::Booster::linear;
    for (std::size_t t = 0; t < kTables; ++t)
      jobs.push_back([&, k, t, linear] {
        const TargetModel model(target, scale, linear ? lessons.linear[t] : lessons.trees[t],
                                kinds[k].settings);
        judges[k][t] = model.judge(linear ? lessons.held_out_linear : lessons.held_out_trees);
      });
  }
  do_side_by_side(options.threads, jobs);
  return judges;
}

// (models) of each, how often each held-out row counts.
std::vector<double> scores_of(const std::vector<Judges>& judges, Learnt table, bool is_class,
                              const std::vector<std::int32_t>& times) {
  std::vector<double> out;
  for (const Judges& model : judges) {
    const TargetScores scores = model[table](times);
    out.push_back(is_class ? scores.auc : scores.r2);
  }
  return out;
}

std::size_t best_model(const std::vector<double>& scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

// Of the models of `truth`, the best less `chosen`'s, with its interval. In each sample the best is the one
// that is the best of all rows: who takes the best of each sample finds a loss where there is none.
ModelChoice judge_choice(const std::vector<Judges>& judges, Learnt truth, Learnt adviser, bool is_class,
                         std::int64_t rows, const RankingOptions& options) {
  const std::vector<std::int32_t> once(static_cast<std::size_t>(rows), 1);
  const std::vector<double> scores = scores_of(judges, truth, is_class, once);
  ModelChoice out;
  out.best = best_model(scores);
  out.chosen = best_model(scores_of(judges, adviser, is_class, once));
  out.loss = scores[out.best] - scores[out.chosen];
  if (out.best == out.chosen) return out;
  std::vector<double> losses(static_cast<std::size_t>(options.bootstraps));
  std::vector<std::function<void()>> jobs;
  for (std::size_t b = 0; b < losses.size(); ++b)
    jobs.push_back([&, b] {
      Draws draws(options.seed, DrawPurpose::bootstrap, b);
      std::vector<std::int32_t> times(once.size());
      for (std::size_t i = 0; i < times.size(); ++i) ++times[draws.below(times.size())];
      const auto score = [&](std::size_t model) {
        const TargetScores all = judges[model][truth](times);
        return is_class ? all.auc : all.r2;
      };
      losses[b] = score(out.best) - score(out.chosen);
    });
  do_side_by_side(options.threads, jobs);
  std::ranges::sort(losses);
  out.interval = {quantile(losses, 0.025), quantile(losses, 0.975)};
  return out;
}

RankAgreement ranks_agree(const std::vector<double>& a, const std::vector<double>& b) {
  return {spearman(a, b), kendall(a, b)};
}

}  // namespace

ModelRanking rank_models(const ComparedTables& tables, const Target& target, const LabelScale& scale,
                         const RecordSet& real, const RecordSet& synthetic, const RecordSet& held_out,
                         const RankingOptions& options) {
  // As many of either: who learns from more rows ranks models otherwise.
  const std::int64_t rows = std::min({real.rows, synthetic.rows, options.most_rows});
  const RecordSet tested = at_most(held_out, options.most_held_out, options.seed, 11);
  const Lessons lessons(tables, target, at_most(real, rows, options.seed, 9),
                        at_most(synthetic, rows, options.seed, 10), tested, options.seed);
  std::vector<Judges> judges = learn(lessons, target, scale, options);
  const std::vector<std::int32_t> once(static_cast<std::size_t>(tested.rows), 1);
  const auto scores = [&](Learnt table) { return scores_of(judges, table, target.is_class, once); };

  ModelRanking out;
  out.is_class = target.is_class;
  out.rows = rows;
  out.held_out = tested.rows;
  std::vector<ModelKind> kinds = model_kinds();
  std::vector<std::size_t> order(kinds.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::vector<double> of_real = scores(kOfReal);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t k) { return of_real[k]; });
  std::vector<Judges> sorted;
  for (const std::size_t k : order) sorted.push_back(std::move(judges[k]));
  judges = std::move(sorted);
  const std::vector<double> real_scores = scores(kOfReal), synthetic_scores = scores(kOfSynthetic),
                            first = scores(kOfFirstHalf), second = scores(kOfSecondHalf);
  for (std::size_t i = 0; i < order.size(); ++i)
    out.models.push_back({kinds[order[i]].name, real_scores[i], synthetic_scores[i], {first[i], second[i]}});
  out.synthetic = ranks_agree(real_scores, synthetic_scores);
  out.floor = ranks_agree(first, second);
  out.by_synthetic = judge_choice(judges, kOfReal, kOfSynthetic, target.is_class, tested.rows, options);
  out.by_half = judge_choice(judges, kOfSecondHalf, kOfFirstHalf, target.is_class, tested.rows, options);
  return out;
}

}  // namespace agon::host
