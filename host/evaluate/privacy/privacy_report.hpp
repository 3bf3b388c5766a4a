// Privacy, to be read by a program or a person. Counts and shares only: no patient's values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/evaluate/privacy/privacy.hpp"

namespace agon::host {

/// Parts that could not be measured are null; "missing" says why.
nlohmann::ordered_json to_json(const Copies& copies);
nlohmann::ordered_json to_json(const AttackPanel& panel);
nlohmann::ordered_json to_json(const AttributeInference& inference);
nlohmann::ordered_json to_json(const SinglingOut& singling_out);
nlohmann::ordered_json to_json(const ClosestRecords& closest);
nlohmann::ordered_json to_json(const Privacy& privacy);

/// Lines for a terminal; each ends with a newline.
std::string to_text(const Copies& copies);
std::string to_text(const AttackPanel& panel);
std::string to_text(const AttributeInference& inference, std::size_t worst_columns = 5);
std::string to_text(const SinglingOut& singling_out);
std::string to_text(const ClosestRecords& closest);
std::string to_text(const Privacy& privacy);

}  // namespace agon::host
