// Tables as points between which there are distances.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// The dimensions that the rows of an evaluation's tables have. A number column is one dimension: the real
/// table's least value is 0, its greatest 1, a cell without a number -1; beyond 1e15 all is equally far. A
/// nominal column is a one-hot block with a dimension for each level of the real table; none, and a level
/// that the real table lacks, is the block's zero vector. A number column has a block, too, where the real
/// table has cells without a number: one dimension for none, and one for each spelling that is no number.
///
/// So Euclid's squared distance of two rows is the sum of the squared differences of the numbers, and of each
/// block 2 where two levels differ, 1 where one of the two is the zero vector. No dimension of a block is
/// ever stored.
struct DistanceSpace {
  struct Block {
    std::int64_t column = 0;  ///< of ComparedTables::columns
    std::int32_t levels = 0;  ///< dimensions
    bool has_zero = false;    ///< whether any row of any table is the zero vector here
  };
  std::vector<std::int64_t> number_columns;  ///< their places in ComparedTables::columns
  std::vector<Block> blocks;

  std::int64_t numbers() const { return static_cast<std::int64_t>(number_columns.size()); }
  std::int64_t dimensions() const;  ///< numbers and levels of all blocks
};

/// A table's rows in a space.
struct DistanceRows {
  static constexpr std::int32_t kZero = -1;

  std::int64_t rows = 0;
  std::vector<float> numbers;        ///< (numbers, rows): column by column
  std::vector<std::int32_t> levels;  ///< (blocks, rows): the level, or kZero
};
/// These rows, in this order.
DistanceRows part(const DistanceRows& rows, const DistanceSpace& space,
                  const std::vector<std::int64_t>& which);

struct DistanceTables {
  DistanceSpace space;
  DistanceRows real, synthetic;
  std::optional<DistanceRows> held_out;
};
DistanceTables distance_tables(const ComparedTables& tables);

/// The same without a column of ComparedTables.
DistanceTables without_column(const DistanceTables& tables, std::int64_t column);

/// Squared distance of each row to the mean of `of`, in all dimensions, in double.
std::vector<double> squared_distances_to_mean(const DistanceRows& rows, const DistanceRows& of,
                                              const DistanceSpace& space);

}  // namespace agon::host
