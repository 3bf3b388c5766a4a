// What is mended in a table that was read: columns that are none, and characters that nobody sees.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/table/schema.hpp"
#include "engine/table/text_arena.hpp"
#include "engine/table/text_table.hpp"

namespace agon::host {

/// Takes away columns without a name and without a value, and first columns of row numbers (1 to n or 0 to
/// n - 1) without a name or with pandas' "Unnamed: 0"; gives the other columns without a name one ("column
/// 3"), and trims names. Returns which of the columns are left, in order. `row_names`: the first column is
/// R's row names.
std::vector<std::size_t> tidy_columns(TextTable& table, bool row_names, std::vector<Finding>& findings);

/// Trims cells, makes numbers of those that are but for a look-alike character such as U+2212, and merges
/// spellings that are then the same. New texts are kept in the arena.
void tidy_cells(TextTable& table, TextArena& arena, std::vector<Finding>& findings);

/// A warning where every name is a number above numbers: the header is missing.
void check_header(const TextTable& table, std::vector<Finding>& findings);

}  // namespace agon::host
