// A set of bytes in memory, as ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace agon {

class ByteRanges {
 public:
  /// Returns how many of the bytes it did not hold.
  std::int64_t add(const std::byte* first, const std::byte* end);
  void add(const ByteRanges& other);
  bool covers(const std::byte* first, const std::byte* end) const;
  /// Whether it holds all that `other` does.
  bool covers(const ByteRanges& other) const;

 private:
  std::map<const std::byte*, const std::byte*> end_of_;  // by where each begins; apart from each other
};

}  // namespace agon
