// The tables of an evaluation as small integers, and samples of their rows: what counting needs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/runtime/device.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// What a column's cells can be, over all the tables: first its numbers, ascending, then its levels.
struct ValueSpace {
  bool numeric = false;
  std::vector<double> numbers;  ///< each once; empty of a nominal column
  std::int32_t levels = 0;
  bool in_synthetic = true;

  std::int32_t number_count() const { return static_cast<std::int32_t>(numbers.size()); }
  std::int32_t count() const { return number_count() + levels; }
};

/// One table's cells of a column.
struct CodedCells {
  static constexpr std::int32_t kNone = -1;
  std::vector<std::int32_t> values;  ///< (rows): index into the ValueSpace, or kNone
  /// (rows), of numeric columns: the number less the column's mean, in standard deviations, both this
  /// table's; 0 where the cell is no number or all are equal.
  std::vector<double> standardised;
  bool all_numbers = false;  ///< every cell is a number
};

struct CodedRecords {
  std::int64_t rows = 0;
  std::vector<CodedCells> columns;
};

struct CodedTables {
  std::vector<ValueSpace> spaces;  ///< of each column
  CodedRecords real, synthetic;
  std::optional<CodedRecords> held_out;
};

/// Numbers are told apart up to what a conversion to text and back leaves, as SDMetrics' KSComplement does:
/// 14 decimals; of a column that does not reach 1, 14 decimals below its largest number.
CodedTables code_tables(const ComparedTables& tables, const Device& device);

/// Rows of a table, each as often as it was drawn.
struct RowSample {
  const CodedRecords* records = nullptr;
  std::vector<std::uint32_t> times;  ///< (rows)
  std::int64_t rows = 0;             ///< sum of `times`
};
/// Every row once.
RowSample all_rows(const CodedRecords& records);
/// `count` rows with replacement; draws of different numbers have nothing to do with each other.
RowSample bootstrap(const CodedRecords& records, std::int64_t count, std::uint64_t seed, std::uint64_t draw);

/// How many of a sample's cells have each value.
struct ValueCounts {
  std::vector<std::int64_t> of;  ///< (ValueSpace::count())
  std::int64_t none = 0;
};
ValueCounts count_values(const RowSample& sample, std::size_t column, const ValueSpace& space);

}  // namespace agon::host
