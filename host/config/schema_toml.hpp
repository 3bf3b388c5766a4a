// A table's schema as a file for its user.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/table/schema.hpp"

namespace agon::host {

/// Written for editing: what each key may be stands in comments, and `remarks` (one a line) at the top.
/// schema_from_toml takes it back to an equal schema.
std::string schema_to_toml(const Schema& schema, std::span<const std::string> remarks);

/// Keys that are not written have the defaults of ColumnSchema. Throws ConfigurationError, one line that
/// starts with source:line:column, on what cannot be parsed, unknown keys (with a suggestion), wrong types
/// and values.
Schema schema_from_toml(std::string_view text, const std::string& source);

/// Takes over what is written; the rest stays as inferred. Sentinels and marks that are written under missing
/// are no levels any more. Throws as schema_from_toml, also on columns that `inferred` has not.
void apply_schema_toml(std::string_view text, const std::string& source, Schema& inferred);

}  // namespace agon::host
