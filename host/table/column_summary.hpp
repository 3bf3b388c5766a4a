// One column in a few words that give no single record away.
#pragma once

#include <cstdint>
#include <string>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon::host {

struct ColumnSummary {
  std::int64_t distinct = 0;  ///< spellings that stand for a value
  std::int64_t missing = 0;   ///< rows
  std::string details;        ///< "21 to 84, step 5", "male, female", "%Y-%m-%d, 2019-03 to 2022-11"
};

/// Of cells that are not as the schema says, nothing is told. `rarest`: rows that must stand behind what is
/// shown; of 1 the least and the greatest number themselves, and every level.
ColumnSummary summarise(const TextColumn& column, const ColumnSchema& schema, std::int64_t rarest);

}  // namespace agon::host
