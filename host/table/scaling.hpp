// Between a table's own units and the network's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/table/table.hpp"

namespace agon::host {

/// (value - mean) / deviation in double, rounded to float: (rows, columns), row-major. No column may be
/// constant.
std::vector<float> standardise(const Table& table);

/// The way back: value * deviation + mean, rounded to the column's decimals (halves away from zero; never
/// -0). Not clipped to the observed range. `standardised` is (n, columns.size()) row-major; so is the result.
/// Throws DataError naming the column where a value is not finite.
std::vector<double> restore(std::span<const float> standardised, std::span<const Column> columns);

/// Columns and scaling as JSON, for a checkpoint's metadata. Every number survives the round trip exactly.
std::string columns_to_json(std::span<const Column> columns);

/// Throws DataError, "<source>: <what>", where the text is not JSON of that form or holds nonsense: no
/// columns, an empty or doubled name, decimals out of range, a mean outside [minimum, maximum], a deviation
/// that is not positive or too large for the range.
std::vector<Column> columns_from_json(std::string_view json, std::string_view source);

}  // namespace agon::host
