// An evaluation: the tables, and each part's figures of them.
#pragma once

#include <cstdint>
#include <string>

#include "engine/runtime/device.hpp"
#include "host/evaluate/compared_tables.hpp"
#include "host/evaluate/fidelity.hpp"

namespace agon::host {

struct EvaluationOptions {
  FidelityOptions fidelity;
  std::string target;  ///< a column that others are to tell, or empty
};

struct Evaluation {
  ComparedTables tables;
  EvaluationOptions options;
  Fidelity fidelity;
};

Evaluation evaluate(ComparedTables tables, const EvaluationOptions& options, const Device& device);

/// Pretty-printed JSON with every figure; what is undefined is null. No newline at the end.
std::string to_json(const Evaluation& evaluation);

/// For a terminal, about 110 places wide: each part in turn, then warnings. Ends with a newline. Names and
/// cells are shown without control characters.
std::string to_text(const Evaluation& evaluation);

}  // namespace agon::host
