// JSON of what came from a table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "kernels/error.hpp"

namespace agon {

/// Throws DataError on text that JSON cannot hold.
inline std::string json_text(const nlohmann::json& value) {
  try {
    return value.dump();
  } catch (const nlohmann::json::type_error&) {
    throw DataError("a name or a cell of the table is not UTF-8: a schema or a checkpoint cannot hold it");
  }
}

}  // namespace agon
