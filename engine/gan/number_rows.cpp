#include "engine/gan/number_rows.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/runtime/decimal_text.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

[[noreturn]] void refuse_first_odd(const std::string& which, std::span<const float> rows,
                                   std::int64_t width) {
  const auto odd = std::ranges::find_if(rows, [](float value) { return !std::isfinite(value); });
  const std::int64_t place = odd - rows.begin();
  throw DataError(which + ": row " + std::to_string(place / width + 1) + ", column " +
                  std::to_string(place % width + 1) + " (counted from 1) is " +
                  (std::isnan(*odd) ? "NaN"
                   : *odd > 0       ? "infinite"
                                    : "minus infinite") +
                  "; fill it, or leave the row or the column out");
}

struct Column {
  double mean = 0, deviation = 0;

  /// 1 where it is standardised, more the farther it is from that.
  double oddity() const {
    if (deviation == 0) return 1 + std::abs(mean);
    return std::max({1 + std::abs(mean), deviation, 1 / deviation});
  }
  bool is_odd() const {
    constexpr double kFarMean = 1, kWide = 4;
    return std::abs(mean) > kFarMean || (deviation > 0 && (deviation > kWide || deviation * kWide < 1));
  }
};

/// In one pass, so a deviation that is tiny beside its mean is taken for none.
std::vector<Column> columns_of(std::span<const float> rows, std::size_t width) {
  constexpr double kLost = 1e-12;  // of the squares, that their sums may be off
  std::vector<double> sums(width), squares(width);
  for (const float* row = rows.data(); row != rows.data() + rows.size(); row += width)
    for (std::size_t c = 0; c < width; ++c) {
      const double value = row[c];
      sums[c] += value;
      squares[c] += value * value;
    }
  std::vector<Column> columns(width);
  const auto count = static_cast<double>(rows.size() / width);
  for (std::size_t c = 0; c < width; ++c) {
    const double mean = sums[c] / count, square = squares[c] / count, variance = square - mean * mean;
    columns[c] = {mean, variance > kLost * square ? std::sqrt(variance) : 0};
  }
  return columns;
}

}  // namespace

std::string check_number_rows(const std::string& which, std::span<const float> rows, std::int64_t width) {
  const std::vector<Column> columns = columns_of(rows, static_cast<std::size_t>(width));
  const auto is_finite = [](const Column& c) { return std::isfinite(c.mean); };
  if (!std::ranges::all_of(columns, is_finite)) refuse_first_odd(which, rows, width);
  const auto odd = std::ranges::count_if(columns, &Column::is_odd);
  if (odd == 0) return {};
  const auto most =
      std::ranges::max_element(columns, {}, [](const Column& c) { return c.is_odd() ? c.oddity() : 0; });
  return which + ": " + std::to_string(odd) + " of " + std::to_string(width) +
         (width == 1 ? " column is" : " columns are") + " not standardised, column " +
         std::to_string(most - columns.begin() + 1) + " (counted from 1) the least: mean " +
         short_decimal(most->mean, 4) + ", deviation " + short_decimal(most->deviation, 4) +
         "; subtract each column's mean and divide by its deviation";
}

}  // namespace agon
