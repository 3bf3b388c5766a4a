// What a table's columns were taken for, for people.
#pragma once

#include <span>
#include <string>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon::host {

/// One aligned line for each column, then the findings, the weightiest first; at most 110 characters wide,
/// ends in a new line. No single record shows: of numbers and dates two percentiles, rounded (at least the
/// schema's `rarest` rows lie beyond each), of categories levels that at least so many rows have. With
/// Examples::any the least and the greatest number, and any level.
std::string describe_schema(const TextTable& table, const Schema& schema, std::span<const Finding> findings,
                            Examples examples = Examples::shared);

}  // namespace agon::host
