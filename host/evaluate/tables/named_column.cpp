#include "host/evaluate/tables/named_column.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {

std::int32_t find_column(const ComparedTables& tables, std::string_view name) {
  const auto found = std::ranges::find(tables.columns, name, &ComparedColumn::name);
  return found == tables.columns.end() ? -1 : static_cast<std::int32_t>(found - tables.columns.begin());
}

std::int32_t named_column(const ComparedTables& tables, std::string_view flag, const std::string& name,
                          const std::string& remedy) {
  if (const std::int32_t column = find_column(tables, name); column >= 0) return column;
  const bool left_out = std::ranges::find(tables.left_out, name) != tables.left_out.end();
  throw ConfigurationError(fmt::format("{}: {} {}; {}", flag, in_quotes(name),
                                       left_out ? "is an identifier, free text or ignored: it is not compared"
                                                : "is no column of the real table",
                                       remedy));
}

}  // namespace agon::host
