#include "host/report/evaluation/marginals.hpp"

#include <algorithm>
#include <cmath>

#include "host/evaluate/models/round_ends.hpp"
#include "host/evaluate/tables/level_counts.hpp"
#include "host/report/axis.hpp"

namespace agon::host {
namespace {

constexpr int kRanges = 24;
constexpr std::size_t kLevels = 12;

double share_of_rows(std::int64_t count, std::size_t rows) {
  return rows == 0 ? 0 : static_cast<double>(count) / static_cast<double>(rows);
}
double shown_share(std::int64_t count, std::size_t rows) {
  return count < kFewestShown ? 0 : share_of_rows(count, rows);
}

bool whole(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return number == std::floor(number); });
}

/// Round ends of equal ranges over the middle 99%, and at least five numbers off either end.
std::vector<double> round_edges(const std::vector<double>& sorted) {
  const auto n = static_cast<std::int64_t>(sorted.size());
  if (n < 2 * kFewestShown) return {};
  const auto off = static_cast<std::size_t>(std::max(kFewestShown - 1, n / 200));
  const double low = sorted[off], high = sorted[sorted.size() - 1 - off];
  if (!whole(sorted) || high - low >= kRanges) return make_axis(low, high, kRanges, true).ticks;
  std::vector<double> edges;  // a range for each number
  for (double edge = low; edge <= high + 1; ++edge) edges.push_back(edge);
  return edges;
}

std::vector<std::int64_t> counts_by_range(const ComparedCells& cells, const std::vector<double>& edges) {
  std::vector<std::int64_t> counts(edges.size() - 1);
  const auto last = static_cast<std::ptrdiff_t>(counts.size()) - 1;
  for (const double number : cells.numbers) {
    if (std::isnan(number)) continue;
    const std::ptrdiff_t above = std::ranges::upper_bound(edges, number) - edges.begin();
    ++counts[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(above - 1, 0, last))];
  }
  return counts;
}

std::int64_t count_of(const ComparedCells& cells, std::int32_t what) {
  return std::ranges::count(cells.levels, what);
}

void add_number_bars(const ComparedCells& real, const ComparedCells& synthetic, Marginal& out) {
  out.edges = round_edges(sorted_numbers(real));
  if (out.edges.size() < 2) return;
  const auto reals = counts_by_range(real, out.edges), synthetics = counts_by_range(synthetic, out.edges);
  for (std::size_t i = 0; i < reals.size(); ++i)
    out.bars.push_back({shown_share(reals[i], real.numbers.size()),
                        share_of_rows(synthetics[i], synthetic.numbers.size()),
                        {}});
}

void add_levels(const ComparedColumn& column, const ComparedCells& real, const ComparedCells& synthetic,
                Marginal& out) {
  const auto reals = level_counts(real, column.levels.size()),
             synthetics = level_counts(synthetic, column.levels.size());
  std::int64_t other_real = 0, other_synthetic = 0;
  for (const std::size_t level : commonest_first(reals)) {
    if (out.bars.size() < kLevels && reals[level] >= kFewestShown) {
      out.bars.push_back({share_of_rows(reals[level], real.levels.size()),
                          share_of_rows(synthetics[level], synthetic.levels.size()), column.levels[level]});
    } else {
      other_real += reals[level];
      other_synthetic += synthetics[level];
    }
  }
  if (other_real + other_synthetic > 0)
    out.bars.push_back({shown_share(other_real, real.levels.size()),
                        share_of_rows(other_synthetic, synthetic.levels.size()), "other"});
}

}  // namespace

Marginal marginal_of(const ComparedColumn& column, const ComparedCells& real,
                     const ComparedCells& synthetic) {
  Marginal out;
  out.real_none = shown_share(count_of(real, ComparedCells::kNone), real.levels.size());
  out.synthetic_none = share_of_rows(count_of(synthetic, ComparedCells::kNone), synthetic.levels.size());
  if (column.kind == ComparedColumn::Kind::nominal) {
    add_levels(column, real, synthetic, out);
    return out;
  }
  add_number_bars(real, synthetic, out);
  const auto marked = [](const ComparedCells& cells) {
    return std::ranges::count_if(cells.levels, [](std::int32_t level) { return level >= 0; });
  };
  out.real_marked = shown_share(marked(real), real.levels.size());
  out.synthetic_marked = share_of_rows(marked(synthetic), synthetic.levels.size());
  return out;
}

}  // namespace agon::host
