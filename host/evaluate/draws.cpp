#include "host/evaluate/draws.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace agon::host {

std::uint64_t Draws::word() {
  if (left_ == 0) {
    block_ = kernels::formula::random_block(seed_, purpose_, step_, next_block_++);
    left_ = 4;
  }
  left_ -= 2;
  return std::uint64_t{block_.word[left_]} << 32 | block_.word[left_ + 1];
}

std::uint64_t Draws::below(std::uint64_t bound) {
  // The words below 2^64 mod bound are thrown away: of the others, each remainder has equally many.
  const std::uint64_t first_fair = (0 - bound) % bound;
  std::uint64_t drawn = word();
  while (drawn < first_fair) drawn = word();
  return drawn % bound;
}

std::vector<std::int64_t> Draws::order(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[below(i)]);
  return rows;
}

std::vector<std::int64_t> Draws::some(std::int64_t count, std::int64_t most) {
  std::vector<std::int64_t> rows = order(count);
  if (most < count) rows.resize(static_cast<std::size_t>(most));
  std::ranges::sort(rows);
  return rows;
}

std::vector<std::int32_t> stratified_folds(std::span<const std::int32_t> labels, int folds, Draws draws) {
  std::vector<std::int32_t> fold(labels.size());
  std::map<std::int32_t, std::int32_t> dealt;
  for (const std::int64_t row : draws.order(static_cast<std::int64_t>(labels.size()))) {
    const auto at = static_cast<std::size_t>(row);
    fold[at] = dealt[labels[at]]++ % folds;
  }
  return fold;
}

}  // namespace agon::host
