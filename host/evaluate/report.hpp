// The quality of a synthetic table, to be read by a program or a person.
#pragma once

#include <cstddef>
#include <string>

#include "host/evaluate/quality.hpp"

namespace agon::host {

/// Pretty-printed JSON with every figure; NaN is null. No newline at the end.
std::string to_json(const Quality& quality);

/// Aligned text for a terminal: the columns (KSComplement beside mean, standard deviation, minimum and
/// maximum, real against synthetic), the `worst_pairs` least similar pairs, warnings, the scores. Ends with a
/// newline.
std::string to_text(const Quality& quality, std::size_t worst_pairs = 5);

}  // namespace agon::host
