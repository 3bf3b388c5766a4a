// A compared column that the user named.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// Its index. Throws ConfigurationError where there is none of this name: what `flag` says, why not, then
/// `remedy`.
std::int32_t named_column(const ComparedTables& tables, std::string_view flag, const std::string& name,
                          const std::string& remedy);

/// The same index, or -1.
std::int32_t find_column(const ComparedTables& tables, std::string_view name);

}  // namespace agon::host
