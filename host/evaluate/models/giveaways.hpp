// Columns that give a target away, so that foretelling it from them teaches nothing.
#pragma once

#include <string>
#include <vector>

#include "host/evaluate/fidelity/rules.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// Names of the columns that by one of the real table's rules have the target's value or determine it, directly
/// or through each other: a cause of death is known of the dead alone.
std::vector<std::string> giveaways(const ComparedTables& tables, const std::vector<RecordRule>& rules,
                                   const std::string& target);

/// The tables without these columns.
ComparedTables without_columns(const ComparedTables& tables, const std::vector<std::string>& names);

}  // namespace agon::host
