// Both tables' rows in one plane, as densities: no row is shown by itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// Shares of the rows in (side, side) cells of the plane of the first two principal components of the real
/// rows: standardised numbers (0 where there is none) and a dimension of 0 or 1 for each level of the real
/// table. The plane spans the middle 99% of the real rows in either direction; what lies outside counts in
/// the outermost cells. A cell that fewer than five rows are in is empty.
struct Projection {
  static constexpr int kSide = 40;
  std::vector<double> real, synthetic;
};
/// From at most 20,000 rows of each table, by the seed. Empty where a table has no two rows or no column
/// varies.
Projection project(const ComparedTables& tables, std::uint64_t seed);

/// One of the two as an svg element 640 wide that an HTML page can hold. `most`: the share with the darkest
/// colour; `table`: "real" or "synthetic".
std::string density_svg(const std::vector<double>& density, double most, std::string_view table,
                        std::string_view heading);

}  // namespace agon::host
