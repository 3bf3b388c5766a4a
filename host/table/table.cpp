#include "host/table/table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace agon::host {
namespace {

// Sums in blocks, so that the rounding error of a long column grows with its blocks and not with its rows.
class BlockedSum {
 public:
  void add(double x) {
    block_ += x;
    if (++count_ % kBlock == 0) flush();
  }
  double total() const { return total_ + block_; }

 private:
  static constexpr int kBlock = 1024;
  void flush() {
    total_ += block_;
    block_ = 0;
  }
  double block_ = 0, total_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace

std::int64_t Table::find(std::string_view name) const {
  const auto it = std::ranges::find(columns, name, &Column::name);
  return it == columns.end() ? -1 : it - columns.begin();
}

void compute_statistics(std::span<const double> values, std::span<Column> columns) {
  const std::size_t width = columns.size();
  const double rows = static_cast<double>(values.size() / width);
  std::vector<BlockedSum> sums(width);
  for (std::size_t c = 0; c < width; ++c) columns[c].minimum = columns[c].maximum = values[c];
  for (std::size_t i = 0; i < values.size(); i += width) {
    for (std::size_t c = 0; c < width; ++c) {
      columns[c].minimum = std::min(columns[c].minimum, values[i + c]);
      columns[c].maximum = std::max(columns[c].maximum, values[i + c]);
    }
  }
  // Offsets from the minimum in units of the range: no overflow, no cancellation against a large mean.
  std::vector<double> range(width);
  for (std::size_t c = 0; c < width; ++c)
    range[c] = columns[c].constant() ? 1 : columns[c].maximum - columns[c].minimum;
  for (std::size_t i = 0; i < values.size(); i += width) {
    for (std::size_t c = 0; c < width; ++c) sums[c].add((values[i + c] - columns[c].minimum) / range[c]);
  }
  std::vector<BlockedSum> squares(width);
  std::vector<double> centre(width);
  for (std::size_t c = 0; c < width; ++c) centre[c] = sums[c].total() / rows;
  for (std::size_t i = 0; i < values.size(); i += width) {
    for (std::size_t c = 0; c < width; ++c) {
      const double offset = (values[i + c] - columns[c].minimum) / range[c] - centre[c];
      squares[c].add(offset * offset);
    }
  }
  for (std::size_t c = 0; c < width; ++c) {
    columns[c].mean =
        std::clamp(columns[c].minimum + centre[c] * range[c], columns[c].minimum, columns[c].maximum);
    columns[c].deviation = std::sqrt(squares[c].total() / rows) * range[c];
    if (!columns[c].constant()) {  // a range of denormal numbers can round it to 0
      columns[c].deviation = std::max(columns[c].deviation, std::numeric_limits<double>::denorm_min());
    }
  }
}

}  // namespace agon::host
