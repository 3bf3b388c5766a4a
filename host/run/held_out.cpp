#include "host/run/held_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/evaluate/quality.hpp"
#include "host/table/scaling.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon::host {
namespace {

std::int64_t held_out_rows(std::int64_t rows, double share) {
  constexpr std::int64_t kAtLeast = 10;
  const auto asked = static_cast<std::int64_t>(std::llround(share * static_cast<double>(rows)));
  return std::max(asked, std::min(kAtLeast, rows / 2));
}

void append_row(Table& part, const Table& table, std::int64_t row) {
  const auto first = table.values.begin() + row * table.width();
  part.values.insert(part.values.end(), first, first + table.width());
  ++part.rows;
}

/// The first `most` rows.
Table head(const Table& table, std::int64_t most) {
  if (table.rows <= most) return table;
  Table part{table.columns, most, {table.values.begin(), table.values.begin() + most * table.width()}};
  compute_statistics(part.values, part.columns);
  return part;
}

}  // namespace

Split hold_out(const Table& table, double share, std::uint64_t seed) {
  const std::int64_t held_out = held_out_rows(table.rows, share);
  if (held_out < 2 || table.rows - held_out < 2) {
    throw DataError(fmt::format(
        "of {} rows {} would be held out to score the replicas: two or more must be on either side",
        table.rows, held_out));
  }
  Split split{{table.columns, 0, {}}, {table.columns, 0, {}}};
  const auto order =
      kernels::formula::permutation(static_cast<std::uint32_t>(table.rows), seed,
                                    static_cast<std::uint32_t>(kernels::RandomPurpose::held_out_rows), 0);
  for (std::int64_t row = 0; row < table.rows; ++row) {
    const bool out = kernels::formula::permute(order, static_cast<std::uint32_t>(row)) < held_out;
    append_row(out ? split.held_out : split.training, table, row);
  }
  compute_statistics(split.training.values, split.training.columns);
  compute_statistics(split.held_out.values, split.held_out.columns);
  for (const Column& column : split.training.columns) {
    if (!column.constant()) continue;
    throw DataError(
        fmt::format("column {} is constant in the {} rows that are not held out to score the replicas",
                    in_quotes(column.name), split.training.rows));
  }
  return split;
}

double held_out_score(const Gan& gan, int replica, const Table& held_out, std::span<const Column> columns,
                      std::uint64_t seed) {
  constexpr std::int64_t kLeast = 1000, kMost = 10000;
  const std::int64_t count = std::clamp(held_out.rows, kLeast, kMost);
  const std::vector<float> drawn = gan.sample(count, seed, replica);
  if (!std::all_of(drawn.begin(), drawn.end(), [](float x) { return std::isfinite(x); }))
    return std::numeric_limits<double>::quiet_NaN();
  Table synthetic{{columns.begin(), columns.end()}, count, restore(drawn, columns)};
  compute_statistics(synthetic.values, synthetic.columns);
  return evaluate_quality(head(held_out, kMost), synthetic).score;
}

}  // namespace agon::host
