// As many records of each level of a column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/records/conditions.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// How many records of each level are wanted, and how many of them are there. A cell without a value is no
/// level: no record with one is wanted.
class Balance {
 public:
  /// Throws ConfigurationError on a column that is not drawn, or is none of levels.
  Balance(std::string_view column, const Coding& coding);

  /// `count` records, divided as evenly as can be: the first levels get the rest. Levels that conditions on
  /// the column rule out get none. Throws ConfigurationError where they leave no level.
  void share_out(std::int64_t count, std::span<const Conditions> conditions);
  /// Looks at a piece of the draw. From then on wants(row) says whether a record of the row's level is still
  /// wanted; take(row) counts it. They throw ConfigurationError where the piece has no such row or no such
  /// column.
  void look_at(const TextTable& records);
  bool wants(std::int64_t row) const;
  void take(std::int64_t row);

  struct Level {
    std::string name;
    std::int64_t wanted = 0, taken = 0;
  };
  /// Of the levels with too few records the one with the fewest; null where there is none.
  const Level* scarcest() const;
  const std::string& column() const { return column_; }

 private:
  std::string column_;
  std::vector<Level> levels_;
  std::vector<std::int64_t> level_of_spelling_;  ///< of the piece; -1: none
  std::vector<std::uint32_t> cells_;
};

}  // namespace agon
