#include "host/run/data_identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "host/table/scaling.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr const char *kColumns = "columns", *kRows = "rows", *kFingerprint = "fingerprint";

/// FNV-1a, 64 bits (Fowler, Noll, Vo): tells tables apart by accident, not by intent.
struct Fnv1a {
  std::uint64_t hash = 0xcbf29ce484222325;
  void add(const void* data, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3;
    }
  }
};

const std::string& entry(const Checkpoint& checkpoint, const char* key, std::string_view source) {
  const auto found = checkpoint.metadata.find(key);
  if (found != checkpoint.metadata.end()) return found->second;
  throw DataError(
      fmt::format("{}: no '{}' in this checkpoint's metadata: agon train did not write it", source, key));
}

}  // namespace

DataIdentity identify(const Table& table, std::span<const float> standardised) {
  Fnv1a hash;
  for (const Column& column : table.columns) hash.add(column.name.c_str(), column.name.size() + 1);
  hash.add(standardised.data(), standardised.size_bytes());
  return {table.columns, table.rows, fmt::format("{:016x}", hash.hash)};
}

void store(const DataIdentity& identity, Checkpoint& checkpoint) {
  checkpoint.metadata[kColumns] = columns_to_json(identity.columns);
  checkpoint.metadata[kRows] = std::to_string(identity.rows);
  checkpoint.metadata[kFingerprint] = identity.fingerprint;
}

DataIdentity stored_identity(const Checkpoint& checkpoint, std::string_view source) {
  DataIdentity identity;
  identity.columns = columns_from_json(entry(checkpoint, kColumns, source), source);
  const std::string& rows = entry(checkpoint, kRows, source);
  const auto [end, error] = std::from_chars(rows.data(), rows.data() + rows.size(), identity.rows);
  if (error != std::errc{} || end != rows.data() + rows.size() || identity.rows < 1) {
    throw DataError(
        fmt::format("{}: '{}' in this checkpoint's metadata is not a number of rows", source, rows));
  }
  if (static_cast<std::int64_t>(identity.columns.size()) != checkpoint.config.width()) {
    throw DataError(fmt::format("{}: {} columns in this checkpoint's metadata, but a generator of {}", source,
                                identity.columns.size(), checkpoint.config.width()));
  }
  identity.fingerprint = entry(checkpoint, kFingerprint, source);
  return identity;
}

void check_same_data(const DataIdentity& before, const DataIdentity& now, std::string_view table) {
  if (before.columns.size() != now.columns.size()) {
    throw DataError(fmt::format("{}: has {} columns, but the run was trained on {}", table,
                                now.columns.size(), before.columns.size()));
  }
  for (std::size_t i = 0; i < before.columns.size(); ++i) {
    if (before.columns[i].name == now.columns[i].name) continue;
    throw DataError(fmt::format("{}: column {} is '{}', but the run was trained on '{}' there", table, i + 1,
                                now.columns[i].name, before.columns[i].name));
  }
  if (before.rows != now.rows) {
    throw DataError(
        fmt::format("{}: has {} rows, but the run was trained on {}", table, now.rows, before.rows));
  }
  if (before.fingerprint != now.fingerprint) {
    throw DataError(fmt::format("{}: its values are not those that the run was trained on", table));
  }
}

}  // namespace agon::host
