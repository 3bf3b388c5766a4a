// One column of the tables of an evaluation: cells become numbers and levels.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/table/cell_reader.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"
#include "host/evaluate/tables/compared_tables.hpp"
#include "host/evaluate/tables/level_index.hpp"

namespace agon::host {

class ComparedColumnReader {
 public:
  /// Reads the real table's column. Keeps a reference to `schema`. Throws DataError where a cell is not of
  /// the column's kind.
  ComparedColumnReader(const TextColumn& real, const ColumnSchema& schema, const Device& device);

  const ComparedCells& real() const { return real_; }

  /// Cells of another table's column, whose new levels are added. Returns in `misfits` the rows whose cell is
  /// not of the column's kind.
  ComparedCells read(const TextColumn& column, std::int64_t& misfits);

  /// What is known of the column so far.
  ComparedColumn column() const;

 private:
  void read_real_numbers(const TextColumn& real, const Device& device);
  void read_real_levels(const TextColumn& real);
  std::int32_t odd_level(double sentinel, std::string_view text);
  ComparedCells cells_of(const TextColumn& column, const std::vector<std::int32_t>& level,
                         const std::vector<double>& value) const;

  const ColumnSchema& schema_;
  CellReader reader_;
  bool numeric_;
  LevelsByMeaning nominal_;
  std::vector<std::string> odd_;     // levels among numbers
  std::vector<double> odd_numbers_;  // of each: the sentinel's; NaN of a mark
  std::int32_t real_levels_ = 0;
  ComparedCells real_;
};

}  // namespace agon::host
