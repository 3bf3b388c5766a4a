// The constraints that a schema declares, and the rows that break them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/table/schema.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct DeclaredConstraint {
  std::string text;                           ///< "dbp < sbp"
  std::vector<bool> real, synthetic;          ///< (rows): which break it
  std::optional<std::vector<bool>> held_out;  ///< likewise
};

/// Each of the schema's constraints between compared columns. A cell without a value breaks none, nor does
/// what stands for no value or is a mark among numbers (engine/records/conditions.hpp). Where the synthetic
/// table lacks a column of a constraint, all its rows break it.
std::vector<DeclaredConstraint> check_declared(const Schema& schema, const ComparedTables& tables);

}  // namespace agon::host
