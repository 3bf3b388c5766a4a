// Fidelity, to be read by a program or a person.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/evaluate/fidelity/fidelity.hpp"

namespace agon::host {

/// Every figure; what is undefined, or was not measured, is null.
nlohmann::ordered_json to_json(const Fidelity& fidelity, const ComparedTables& tables);

/// Aligned text: quality beside its floor, every column and `worst_pairs` pairs, those furthest below their
/// floor first, rules that are broken.
std::string to_text(const Fidelity& fidelity, const ComparedTables& tables, std::size_t worst_pairs = 10);

}  // namespace agon::host
