// Rows of numbers.
#pragma once

#include <cstdint>

namespace agon {

/// (count, columns), row-major, in a device's memory; a view.
struct Rows {
  float* data = nullptr;
  std::int64_t count = 0;
  std::int64_t columns = 0;

  std::int64_t size() const { return count * columns; }
  Rows part(std::int64_t first, std::int64_t rows) const { return {data + first * columns, rows, columns}; }
  /// Each row is so many, one behind the other: an image its pixels.
  Rows split(std::int64_t parts) const { return {data, count * parts, columns / parts}; }
  /// `together` rows side by side are one.
  Rows packed(std::int64_t together) const { return {data, count / together, columns * together}; }
};

}  // namespace agon
