#include "host/evaluate/models/named_bins.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/evaluate/models/told_shares.hpp"
#include "host/evaluate/rates.hpp"
#include "host/evaluate/tables/level_counts.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kMostNamedLevels = 12;
constexpr int kNamedRanges = 10;

// Where levels and cells without a value go.
struct LevelBins {
  std::vector<std::size_t> of_level;
  std::size_t none = 0;
};

// Bins of the commonest levels, of the other ones, and of no value.
LevelBins add_level_bins(NamedBins& bins, const ComparedColumn& column, const ComparedCells& real) {
  std::vector<std::int64_t> counts = level_counts(real, column.levels.size());
  const std::vector<std::size_t> order = commonest_first(counts);
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

// Ranges of numbers; where most are one number: below, at and above it. Returns where they meet.
std::vector<double> add_ranges(NamedBins& bins, const std::vector<double>& numbers,
                               const SpellNumber& spell) {
  if (numbers.empty()) return {};
  std::vector<double> ends = round_ends(numbers, kNamedRanges);
  if (ends.empty()) {
    const double commonest = quantile(numbers, 0.5);
    const std::string name = spelled(commonest, spell);
    bins.names = {"below " + name, name, "above " + name};
    bins.ends = {name, name};
    bins.below = {"below " + name, name + " or below"};
    bins.above = {name + " or more", "above " + name};
    ends = {commonest, std::nextafter(commonest, std::numeric_limits<double>::infinity())};
  } else {
    for (const double end : ends) {
      bins.ends.push_back(spelled(end, spell));
      bins.below.push_back("below " + bins.ends.back());
      bins.above.push_back(bins.ends.back() + " or more");
    }
    bins.names.push_back(bins.below[0]);
    for (std::size_t i = 1; i < ends.size(); ++i)
      bins.names.push_back("from " + bins.ends[i - 1] + " to below " + bins.ends[i]);
    bins.names.push_back(bins.above.back());
  }
  bins.ranges = bins.names.size();
  return ends;
}

}  // namespace

NamedBins named_bins(const ComparedColumn& column, const ComparedCells& real, const ComparedCells& synthetic,
                     const SpellNumber& spell) {
  NamedBins bins;
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
  bins.used.resize(bins.names.size());
  for (const std::vector<std::size_t>* rows : {&bins.real, &bins.synthetic})
    for (const std::size_t bin : *rows) bins.used[bin] = true;
  return bins;
}

}  // namespace agon::host
