#include "host/evaluate/privacy/equal_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace agon::host {
namespace {

/// Equal for equal cells: one zero, one NaN.
std::uint64_t word_of_cell(const ComparedCells& cells, std::int64_t i) {
  if (!cells.levels.empty() && cells.levels[i] != ComparedCells::kNumber)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(cells.levels[i]));
  const double value = cells.numbers.empty() ? 0.0 : cells.numbers[i];
  if (std::isnan(value)) return static_cast<std::uint64_t>(std::int64_t{ComparedCells::kNone});
  return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
}

/// SplitMix64's finaliser (Steele, Lea, Flood, 2014).
std::uint64_t stirred(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

std::uint64_t hash_of_row(const RecordSet& table, std::int64_t i) {
  std::uint64_t hash = 0;
  for (const ComparedCells& cells : table.columns)
    hash = stirred(hash * 0x9E3779B97F4A7C15u + word_of_cell(cells, i) + 1);
  return hash;
}

bool rows_are_equal(const RecordSet& a, std::int64_t i, const RecordSet& b, std::int64_t j) {
  for (std::size_t c = 0; c < a.columns.size(); ++c)
    if (word_of_cell(a.columns[c], i) != word_of_cell(b.columns[c], j)) return false;
  return true;
}

}  // namespace

EqualRows::EqualRows(const RecordSet& table) : table_(table) {
  by_hash_.reserve(static_cast<std::size_t>(table.rows));
  for (std::int64_t i = 0; i < table.rows; ++i) by_hash_.emplace_back(hash_of_row(table, i), i);
  std::sort(by_hash_.begin(), by_hash_.end());
}

std::vector<std::int64_t> EqualRows::find(const RecordSet& other, std::int64_t i) const {
  const std::uint64_t hash = hash_of_row(other, i);
  std::vector<std::int64_t> rows;
  for (auto at = std::lower_bound(by_hash_.begin(), by_hash_.end(), std::pair(hash, std::int64_t{-1}));
       at != by_hash_.end() && at->first == hash; ++at)
    if (rows_are_equal(table_, at->second, other, i)) rows.push_back(at->second);
  return rows;
}

}  // namespace agon::host
