// How a table of records is learnt where nobody says otherwise.
#pragma once

#include <cstdint>

#include "engine/gan/config.hpp"
#include "engine/network/record_layout.hpp"

namespace agon {

/// The networks and the training of the program's recipe `table` (host/recipes/table.toml, which says where
/// they come from), for records of this layout and a run of `steps` steps.
GanConfig table_config(const RecordLayout& layout, std::uint64_t steps);

/// Steps for a table of so many rows, of which a step takes `rows_of_step` (bench/results, tables): more rows
/// have more to tell, up to a limit, and few rows are learnt by heart before that. Throws ConfigurationError
/// where either is below 1.
std::uint64_t table_steps(std::int64_t rows, std::int64_t rows_of_step);

}  // namespace agon
