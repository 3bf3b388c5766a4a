#include "host/run/data_identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "host/table/scaling.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr const char *kColumns = "columns", *kCoding = "coding", *kRows = "rows",
                     *kFingerprint = "fingerprint";

/// FNV-1a, 64 bits (Fowler, Noll, Vo): tells tables apart by accident, not by intent.
struct Fnv1a {
  std::uint64_t hash = 0xcbf29ce484222325;
  void add(const void* data, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3;
    }
  }
  void add_whole(std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3; }
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
  return {{table.columns, nullptr}, table.rows, fmt::format("{:016x}", hash.hash)};
}

DataIdentity identify(const TextTable& table, Representation representation) {
  Fnv1a all;
  for (const TextColumn& column : table.columns) {
    all.add(column.name.c_str(), column.name.size() + 1);
    std::vector<std::uint64_t> hashes;  // of the spellings
    for (const std::string_view spelling : column.spellings) {
      Fnv1a one;
      one.add(spelling.data(), spelling.size());
      hashes.push_back(one.hash);
    }
    for (const std::uint32_t cell : column.cells) all.add_whole(hashes[cell]);
  }
  return {std::move(representation), table.rows, fmt::format("{:016x}", all.hash)};
}

void store(const DataIdentity& identity, Checkpoint& checkpoint) {
  const Representation& how = identity.representation;
  if (how.of_records()) {
    checkpoint.metadata[kCoding] = how.coding->to_json();
  } else {
    checkpoint.metadata[kColumns] = columns_to_json(how.columns);
  }
  checkpoint.metadata[kRows] = std::to_string(identity.rows);
  checkpoint.metadata[kFingerprint] = identity.fingerprint;
}

/// Throws DataError where the networks are not of its widths.
Representation stored_representation(const Checkpoint& checkpoint, std::string_view source) {
  Representation how;
  if (const auto found = checkpoint.metadata.find(kCoding); found != checkpoint.metadata.end()) {
    how.coding = std::make_shared<const Coding>(Coding::from_json(found->second, source));
    if (how.coding->layout() != checkpoint.config.generator.records)
      throw DataError(
          fmt::format("{}: the coding in this checkpoint's metadata is not its generator's", source));
    return how;
  }
  how.columns = columns_from_json(entry(checkpoint, kColumns, source), source);
  if (static_cast<std::int64_t>(how.columns.size()) != checkpoint.config.width())
    throw DataError(fmt::format("{}: {} columns in this checkpoint's metadata, but a generator of {}", source,
                                how.columns.size(), checkpoint.config.width()));
  return how;
}

DataIdentity stored_identity(const Checkpoint& checkpoint, std::string_view source) {
  DataIdentity identity;
  identity.representation = stored_representation(checkpoint, source);
  const std::string& rows = entry(checkpoint, kRows, source);
  const auto [end, error] = std::from_chars(rows.data(), rows.data() + rows.size(), identity.rows);
  if (error != std::errc{} || end != rows.data() + rows.size() || identity.rows < 1) {
    throw DataError(
        fmt::format("{}: '{}' in this checkpoint's metadata is not a number of rows", source, rows));
  }
  identity.fingerprint = entry(checkpoint, kFingerprint, source);
  return identity;
}

void check_same_data(const DataIdentity& before, const DataIdentity& now, std::string_view table) {
  const std::vector<std::string> then = before.representation.names(), here = now.representation.names();
  if (then.size() != here.size()) {
    throw DataError(
        fmt::format("{}: has {} columns, but the run was trained on {}", table, here.size(), then.size()));
  }
  for (std::size_t i = 0; i < then.size(); ++i) {
    if (then[i] == here[i]) continue;
    throw DataError(fmt::format("{}: column {} is '{}', but the run was trained on '{}' there", table, i + 1,
                                here[i], then[i]));
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
