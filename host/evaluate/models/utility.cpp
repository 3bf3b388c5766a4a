#include "host/evaluate/models/utility.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/side_by_side.hpp"
#include "host/evaluate/models/target_model.hpp"
#include "host/evaluate/models/trees/attribution.hpp"
#include "host/evaluate/models/two_tables.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr double kNoShare = std::numeric_limits<double>::quiet_NaN();

TargetScores scores_once(const Judge& judge, std::int64_t rows) {
  return judge(std::vector<std::int32_t>(static_cast<std::size_t>(rows), 1));
}

// Both models' scores of the same bootstrap samples.
struct Resampled {
  std::vector<TargetScores> synthetic, real;  // (bootstraps)
};

Resampled resample(const Judge& synthetic, const Judge& real, std::int64_t rows,
                   const UtilityOptions& options) {
  const auto count = static_cast<std::size_t>(options.bootstraps);
  Resampled out{std::vector<TargetScores>(count), std::vector<TargetScores>(count)};
  std::vector<std::function<void()>> jobs;
  for (std::size_t b = 0; b < count; ++b) {
    jobs.push_back([&, b] {
      Draws draws(options.seed, DrawPurpose::bootstrap, b);
      std::vector<std::int32_t> times(static_cast<std::size_t>(rows));
      for (std::int64_t i = 0; i < rows; ++i) ++times[draws.below(static_cast<std::uint64_t>(rows))];
      out.synthetic[b] = synthetic(times);
      out.real[b] = real(times);
    });
  }
  do_side_by_side(options.threads, jobs);
  return out;
}

double share_of_real(double synthetic, double real) { return real > 0 ? synthetic / real : kNoShare; }

Share share_with_interval(double TargetScores::*score, const Utility& utility, const Resampled& resampled) {
  std::vector<double> shares;
  for (std::size_t b = 0; b < resampled.real.size(); ++b) {
    const double share = share_of_real(resampled.synthetic[b].*score, resampled.real[b].*score);
    if (!std::isnan(share)) shares.push_back(share);
  }
  Share out{share_of_real(utility.synthetic_on_held_out.*score, utility.real_on_held_out.*score), kNoShare,
            kNoShare};
  if (std::isnan(out.value) || shares.empty()) return out;
  std::ranges::sort(shares);
  const double last = static_cast<double>(shares.size() - 1);
  out.low = shares[static_cast<std::size_t>(std::floor(0.025 * last))];
  out.high = shares[static_cast<std::size_t>(std::ceil(0.975 * last))];
  return out;
}

// The real rows to learn from and those held out.
struct Parts {
  RecordSet real, held_out;
};

Parts parts_of(const ComparedTables& tables, const UtilityOptions& options) {
  if (tables.held_out) {
    return {at_most(tables.real, options.most_rows, options.seed, 0),
            at_most(*tables.held_out, options.most_rows, options.seed, 2)};
  }
  const std::vector<std::int64_t> order = Draws(options.seed, DrawPurpose::hold_out).order(tables.real.rows);
  const auto cut = order.begin() + tables.real.rows / 5;
  return {at_most(part(tables.real, {cut, order.end()}), options.most_rows, options.seed, 0),
          at_most(part(tables.real, {order.begin(), cut}), options.most_rows, options.seed, 2)};
}

// Spearman's correlation over all columns but the target; NaN where a model has learnt nothing.
double rank_agreement(const std::vector<double>& a, const std::vector<double>& b, std::int32_t target) {
  if (a.empty() || b.empty()) return kNoShare;
  std::vector<double> of_a = a, of_b = b;
  of_a.erase(of_a.begin() + target);
  of_b.erase(of_b.begin() + target);
  return spearman(of_a, of_b);
}

// The models: of the synthetic rows, of the real ones, and of two halves of these.
struct Models {
  std::array<std::optional<TargetModel>, 4> of;

  Models(const Target& target, const LabelScale& scale, const TreeLayout& layout,
         const TargetTable& synthetic, const TargetTable& real, const UtilityOptions& options) {
    const auto order = Draws(options.seed, DrawPurpose::halves).order(real.records.rows);
    const auto middle = order.begin() + real.records.rows / 2;
    const std::array<TargetTable, 2> halves = {
        target_table(target, layout, part(real.records, {order.begin(), middle})),
        target_table(target, layout, part(real.records, {middle, order.end()}))};
    const std::array<const TargetTable*, 4> tables = {&synthetic, &real, &halves[0], &halves[1]};
    std::vector<std::function<void()>> jobs;
    for (std::size_t m = 0; m < of.size(); ++m)
      jobs.push_back([&, m] { of[m].emplace(target, scale, *tables[m]); });
    do_side_by_side(options.threads, jobs);
  }

