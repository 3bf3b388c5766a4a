// A configuration as JSON, as it stands in checkpoints.
#pragma once

#include <string>
#include <string_view>

#include "engine/gan/config.hpp"

namespace agon {

/// Numbers are written with as many digits as bring back the same bits.
std::string to_json(const GanConfig& config);

/// Strict: every field of config_fields.hpp, but for what its Entry lets be missing, which is then the
/// default; nothing else; and a configuration that validate() accepts. Throws DataError, one line without a
/// place.
GanConfig config_from_json(std::string_view text);

}  // namespace agon
