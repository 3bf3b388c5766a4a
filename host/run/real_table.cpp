#include "host/run/real_table.hpp"

#include <fmt/format.h>

#include "host/config/toml.hpp"
#include "host/run/replica_table.hpp"
#include "host/table/read_table.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

/// Rows that were held out are of the table, too.
DataIdentity identity_of_whole(const FoundCheckpoint& found, const DataIdentity& learnt) {
  const ReplicaTable replicas = stored_replicas(found.checkpoint, found.path.string());
  if (replicas.replicas.empty()) return learnt;
  return {learnt.representation, replicas.whole.rows, replicas.whole.fingerprint};
}

RealRecords real_records_of(const std::string& path, const DataIdentity& whole) {
  const TextTable table = read_table(path).table;
  check_same_data(whole, identify(table, whole.representation), path);
  return {table, whole.representation.coding->schema()};
}

}  // namespace

RealTable read_real_table(const FoundCheckpoint& found, const DataIdentity& data, const std::string& asked) {
  const DataIdentity whole = identity_of_whole(found, data);
  if (!asked.empty()) return {real_records_of(asked, whole), {}};
  const fs::path config = found.path.parent_path() / "config.toml";
  std::error_code ignored;
  if (!fs::exists(config, ignored)) return {{}, "no config.toml beside the checkpoint names the table"};
  try {
    Settings settings;
    read_toml(config, settings);
    const std::string& path = settings.data.table;
    if (!fs::is_regular_file(path, ignored)) return {{}, fmt::format("{}: no such file", path)};
    return {real_records_of(path, whole), {}};
  } catch (const Error& error) {
    return {{}, error.what()};
  }
}

}  // namespace agon::host
