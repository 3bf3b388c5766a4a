// The table that a run has learnt from, read again so that no record of it is drawn.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/records/real_records.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

struct RealTable {
  std::optional<RealRecords> records;
  std::string why_not;  ///< "patients.csv: no such file": why they are not known
};

/// Of a run of records: the file `asked`, or where that is empty the one that config.toml beside the
/// checkpoint names. Throws DataError where a file that was asked for cannot be read or is not the run's
/// table.
RealTable read_real_table(const FoundCheckpoint& found, const DataIdentity& data, const std::string& asked);

}  // namespace agon::host
