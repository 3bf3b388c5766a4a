// Which columns copy, bound or follow which: the sources of relative coding, and the orders that rows keep.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/table/distinct.hpp"
#include "engine/table/table_fit.hpp"
#include "kernels/formula/permutation.hpp"

namespace agon {
namespace {

using Role = ColumnCoding::Role;

// What counts as a relation, against a random pairing of the same values (shares of rows).
constexpr double kCopyExcess = 0.1;  // y = x, more often than by chance, and at least twice as often
constexpr double kOrderHolds = 0.999, kOrderByChance = 0.95;
constexpr double kBrokenByChance = 10;  // rows of a random pairing that break an order which no row breaks
constexpr double kFollows = 0.85;       // |Spearman's coefficient|
constexpr std::size_t kLeastRows = 50, kMostPairRows = 200'000'000, kMostRows = 20'000;

struct Pair {
  std::size_t x, y;
  double present = 0;  // share of rows with both numbers
  double equal = 0, by_chance = 0;
  double spearman = 0;
  bool below = false, above = false;              // y <= x, y >= x: so much that x says where y is
  bool never_above = false, never_below = false;  // the same in every row, and not by chance

  bool copied() const { return equal - by_chance > kCopyExcess && equal > 2 * by_chance; }
  bool ordered() const { return below || above; }
  bool follows() const { return spearman > kFollows; }
  double score() const {
    return present *
           ((copied() ? equal - by_chance : 0) + (ordered() ? 0.2 : 0) + (follows() ? spearman : 0));
  }
};

/// Rows, evenly through the table and in random order: as many as the pairs of `columns` columns leave time
/// for.
std::vector<std::size_t> sampled_rows(std::size_t rows, std::size_t columns) {
  const std::size_t pairs = std::max<std::size_t>(1, columns * columns / 2);
  const std::size_t wanted = std::min({rows, kMostRows, std::max<std::size_t>(500, kMostPairRows / pairs)});
  const auto order = kernels::formula::permutation(static_cast<std::uint32_t>(wanted), 0, 0, 0);
  std::vector<std::size_t> sample(wanted);
  for (std::size_t i = 0; i < wanted; ++i)
    sample[kernels::formula::permute(order, static_cast<std::uint32_t>(i))] = i * rows / wanted;
  return sample;
}

/// Mean ranks of numbers; NaN where there is none.
std::vector<double> mean_ranks(const std::vector<double>& numbers, const Device& device) {
  std::vector<double> present;
  for (const double number : numbers)
    if (!std::isnan(number)) present.push_back(number);
  const Distinct found = distinct(present, device);
  std::vector<double> rank(found.values.size()), ranks(numbers.size(), NAN);
  double passed = 0;
  for (std::size_t i = 0; i < rank.size(); ++i) {
    rank[i] = passed + static_cast<double>(found.counts[i]) / 2;
    passed += static_cast<double>(found.counts[i]);
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (!std::isnan(numbers[i])) ranks[i] = rank[found.index[next++]];
  return ranks;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double ma = std::reduce(a.begin(), a.end()) / n, mb = std::reduce(b.begin(), b.end()) / n;
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
    ab += (a[i] - ma) * (b[i] - mb);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

/// The numbers of the sampled rows of one column, and their ranks.
struct Sampled {
  std::vector<double> numbers, ranks;
};

/// The same seen from the other column.
Pair mirrored(Pair pair) {
  std::swap(pair.x, pair.y);
  std::swap(pair.below, pair.above);
  std::swap(pair.never_above, pair.never_below);
  return pair;
}

Pair compare(std::size_t x, std::size_t y, const Sampled& a, const Sampled& b) {
  Pair pair{x, y};
  std::vector<double> xs, ys, rx, ry;
  for (std::size_t i = 0; i < a.numbers.size(); ++i) {
    if (std::isnan(a.numbers[i]) || std::isnan(b.numbers[i])) continue;
    xs.push_back(a.numbers[i]), ys.push_back(b.numbers[i]);
    rx.push_back(a.ranks[i]), ry.push_back(b.ranks[i]);
  }
  const std::size_t n = xs.size();
  if (n < kLeastRows) return pair;
  double equal = 0, chance = 0, below = 0, below_chance = 0, above = 0, above_chance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double other = ys[i < n / 2 ? i + (n + 1) / 2 : i - n / 2];  // rows stand in random order
    equal += are_equal(xs[i], ys[i]), chance += are_equal(xs[i], other);
    below += ys[i] <= xs[i], below_chance += other <= xs[i];
    above += ys[i] >= xs[i], above_chance += other >= xs[i];
  }
  const auto rows = static_cast<double>(n);
  pair.present = rows / static_cast<double>(a.numbers.size());
  pair.equal = equal / rows, pair.by_chance = chance / rows;
  pair.below = below / rows >= kOrderHolds && below_chance / rows <= kOrderByChance;
  pair.above = above / rows >= kOrderHolds && above_chance / rows <= kOrderByChance;
  pair.never_above = below == rows && rows - below_chance >= kBrokenByChance;
  pair.never_below = above == rows && rows - above_chance >= kBrokenByChance;
  pair.spearman = std::abs(correlation(rx, ry));
  return pair;
}

/// Share of rows in which the order holds, of those with both numbers.
double order_share(const std::vector<double>& y, const std::vector<double>& x, bool above) {
  std::size_t both = 0, holds = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    ++both;
    holds += above ? y[i] >= x[i] : y[i] <= x[i];
  }
  return both == 0 ? 0 : static_cast<double>(holds) / static_cast<double>(both);
}

double middle_value(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Typical distance of y, decoded from its residual's median within 32 bins of x, from y, relative to y's
/// size.
double decoding_error(SourceResidual residual, const std::vector<double>& xs, const std::vector<double>& ys,
                      const std::vector<std::size_t>& by_x) {
  constexpr std::size_t kSpreadBins = 32;
  const std::size_t n = xs.size();
  std::vector<double> sizes(n), errors;
  for (std::size_t i = 0; i < n; ++i) sizes[i] = std::abs(ys[i]);
  const double typical = std::max(middle_value(sizes), 1e-9);
  for (std::size_t b = 0; b < kSpreadBins; ++b) {
    std::vector<double> residuals;
    for (std::size_t i = b * n / kSpreadBins; i < (b + 1) * n / kSpreadBins; ++i)
      residuals.push_back(residual_of(residual, ys[by_x[i]], xs[by_x[i]]));
    if (residuals.empty()) continue;
    const double centre = middle_value(residuals);
    for (std::size_t i = b * n / kSpreadBins; i < (b + 1) * n / kSpreadBins; ++i) {
      const double y = ys[by_x[i]], scale = residual == SourceResidual::ratio ? std::max(y, 1e-9) : 1;
      errors.push_back(std::abs(residual_of(residual, y, xs[by_x[i]]) - centre) * scale /
                       (std::abs(y) + typical));
    }
  }
  return middle_value(errors);
}

SourceResidual best_residual(const Sampled& a, const Sampled& b, bool copied, bool logarithms) {
  std::vector<double> xs, ys;
  for (std::size_t i = 0; i < a.numbers.size(); ++i)
    if (!std::isnan(a.numbers[i]) && !std::isnan(b.numbers[i]) &&
        !(copied && are_equal(a.numbers[i], b.numbers[i])))
      xs.push_back(a.numbers[i]), ys.push_back(b.numbers[i]);
  if (xs.size() < 2 * kLeastRows) return SourceResidual::plain;
  std::vector<std::size_t> by_x(xs.size());
  std::iota(by_x.begin(), by_x.end(), std::size_t{0});
  std::ranges::stable_sort(by_x, {}, [&](std::size_t i) { return xs[i]; });
  logarithms = logarithms && std::min(std::ranges::min(xs), std::ranges::min(ys)) >= 0;
  SourceResidual best = SourceResidual::plain;
  double least = decoding_error(best, xs, ys, by_x);
  for (const SourceResidual residual : {SourceResidual::difference, SourceResidual::ratio}) {
    if (residual == SourceResidual::ratio && !logarithms) continue;
    const double error = decoding_error(residual, xs, ys, by_x);
    if (error < 0.97 * least) best = residual, least = error;
  }
  return best;
}

/// Every column's best source first, but none that would close a circle.
std::vector<SourceChoice> choose_sources(const TableFit& fit, const std::vector<Sampled>& sampled,
                                         std::vector<Pair> pairs) {
  std::vector<SourceChoice> sources(sampled.size());
  std::ranges::stable_sort(pairs, std::greater<>(), [](const Pair& pair) { return pair.score(); });
  for (const Pair& pair : pairs) {
    bool circle = sources[pair.y].column >= 0;
    for (auto z = static_cast<std::int64_t>(pair.x); z >= 0 && !circle;
         z = sources[static_cast<std::size_t>(z)].column)
      circle = z == static_cast<std::int64_t>(pair.y);
    if (circle) continue;
    const bool numbers = fit.schema.columns[pair.x].is_number() && fit.schema.columns[pair.y].is_number();
    sources[pair.y] = {static_cast<std::int64_t>(pair.x), pair.copied(),
                       best_residual(sampled[pair.x], sampled[pair.y], pair.copied(), numbers)};
  }
  return sources;
}

std::vector<std::int64_t> sources_first(const std::vector<ColumnCoding>& columns,
                                        const std::vector<SourceChoice>& sources) {
  std::vector<std::int64_t> order;
  std::vector<bool> done(columns.size());
  while (order.size() < columns.size())
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto is_done = [&](std::int64_t source) {
        return source < 0 || done[static_cast<std::size_t>(source)];
      };
      if (done[c] || !is_done(sources[c].column) || !std::ranges::all_of(columns[c].sources, is_done))
        continue;
      order.push_back(static_cast<std::int64_t>(c));
      done[c] = true;
    }
  return order;
}

}  // namespace

Relations find_relations(const TableFit& fit, std::vector<ColumnCoding>& columns) {
  std::vector<std::size_t> numeric;
  for (std::size_t c = 0; c < columns.size() && fit.options.relative && !fit.options.modes; ++c)
    if ((columns[c].role == Role::number || columns[c].role == Role::levels) && !fit.numbers[c].empty() &&
        fit.values[c].values() > 2)
      numeric.push_back(c);
  const std::vector<std::size_t> rows = sampled_rows(fit.rows(), numeric.size());
  std::vector<Sampled> sampled(columns.size());
  for (const std::size_t c : numeric) {
    for (const std::size_t row : rows) sampled[c].numbers.push_back(fit.numbers[c][row]);
    sampled[c].ranks = mean_ranks(sampled[c].numbers, fit.device);
  }
  std::vector<Pair> pairs(numeric.size() * numeric.size()), related, ordered;
  for_columns(numeric.size(), [&](std::size_t i) {
    for (std::size_t j = i + 1; j < numeric.size(); ++j) {
      Pair& pair = pairs[i * numeric.size() + j];
      pair = compare(numeric[i], numeric[j], sampled[numeric[i]], sampled[numeric[j]]);
      pairs[j * numeric.size() + i] = mirrored(pair);
    }
  });
  for (const Pair& pair : pairs) {
    if (pair.present == 0) continue;
    if (pair.x < pair.y && (pair.ordered() || pair.never_above || pair.never_below)) ordered.push_back(pair);
    if (columns[pair.y].role == Role::number && (pair.copied() || pair.ordered() || pair.follows()))
      related.push_back(pair);
  }
  Relations relations{choose_sources(fit, sampled, std::move(related)), {}};
  relations.order = sources_first(columns, relations.sources);
  std::vector<std::size_t> place(columns.size());
  for (std::size_t i = 0; i < place.size(); ++i) place[static_cast<std::size_t>(relations.order[i])] = i;
  for (const Pair& pair : ordered) {
    const bool swapped = place[pair.x] > place[pair.y];  // the later one keeps to the earlier one
    const std::size_t later = swapped ? pair.x : pair.y, earlier = swapped ? pair.y : pair.x;
    const bool above = (pair.above || pair.never_below) != swapped;
    const double share = order_share(fit.numbers[later], fit.numbers[earlier], above);
    if (share >= (pair.ordered() ? kOrderHolds : 1))
      columns[later].orders.push_back({static_cast<std::int64_t>(earlier), above, share});
  }
  return relations;
}

}  // namespace agon
