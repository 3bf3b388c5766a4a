#include "host/evaluate/fidelity/coded_records.hpp"

#include <algorithm>
#include <cmath>

#include "engine/table/distinct.hpp"
#include "engine/table/table_fit.hpp"
#include "kernels/formula/philox.hpp"

namespace agon::host {
namespace {

bool is_number_cell(const ComparedCells& cells, std::size_t row) {
  return cells.levels[row] == ComparedCells::kNumber;
}

/// Takes away what is only noise of text. From SDMetrics' KSComplement (14 decimals), but relative to the
/// column's largest number where that is below 1.
double without_noise(double value, double largest) {
  constexpr double kEveryInteger = 9007199254740992.0;  // 2^53
  const double scale = 1e14 / std::clamp(largest, 1e-280, 1.0), scaled = value * scale;
  return std::abs(scaled) < kEveryInteger ? std::rint(scaled) / scale : value;
}

/// Fills `standardised` from the numbers of the cells.
void standardise(const ComparedCells& cells, CodedCells& coded) {
  const std::size_t rows = cells.numbers.size();
  double largest = 0, sum = 0, squares = 0, n = 0;
  for (std::size_t row = 0; row < rows; ++row)
    if (is_number_cell(cells, row)) largest = std::max(largest, std::abs(cells.numbers[row])), ++n;
  coded.all_numbers = n == static_cast<double>(rows);
  coded.standardised.assign(rows, 0);
  if (n == 0 || largest == 0) return;
  for (std::size_t row = 0; row < rows; ++row)
    if (is_number_cell(cells, row)) sum += cells.numbers[row] / largest;
  const double mean = sum / n;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!is_number_cell(cells, row)) continue;
    coded.standardised[row] = cells.numbers[row] / largest - mean;
    squares += coded.standardised[row] * coded.standardised[row];
  }
  const double deviation = std::sqrt(squares / n);
  if (deviation == 0) return;
  for (double& value : coded.standardised) value /= deviation;
}

/// Codes one column of all tables; the tables' cells in `from`, what becomes of them in `to`.
ValueSpace code_column(const ComparedColumn& column, std::span<const ComparedCells* const> from,
                       std::span<CodedCells* const> to, const Device& device) {
  ValueSpace space;
  space.numeric = column.kind == ComparedColumn::Kind::number;
  space.levels = static_cast<std::int32_t>(column.levels.size());
  space.in_synthetic = column.in_synthetic;
  std::vector<double> numbers;
  double largest = 0;
  for (const ComparedCells* cells : from)
    for (std::size_t row = 0; row < cells->numbers.size(); ++row)
      if (is_number_cell(*cells, row)) numbers.push_back(cells->numbers[row]);
  for (const double number : numbers) largest = std::max(largest, std::abs(number));
  for (double& number : numbers) number = without_noise(number, largest);
  Distinct found = distinct(numbers, device);
  space.numbers = std::move(found.values);
  std::size_t next = 0;
  for (std::size_t t = 0; t < from.size(); ++t) {
    const ComparedCells& cells = *from[t];
    std::vector<std::int32_t>& values = to[t]->values;
    values.reserve(cells.levels.size());
    for (const std::int32_t level : cells.levels) {
      if (level == ComparedCells::kNumber)
        values.push_back(static_cast<std::int32_t>(found.index[next++]));
      else
        values.push_back(level == ComparedCells::kNone ? CodedCells::kNone : space.number_count() + level);
    }
    if (space.numeric) standardise(cells, *to[t]);
  }
  return space;
}

}  // namespace

CodedTables code_tables(const ComparedTables& tables, const Device& device) {
  CodedTables coded;
  const std::size_t width = tables.columns.size();
  coded.spaces.resize(width);
  std::vector<const RecordSet*> from{&tables.real, &tables.synthetic};
  std::vector<CodedRecords*> to{&coded.real, &coded.synthetic};
  if (tables.held_out) {
    from.push_back(&*tables.held_out);
    to.push_back(&coded.held_out.emplace());
  }
  for (std::size_t t = 0; t < from.size(); ++t) {
    to[t]->rows = from[t]->rows;
    to[t]->columns.resize(width);
  }
  for_columns(width, [&](std::size_t c) {
    std::vector<const ComparedCells*> cells;
    std::vector<CodedCells*> codes;
    for (std::size_t t = 0; t < from.size(); ++t) {
      cells.push_back(&from[t]->columns[c]);
      codes.push_back(&to[t]->columns[c]);
    }
    coded.spaces[c] = code_column(tables.columns[c], cells, codes, device);
  });
  return coded;
}

RowSample all_rows(const CodedRecords& records) {
  return {&records, std::vector<std::uint32_t>(static_cast<std::size_t>(records.rows), 1), records.rows};
}

RowSample bootstrap(const CodedRecords& records, std::int64_t count, std::uint64_t seed, std::uint64_t draw) {
  constexpr std::uint32_t kPurpose = 0xB0075000u;  // no other stream's
  const auto rows = static_cast<std::uint64_t>(records.rows);
  RowSample sample{&records, std::vector<std::uint32_t>(rows), count};
  for (std::int64_t i = 0; i < count && rows > 0; i += 4) {
    const auto block =
        kernels::formula::random_block(seed, kPurpose, draw, static_cast<std::uint32_t>(i / 4));
    for (std::int64_t k = 0; k < 4 && i + k < count; ++k) ++sample.times[block.word[k] * rows >> 32];
  }
  return sample;
}

ValueCounts count_values(const RowSample& sample, std::size_t column, const ValueSpace& space) {
  ValueCounts counts{std::vector<std::int64_t>(static_cast<std::size_t>(space.count())), 0};
  const std::vector<std::int32_t>& values = sample.records->columns[column].values;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (values[row] == CodedCells::kNone)
      counts.none += sample.times[row];
    else
      counts.of[static_cast<std::size_t>(values[row])] += sample.times[row];
  }
  return counts;
}

}  // namespace agon::host
