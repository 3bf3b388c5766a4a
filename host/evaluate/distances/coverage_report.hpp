// Coverage and the sliced distance, to be read by a program or a person.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/evaluate/distances/coverage.hpp"
#include "host/evaluate/distances/sliced_distance.hpp"

namespace agon::host {

/// Every figure beside its floor; floors are null where there are too few rows.
nlohmann::ordered_json to_json(const Coverage& coverage);
nlohmann::ordered_json to_json(const SlicedDistance& distance);

/// A line for each figure: the synthetic rows' at the floor's size, the floor, from least to greatest, and
/// the synthetic rows' at full size. Ends with a newline.
std::string to_text(const Coverage& coverage);
std::string to_text(const SlicedDistance& distance);

}  // namespace agon::host
