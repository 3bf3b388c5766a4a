// What the parts of fitting a coding share: the table's values, and what they find.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/runtime/thread_pool.hpp"
#include "engine/table/column_coding.hpp"
#include "engine/table/column_values.hpp"

namespace agon {

/// Calls work(c) for the columns 0, 1, ..., count - 1 on the host's threads; throws what the first of those
/// that fail threw.
template <class Work>
void for_columns(std::size_t count, const Work& work) {
  host_pool().each(static_cast<int>(count), [&](int c) { work(static_cast<std::size_t>(c)); });
}

struct TableFit {
  const TextTable& table;
  const Schema& schema;
  const Device& device;
  const CodingOptions& options;
  std::vector<ColumnValues> values;  ///< empty of a column that is left out
  std::vector<std::vector<double>>
      numbers;  ///< (rows) of numbers, dates and times: plain_numbers(); else empty

  std::size_t rows() const { return static_cast<std::size_t>(table.rows); }
  std::int64_t rarest(std::size_t column) const {
    return schema.columns[column].keep_rare ? 1 : schema.rarest < 1 ? 1 : schema.rarest;
  }
};

/// A column from which another is coded.
struct SourceChoice {
  std::int64_t column = -1;
  bool copied = false;  ///< has a level of its own for "equal to the source"
  SourceResidual residual = SourceResidual::plain;
};

/// Sets the role of columns that others determine: copies, look-ups, sums.
void find_determined(const TableFit& fit, std::vector<ColumnCoding>& columns);

/// Which number the columns' numbers are coded relative to, and in which order columns are decoded; sets each
/// column's orders.
struct Relations {
  std::vector<SourceChoice> sources;  ///< of each column
  std::vector<std::int64_t> order;
};
Relations find_relations(const TableFit& fit, std::vector<ColumnCoding>& columns);

/// Role and levels of a column but for what is relative. A number's levels come with fit_number.
ColumnCoding fit_column(const TableFit& fit, std::size_t column);
void fit_number(const TableFit& fit, std::size_t column, const SourceChoice& source,
                std::vector<ColumnCoding>& columns);

/// Edges and curves of a number whose support, source and residual are set. `copied`: of each row, whether
/// its number is the source's.
void fit_curves(const TableFit& fit, std::size_t column, const std::vector<bool>& copied,
                std::span<const CountedValue> counted, NumberCoding& number);

/// The numbers that a column's step or decimals allow; of moments, whose values are given, the step they
/// share.
Lattice lattice_of(const ColumnSchema& schema, std::span<const CountedValue> values);

/// Spellings of numbers that enough rows have, where the table has another one than spell() gives.
void keep_spellings(const TableFit& fit, std::size_t column, ColumnCoding& coding);

/// Whether two numbers are one, but for what arithmetic on binary fractions leaves.
bool are_equal(double a, double b);

}  // namespace agon