  // Mean |SHAP| by column of each model; nothing of one without trees.
  std::array<std::vector<double>, 4> shap(const TreeLayout& layout, const TreeFeatures& features,
                                          std::int64_t columns, int threads) const {
    std::array<std::vector<double>, 4> out;
    for (std::size_t m = 0; m < of.size(); ++m)
      if (of[m]->trees()) out[m] = mean_shap(*of[m]->trees(), layout, features, columns, threads);
    return out;
  }
};

void add_notes(Utility& utility, const ComparedTables& tables, const UtilityOptions& options) {
  if (!utility.held_out_given)
    utility.notes.push_back(
        "no held-out table: a fifth of the real rows is held out; the generator may have learnt from them");
  const std::int64_t most = std::max(tables.real.rows, tables.synthetic.rows);
  if (most > options.most_rows)
    utility.notes.push_back(
        fmt::format("at most {} rows of a table, drawn at random, are used", options.most_rows));
  for (const std::string& name : options.left_out)
    utility.notes.push_back(fmt::format("{} is not learnt from: in the real table it gives {} away",
                                        printable(name), printable(options.target)));
  if (utility.synthetic.used == 0)
    utility.notes.push_back(
        "no synthetic row has a value of the target: the guess is always the commonest class, or the mean");
}

}  // namespace

Utility measure_utility(const ComparedTables& tables, const UtilityOptions& options) {
  const Target target = find_target(tables, options.target);
  const LabelScale scale = label_scale(target, tables.real);
  const TreeLayout layout(tables, target.column);
  const Parts parts = parts_of(tables, options);
  const TargetTable real = target_table(target, layout, parts.real);
  const TargetTable held_out = target_table(target, layout, parts.held_out);
  const TargetTable synthetic =
      target_table(target, layout, at_most(tables.synthetic, options.most_rows, options.seed, 1));
  if (real.records.rows < 2 || held_out.records.rows < 1)
    throw DataError("--target: too few real rows have a value of " + options.target +
                    " to learn it and to test");

  Utility out;
  out.target = options.target;
  out.is_class = target.is_class;
  out.classes = target.classes;
  out.rarer = target.rarer;
  out.held_out_given = tables.held_out.has_value();
  out.real = {real.records.rows, real.without_target};
  out.synthetic = {synthetic.records.rows, synthetic.without_target};
  out.held_out = {held_out.records.rows, held_out.without_target};
  add_notes(out, tables, options);

  const Models models(target, scale, layout, synthetic, real, options);
  const Judge of_synthetic = models.of[0]->judge(held_out), of_real = models.of[1]->judge(held_out);
  out.synthetic_on_held_out = scores_once(of_synthetic, held_out.records.rows);
  out.real_on_held_out = scores_once(of_real, held_out.records.rows);
  out.real_on_synthetic = scores_once(models.of[1]->judge(synthetic), synthetic.records.rows);
  const Resampled resampled = resample(of_synthetic, of_real, held_out.records.rows, options);
  out.auc = share_with_interval(&TargetScores::auc, out, resampled);
  out.f1_macro = share_with_interval(&TargetScores::f1_macro, out, resampled);
  out.f1_rarer = share_with_interval(&TargetScores::f1_rarer, out, resampled);
  out.r2 = share_with_interval(&TargetScores::r2, out, resampled);

  const TreeFeatures explained =
      part(held_out.features,
           Draws(options.seed, DrawPurpose::explained).some(held_out.records.rows, options.explained_rows));
  const auto shap = models.shap(layout, explained, tables.width(), options.threads);
  out.column_ranks = rank_agreement(shap[0], shap[1], target.column);
  out.column_ranks_floor = rank_agreement(shap[2], shap[3], target.column);
  constexpr std::int64_t kFewestRanked = 20;
  if (std::min({real.records.rows, synthetic.records.rows, held_out.records.rows}) >= kFewestRanked)
    out.models = rank_models(tables, target, scale, real.records, synthetic.records, held_out.records,
                             {.seed = options.seed, .threads = options.threads});
  return out;
}

}  // namespace agon::host
