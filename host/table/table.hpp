// A table of numbers and what is known about its columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table/number.hpp"

namespace agon::host {

/// A column's name, precision and statistics over the rows it was read from: all that is needed to
/// standardise a value and to write one back as the file had it.
struct Column {
  /// Stands in `decimals` and `printed_decimals` for "as many as the number needs" (its shortest exact form):
  /// columns written with more than 17 decimals, such as 1.5e-40.
  static constexpr int kAsNeeded = kDecimalsAsNeeded;

  std::string name;
  int decimals = 0;  ///< values are multiples of 10^-decimals: 0 for whole numbers, also those written "54.0"
  int printed_decimals = 0;  ///< most digits after the point seen in the file, >= decimals: 1 for "54.0"
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double deviation = 0;  ///< population standard deviation; above 0 exactly where minimum < maximum

  bool integer() const { return decimals == 0; }
  bool constant() const { return minimum == maximum; }

  friend bool operator==(const Column&, const Column&) = default;
};

/// Finite numbers, (rows, columns.size()) row-major.
struct Table {
  std::vector<Column> columns;
  std::int64_t rows = 0;
  std::vector<double> values;

  std::int64_t width() const { return static_cast<std::int64_t>(columns.size()); }
  double at(std::int64_t row, std::int64_t column) const { return values[row * width() + column]; }

  /// Index of the column of that name, -1 where there is none.
  std::int64_t find(std::string_view name) const;
};

/// Fills minimum, maximum, mean and deviation of every column from `values`, (rows, columns.size()) row-major
/// with at least one row. Magnitudes up to 1e300.
void compute_statistics(std::span<const double> values, std::span<Column> columns);

}  // namespace agon::host
