// What boosted trees see of tables.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// Rows of features, each a number or a category; NaN is no value.
struct TreeFeatures {
  std::int64_t rows = 0, width = 0;
  std::vector<float> values;  ///< (rows, width); of a category: 0, 1, ...
  /// (width): whether the feature is a category
  std::vector<std::uint8_t> categorical;
};
/// These rows, in this order.
TreeFeatures part(const TreeFeatures& features, const std::vector<std::int64_t>& which);
/// The rows of a, then those of b, of the same layout.
TreeFeatures stacked(const TreeFeatures& a, const TreeFeatures& b);

/// Which features a table's columns become. A nominal column is a category: its level, of any of the tables.
/// A column of numbers is a number; where it has marks, a category beside it says which mark a cell is.
class TreeLayout {
 public:
  /// Of a column with more levels, so many have a category of their own: those that most rows of all tables
  /// have. The others share one. (Each node of a tree sorts all categories of a column.)
  static constexpr std::size_t kMostLevels = 1000;

  /// Of all columns but `without`, an index; -1: of all.
  explicit TreeLayout(const ComparedTables& tables, std::int32_t without = -1);

  std::int64_t width() const { return static_cast<std::int64_t>(features_.size()); }
  /// The column that a feature comes from.
  std::int32_t column_of(std::int64_t feature) const {
    return features_[static_cast<std::size_t>(feature)].column;
  }
  TreeFeatures features_of(const RecordSet& records) const;

 private:
  struct Feature {
    std::int32_t column = 0;
    bool categorical = false;
    double shift = 0;             // what is taken from a number before it becomes a float
    std::vector<float> category;  // (levels)
  };
  std::vector<Feature> features_;
};

}  // namespace agon::host
