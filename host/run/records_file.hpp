// A table of records and what its columns mean: what the file shows, and what the user says of it.
#pragma once

#include <string>
#include <vector>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon::host {

struct RecordsRequest {
  std::string table;                     ///< a file, or "-" for standard input
  std::string schema;                    ///< a TOML file over what is inferred, or empty
  std::string columns, ignore;           ///< names with commas between; empty: all, none
  Examples examples = Examples::shared;  ///< which cells its findings may name
};

struct RecordsFile {
  TextTable table;
  Schema schema;
  std::vector<Finding> findings;  ///< of the file, of its columns, of the schema
};

/// Throws DataError on a file that cannot be read; ConfigurationError on names that no column has. Columns
/// that are not asked for are ignored ones.
RecordsFile read_records_file(const RecordsRequest& request);

/// Throws DataError, one line for each finding that is an error; else returns the text of the warnings, a
/// line each, with their remedies.
std::string require_sound(const RecordsFile& file, const std::string& name);

}  // namespace agon::host
