// In what two columns of two tables differ most.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "host/evaluate/models/difference_in_words.hpp"
#include "host/evaluate/models/told_shares.hpp"
#include "host/evaluate/rates.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kMostNamedLevels = 12;
constexpr int kRanges = 10;

// A column's cells, each in one bin.
struct Bins {
  std::vector<std::string> names;
  std::vector<std::size_t> real, synthetic;  // (rows) the bin of each
};

// Where levels and cells without a value go.
struct LevelBins {
  std::vector<std::size_t> of_level;
  std::size_t none = 0;
};

// Bins of the commonest levels, of the other ones, and of no value.
LevelBins add_level_bins(Bins& bins, const ComparedColumn& column, const ComparedCells& real) {
  std::vector<std::int64_t> counts(column.levels.size());
  for (const std::int32_t level : real.levels)
    if (level >= 0) ++counts[static_cast<std::size_t>(level)];
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t level) { return counts[level]; });
  LevelBins out{std::vector<std::size_t>(counts.size()), 0};
  for (std::size_t i = 0;
       i < order.size() && i < kMostNamedLevels && counts[order[i]] >= ToldShares::kFewestRows; ++i) {
    out.of_level[order[i]] = bins.names.size();
    bins.names.push_back(in_quotes(column.levels[order[i]]));
    counts[order[i]] = -1;
  }
  for (const std::size_t level : order)
    if (counts[level] >= 0) out.of_level[level] = bins.names.size();
  bins.names.push_back("another value");
  out.none = bins.names.size();
  bins.names.push_back("no value");
  return out;
}

// Ranges of numbers; where most are one number: below, at and above it.
std::vector<double> add_ranges(Bins& bins, const std::vector<double>& numbers, const SpellNumber& spell) {
  if (numbers.empty()) return {};
  std::vector<double> ends = round_ends(numbers, kRanges);
  if (ends.empty()) {
    const double commonest = quantile(numbers, 0.5);
    const std::string name = spelled(commonest, spell);
    bins.names = {"below " + name, name, "above " + name};
    return {commonest, std::nextafter(commonest, std::numeric_limits<double>::infinity())};
  }
  bins.names.push_back("below " + spelled(ends[0], spell));
  for (std::size_t i = 1; i < ends.size(); ++i)
    bins.names.push_back("from " + spelled(ends[i - 1], spell) + " to below " + spelled(ends[i], spell));
  bins.names.push_back(spelled(ends.back(), spell) + " or more");
  return ends;
}

Bins bins_of(const ComparedColumn& column, const ComparedCells& real, const ComparedCells& synthetic,
             const SpellNumber& spell) {
  Bins bins;
  const std::vector<double> ends = add_ranges(bins, sorted_numbers(real), spell);
  const LevelBins levels = add_level_bins(bins, column, real);
  const auto fill = [&](std::vector<std::size_t>& out, const ComparedCells& cells) {
    for (std::size_t row = 0; row < cells.levels.size(); ++row) {
      const std::int32_t level = cells.levels[row];
      if (level == ComparedCells::kNone)
        out.push_back(levels.none);
      else if (level == ComparedCells::kNumber)
        out.push_back(
            static_cast<std::size_t>(std::ranges::upper_bound(ends, cells.numbers[row]) - ends.begin()));
      else
        out.push_back(levels.of_level[static_cast<std::size_t>(level)]);
    }
  };
  fill(bins.real, real);
  fill(bins.synthetic, synthetic);
  return bins;
}

// How far two columns' joint shares are apart, beyond what chance makes of tables that are alike, and the
// pair of bins that differs most.
struct PairDifference {
  double excess = 0;
  CommonRows most;
};

PairDifference compare_bins(const Bins& a, const Bins& b, const std::string& name_of_b,
                            const ToldShares& shares) {
  std::vector<CommonRows> cells(a.names.size() * b.names.size());
  const auto cell = [&](std::size_t i, std::size_t j) -> CommonRows& {
    return cells[i * b.names.size() + j];
  };
  for (std::size_t row = 0; row < a.real.size(); ++row) ++cell(a.real[row], b.real[row]).real;
  for (std::size_t row = 0; row < a.synthetic.size(); ++row)
    ++cell(a.synthetic[row], b.synthetic[row]).synthetic;
  PairDifference out;
  std::size_t most = cells.size();
  double difference = 0;  // of cells[most]
  for (std::size_t i = 0; i < cells.size(); ++i) {
    // The mean of |x| of a normal x is sqrt(2 / pi) standard errors.
    out.excess +=
        (shares.difference(cells[i]) - std::sqrt(2 / std::numbers::pi) * shares.standard_error(cells[i])) / 2;
    if (!shares.may_be_told(cells[i]) || shares.difference(cells[i]) <= difference) continue;
    most = i;
    difference = shares.difference(cells[i]);
  }
  if (most == cells.size()) return {};
  out.most = cells[most];
  out.most.what = fmt::format("{} with {} {}", a.names[most / b.names.size()], printable(name_of_b, 32),
                              b.names[most % b.names.size()]);
  return out;
}

}  // namespace

Difference pair_in_words(const ComparedTables& tables, std::int64_t column,
                         const std::function<std::string(std::int64_t column, double value)>& spell) {
  const ToldShares shares(tables.real.rows, tables.synthetic.rows);
  const auto bins = [&](std::size_t c) {
    SpellNumber spell_of_column;
    if (spell) spell_of_column = [&spell, c](double x) { return spell(static_cast<std::int64_t>(c), x); };
    return bins_of(tables.columns[c], tables.real.columns[c], tables.synthetic.columns[c], spell_of_column);
  };
  const auto own = static_cast<std::size_t>(column);
  const Bins of_column = bins(own);
  PairDifference best;
  for (std::size_t c = 0; c < tables.columns.size(); ++c) {
    if (c == own || !tables.columns[c].in_synthetic) continue;
    const PairDifference other = compare_bins(of_column, bins(c), tables.columns[c].name, shares);
    if (other.excess > best.excess) best = other;
  }
  // Four standard errors: the most different of hundreds is taken.
  if (best.most.what.empty() || shares.difference(best.most) <= 4 * shares.standard_error(best.most))
    return {};
  return {shares.words(best.most), shares.real(best.most), shares.synthetic(best.most)};
}

}  // namespace agon::host
