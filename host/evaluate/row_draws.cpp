#include "host/evaluate/row_draws.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace agon::host {

std::vector<std::int64_t> RowDraws::order(std::int64_t n) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  for (std::int64_t i = n - 1; i > 0; --i) std::swap(rows[i], rows[below(i + 1)]);
  return rows;
}

std::vector<std::int64_t> RowDraws::some(std::int64_t n, std::int64_t count) {
  std::vector<std::int64_t> rows = order(n);
  if (count < n) rows.resize(static_cast<std::size_t>(count));
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace agon::host
