// A column of spellings as the values that they mean.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// What several spellings can mean: "1" and "1.0" are one value, and all that stands for none is one.
struct MeantValue {
  ReadColumn::Cell cell = ReadColumn::Cell::value;
  double value = 0;           ///< of numbers, dates and times; else NaN
  std::string_view spelling;  ///< the commonest
  std::int64_t rows = 0;
};

struct ColumnValues {
  static constexpr std::uint32_t kUnused = UINT32_MAX;
  ReadColumn read;
  std::vector<std::int64_t> counts;  ///< rows of each spelling
  std::vector<MeantValue>
      meant;  ///< numbers ascending, else in the order of spellings; then marks; then no value
  std::vector<std::uint32_t> meaning;  ///< of each spelling: index into `meant`; kUnused where no row has it
  const TextColumn* column = nullptr;

  std::uint32_t meaning_at(std::size_t row) const { return meaning[column->cells[row]]; }
  const MeantValue& at(std::size_t row) const { return meant[meaning_at(row)]; }
  /// How many are values.
  std::size_t values() const;
};

/// Reads all spellings that rows have. Errors as read_column.
ColumnValues read_values(const TextColumn& column, const ColumnSchema& schema, const Device& device);

/// Whether a number only stands for no value.
bool is_sentinel(double value, const ColumnSchema& schema);
/// The number of each row that orders and sources are about; NaN where a row has none (a hole, a mark, a
/// sentinel).
std::vector<double> plain_numbers(const ColumnValues& values, const ColumnSchema& schema);

}  // namespace agon
