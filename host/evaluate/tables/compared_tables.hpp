// The tables of an evaluation, read as one schema says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon::host {

/// A column as metrics see it.
struct ComparedColumn {
  enum class Kind : std::uint8_t {
    number,   ///< continuous, count, code, date, time, date-time: compared by their values
    nominal,  ///< category, boolean, constant: compared by their levels
  };
  std::string name;
  Kind kind = Kind::number;
  /// Nominal: the spellings of all the tables. Number: spellings that are no numbers of their own, "<0.5",
  /// and numbers that stand for no value, "-999". The real table's come first, the commonest first, of
  /// equally common ones the first by spelling; then those that the synthetic table adds, then the held-out
  /// one.
  std::vector<std::string> levels;
  std::int32_t real_levels = 0;  ///< how many of `levels` the real table has
  bool in_synthetic = true;  ///< false: the synthetic table lacks the column; all its cells there are none
};

/// One table's cells of a column.
struct ComparedCells {
  static constexpr std::int32_t kNone = -1;    ///< no value
  static constexpr std::int32_t kNumber = -2;  ///< the cell is a number

  std::vector<double> numbers;  ///< (rows), of Kind::number: NaN where `levels` is not kNumber; else empty
  std::vector<std::int32_t> levels;  ///< (rows): index into ComparedColumn::levels, kNone or kNumber
};

struct RecordSet {
  std::int64_t rows = 0;
  std::vector<ComparedCells> columns;  ///< as ComparedTables::columns
};
/// These rows, in this order.
RecordSet part(const RecordSet& records, const std::vector<std::int64_t>& which);

struct ComparedTables {
  std::vector<ComparedColumn> columns;  ///< in the real table's order
  RecordSet real, synthetic;
  std::optional<RecordSet> held_out;  ///< rows of the real kind that the generator never saw
  std::vector<std::string> left_out;  ///< names: identifiers, free text, ignored columns
  std::vector<std::string>
      warnings;  ///< one line each, fit for a terminal: cells that could not be read, ...

  std::int64_t width() const { return static_cast<std::int64_t>(columns.size()); }
};

/// Reads the tables as `schema`, the real table's, says.
///
/// Cells are matched by what they mean: "1.0" is the level "1" where the real table has no level "1.0", and
/// "True" is the boolean's "TRUE". Numbers and dates that are not of the real column's form may be of one of
/// their own: 2021-03-05 beside 05/03/2021. What usually stands for no value (empty, NA, ...) does so unless
/// the real table has it as a level. A cell of the synthetic or held-out table that is not of its column's
/// kind counts as none, and a warning says how many; warnings also name columns that the synthetic table
/// lacks or has too many. No warning shows a cell.
///
/// Throws DataError where the real table does not fit the schema, where the held-out table lacks a column,
/// where the real and synthetic tables share none, and where none of the real ones can be compared. The
/// device is the one that read_values sorts on.
ComparedTables compare_tables(const TextTable& real, const TextTable& synthetic, const TextTable* held_out,
                              const Schema& schema, const Device& device);

}  // namespace agon::host
