// One cell of a column, read as the column's schema says.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/table/schema.hpp"

namespace agon {

class CellReader {
 public:
  enum class Cell : std::uint8_t { value, missing, mark, misfit };

  /// Keeps a reference to `schema`.
  explicit CellReader(const ColumnSchema& schema);

  /// Blanks around a spelling do not count. `value` is NaN where there is no number.
  Cell read(std::string_view spelling, double& value) const;

  /// What a misfit should have been: "a number", "a date as %Y-%m-%d".
  std::string expected() const;

 private:
  const ColumnSchema& schema_;
  std::unordered_set<std::string_view> missing_, marks_;
  std::vector<double> missing_numbers_;  // "-999" listed as missing stands for "-999.0" as well
};

}  // namespace agon
