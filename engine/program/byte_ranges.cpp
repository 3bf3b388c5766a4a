#include "engine/program/byte_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace agon {

std::int64_t ByteRanges::add(const std::byte* first, const std::byte* end) {
  if (first >= end) return 0;
  std::int64_t held = 0;
  auto at = end_of_.upper_bound(first);
  if (at != end_of_.begin() && std::prev(at)->second >= first) --at;
  while (at != end_of_.end() && at->first <= end) {
    first = std::min(first, at->first);
    end = std::max(end, at->second);
    held += at->second - at->first;
    at = end_of_.erase(at);
  }
  end_of_[first] = end;
  return end - first - held;
}

void ByteRanges::add(const ByteRanges& other) {
  for (const auto& [first, end] : other.end_of_) add(first, end);
}

bool ByteRanges::covers(const std::byte* first, const std::byte* end) const {
  if (first >= end) return true;
  const auto behind = end_of_.upper_bound(first);
  return behind != end_of_.begin() && std::prev(behind)->second >= end;
}

bool ByteRanges::covers(const ByteRanges& other) const {
  return std::ranges::all_of(other.end_of_,
                             [&](const auto& range) { return covers(range.first, range.second); });
}

}  // namespace agon
