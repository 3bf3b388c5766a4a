#include "host/evaluate/tables/level_counts.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace agon::host {

std::vector<std::int64_t> level_counts(const ComparedCells& cells, std::size_t levels) {
  std::vector<std::int64_t> counts(levels);
  for (const std::int32_t level : cells.levels)
    if (level >= 0) ++counts[static_cast<std::size_t>(level)];
  return counts;
}

std::vector<std::size_t> commonest_first(const std::vector<std::int64_t>& counts) {
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return counts[i]; });
  return order;
}

}  // namespace agon::host
