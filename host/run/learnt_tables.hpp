// The rows that a run has learnt from, and those that it held out, read again from the run's table.
#pragma once

#include <optional>
#include <string>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/held_out.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

struct LearntTables {
  std::string path;                   ///< of the table, as config.toml beside the checkpoint names it
  TextTable whole, learnt;            ///< all rows; those that the run learnt from
  std::optional<TextTable> held_out;  ///< the others, where there are any
  RowSplit rows;  ///< of the whole table, which is which; all training where none are held out
  Schema schema;  ///< of records the run's, else what is inferred
};

/// The seed that has split a run's rows: that of its first attempt.
std::uint64_t first_seed_of(const FoundCheckpoint& found, const Settings& settings);

/// Splits the table as the run did. Throws DataError where config.toml or the table cannot be read, or the
/// table is not the run's.
LearntTables read_learnt_tables(const FoundCheckpoint& found, const DataIdentity& data);

}  // namespace agon::host
