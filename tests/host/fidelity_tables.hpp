// Tables for the tests of an evaluation, put together in memory.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::test {

inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

/// Two columns that go together, far from 0, or with holes.
inline std::pair<std::vector<double>, std::vector<double>> related(int rows, double offset, double holes,
                                                                   unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::pair<std::vector<double>, std::vector<double>> columns;
  for (int row = 0; row < rows; ++row) {
    const double x = normal(random);
    columns.first.push_back(uniform(random) < holes ? kNoNumber : offset + x);
    columns.second.push_back(uniform(random) < holes ? kNoNumber : 1e-3 * (x + normal(random)));
  }
  return columns;
}

/// Tables of two sides, column by column.
class TablesOfTwo {
 public:
  TablesOfTwo(std::int64_t real_rows, std::int64_t synthetic_rows) {
    tables_.real.rows = real_rows;
    tables_.synthetic.rows = synthetic_rows;
  }

  /// NaN is a hole.
  TablesOfTwo& numbers(std::string name, std::vector<double> real, std::vector<double> synthetic) {
    add(std::move(name), host::ComparedColumn::Kind::number, {}, 0);
    tables_.real.columns.push_back(number_cells(std::move(real)));
    tables_.synthetic.columns.push_back(number_cells(std::move(synthetic)));
    return *this;
  }

  /// -1 is a hole.
  TablesOfTwo& levels(std::string name, std::vector<std::string> all, int real_levels,
                      std::vector<std::int32_t> real, std::vector<std::int32_t> synthetic) {
    add(std::move(name), host::ComparedColumn::Kind::nominal, std::move(all), real_levels);
    tables_.real.columns.push_back({{}, std::move(real)});
    tables_.synthetic.columns.push_back({{}, std::move(synthetic)});
    return *this;
  }

  host::ComparedTables& tables() { return tables_; }

 private:
  void add(std::string name, host::ComparedColumn::Kind kind, std::vector<std::string> all, int real_levels) {
    tables_.columns.push_back({std::move(name), kind, std::move(all), real_levels, true});
  }

  static host::ComparedCells number_cells(std::vector<double> numbers) {
    host::ComparedCells cells{std::move(numbers), {}};
    for (const double number : cells.numbers)
      cells.levels.push_back(std::isnan(number) ? host::ComparedCells::kNone : host::ComparedCells::kNumber);
    return cells;
  }

  host::ComparedTables tables_;
};

}  // namespace agon::test
