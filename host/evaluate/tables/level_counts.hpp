// How many cells of a column have each level.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// (levels) of the cells that have one.
std::vector<std::int64_t> level_counts(const ComparedCells& cells, std::size_t levels);
/// 0, ..., counts.size() - 1, the largest count first; of equal ones the first.
std::vector<std::size_t> commonest_first(const std::vector<std::int64_t>& counts);

}  // namespace agon::host
