#include "host/evaluate/models/trees/features.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "host/evaluate/tables/level_counts.hpp"

namespace agon::host {
namespace {

constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();
constexpr double kLargest =
    1e37;  // XGBoost takes no infinity, and doubles the largest value for its last bin

// Trees see the order of numbers alone. A float has seven digits, so a column whose values differ in later
// ones (moments in seconds) is moved to 0 first. Others stay as they are.
double shift_of(const std::vector<double>& numbers) {
  double least = kLargest, largest = -kLargest;
  for (const double x : numbers) {
    if (std::isnan(x)) continue;
    least = std::min(least, x);
    largest = std::max(largest, x);
  }
  const bool far_from_zero = largest - least < 1e-3 * std::max(std::abs(least), std::abs(largest));
  return least <= largest && far_from_zero ? least : 0;
}

// The category of each level.
std::vector<float> categories_of(const ComparedTables& tables, std::size_t c) {
  std::vector<std::int64_t> counts(tables.columns[c].levels.size());
  const auto count = [&](const RecordSet& records) {
    const std::vector<std::int64_t> of_table = level_counts(records.columns[c], counts.size());
    std::ranges::transform(counts, of_table, counts.begin(), std::plus{});
  };
  count(tables.real);
  count(tables.synthetic);
  if (tables.held_out) count(*tables.held_out);
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (counts.size() > TreeLayout::kMostLevels) order = commonest_first(counts);
  std::vector<float> category(counts.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    category[order[i]] = static_cast<float>(std::min(i, TreeLayout::kMostLevels));
  return category;
}

}  // namespace

TreeFeatures part(const TreeFeatures& features, const std::vector<std::int64_t>& which) {
  TreeFeatures out{static_cast<std::int64_t>(which.size()), features.width, {}, features.categorical};
  out.values.reserve(which.size() * static_cast<std::size_t>(features.width));
  for (const std::int64_t row : which) {
    const auto first = features.values.begin() + row * features.width;
    out.values.insert(out.values.end(), first, first + features.width);
  }
  return out;
}

TreeFeatures stacked(const TreeFeatures& a, const TreeFeatures& b) {
  TreeFeatures out = a;
  out.rows += b.rows;
  out.values.insert(out.values.end(), b.values.begin(), b.values.end());
  return out;
}

TreeLayout::TreeLayout(const ComparedTables& tables, std::int32_t without) {
  for (std::int32_t c = 0; c < tables.width(); ++c) {
    if (c == without) continue;
    const ComparedColumn& column = tables.columns[static_cast<std::size_t>(c)];
    const bool number = column.kind == ComparedColumn::Kind::number;
    const auto at = static_cast<std::size_t>(c);
    if (number) features_.push_back({c, false, shift_of(tables.real.columns[at].numbers), {}});
    if (!number || !column.levels.empty()) features_.push_back({c, true, 0, categories_of(tables, at)});
  }
}

TreeFeatures TreeLayout::features_of(const RecordSet& records) const {
  TreeFeatures out{records.rows, width(), {}, {}};
  out.values.resize(static_cast<std::size_t>(records.rows) * features_.size());
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const auto& [column, categorical, shift, category] = features_[f];
    const ComparedCells& cells = records.columns[static_cast<std::size_t>(column)];
    out.categorical.push_back(categorical);
    for (std::size_t row = 0; row < static_cast<std::size_t>(records.rows); ++row) {
      float& value = out.values[row * features_.size() + f];
      if (categorical)
        value = cells.levels[row] >= 0 ? category[static_cast<std::size_t>(cells.levels[row])] : kNoValue;
      else if (std::isnan(cells.numbers[row]))
        value = kNoValue;
      else
        value = static_cast<float>(std::clamp(cells.numbers[row] - shift, -kLargest, kLargest));
    }
  }
  return out;
}

}  // namespace agon::host
