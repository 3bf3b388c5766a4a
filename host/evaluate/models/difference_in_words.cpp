#include "host/evaluate/models/difference_in_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/evaluate/models/round_ends.hpp"
#include "host/evaluate/models/told_shares.hpp"
#include "host/evaluate/rates.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

std::int64_t count_below(const std::vector<double>& sorted, double end) {
  return std::ranges::lower_bound(sorted, end) - sorted.begin();
}

// Levels, marks and cells without a value.
CommonRows most_different_level(const ComparedColumn& column, const ComparedCells& real,
                                const ComparedCells& synthetic, const ToldShares& shares) {
  std::vector<CommonRows> levels;
  for (const std::string& level : column.levels) levels.push_back({in_quotes(level)});
  levels.push_back({"no value"});
  const auto of = [&](std::int32_t level) -> CommonRows& {
    return level == ComparedCells::kNone ? levels.back() : levels[static_cast<std::size_t>(level)];
  };
  for (const std::int32_t level : real.levels)
    if (level != ComparedCells::kNumber) ++of(level).real;
  for (const std::int32_t level : synthetic.levels)
    if (level != ComparedCells::kNumber) ++of(level).synthetic;
  CommonRows best;
  for (const CommonRows& level : levels) shares.keep(best, level);
  return best;
}

// A single number. Walks through the distinct numbers of both tables, upwards.
CommonRows most_different_number(const std::vector<double>& real, const std::vector<double>& synthetic,
                                 const ToldShares& shares, const SpellNumber& spell) {
  CommonRows best;
  double of_best = 0;
  for (std::size_t r = 0, s = 0; r < real.size() || s < synthetic.size();) {
    const double number =
        s == synthetic.size() || (r < real.size() && real[r] < synthetic[s]) ? real[r] : synthetic[s];
    CommonRows here;
    for (; r < real.size() && real[r] == number; ++r) ++here.real;
    for (; s < synthetic.size() && synthetic[s] == number; ++s) ++here.synthetic;
    const double before = shares.difference(best);
    shares.keep(best, here);
    if (shares.difference(best) > before) of_best = number;
  }
  best.what = spelled(of_best, spell);
  return best;
}

// A range between two ends, or beyond one.
CommonRows most_different_range(const std::vector<double>& real, const std::vector<double>& synthetic,
                                const ToldShares& shares, const SpellNumber& spell) {
  CommonRows best;
  const std::vector<double> ends = round_ends(real, 20);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::int64_t real_below = count_below(real, ends[i]), below = count_below(synthetic, ends[i]);
    shares.keep(best, {"below " + spelled(ends[i], spell), real_below, below});
    shares.keep(best, {spelled(ends[i], spell) + " or more", std::ssize(real) - real_below,
                       std::ssize(synthetic) - below});
    for (std::size_t j = i + 1; j < ends.size(); ++j) {
      shares.keep(best, {"from " + spelled(ends[i], spell) + " to below " + spelled(ends[j], spell),
                         count_below(real, ends[j]) - real_below, count_below(synthetic, ends[j]) - below});
    }
  }
  return best;
}

// "; median 37, 36", where both have numbers enough.
std::string medians(const std::vector<double>& real, const std::vector<double>& synthetic,
                    const SpellNumber& spell) {
  if (std::ssize(real) < 2 * ToldShares::kFewestRows || synthetic.empty()) return {};
  const double step = rounding_step(real);
  if (step == 0) return {};
  return fmt::format("; median {}, {}", spelled(to_step(quantile(real, 0.5), step), spell),
                     spelled(to_step(quantile(synthetic, 0.5), step), spell));
}

}  // namespace

Difference difference_in_words(const ComparedColumn& column, const ComparedCells& real,
                               const ComparedCells& synthetic, const SpellNumber& spell) {
  if (!column.in_synthetic) return {"the synthetic table lacks the column"};
  const ToldShares shares(std::ssize(real.levels), std::ssize(synthetic.levels));
  CommonRows best = most_different_level(column, real, synthetic, shares);
  std::string middle;
  const std::vector<double> numbers = sorted_numbers(real), drawn = sorted_numbers(synthetic);
  if (!numbers.empty()) {
    shares.keep(best, most_different_number(numbers, drawn, shares, spell));
    // A range holds single values, so it differs a little more than they do; a single value says more.
    const CommonRows range = most_different_range(numbers, drawn, shares, spell);
    if (shares.difference(range) > 1.25 * shares.difference(best)) {
      best = range;
      middle = medians(numbers, drawn, spell);
    }
  }
  // Three standard errors: the most different of many is taken.
  if (best.what.empty() || shares.difference(best) <= 3 * shares.standard_error(best)) return {};
  return {shares.words(best) + middle, shares.real(best), shares.synthetic(best)};
}

}  // namespace agon::host
