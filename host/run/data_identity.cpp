#include "host/run/data_identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/records/table_identity.hpp"
#include "engine/table/fnv1a.hpp"
#include "host/images/read_images.hpp"
#include "host/table/scaling.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr const char* kColumns = "columns";
constexpr const char* kBounds = "bounds";  // older versions wrote none, and kept exact ones
constexpr const char* kRounded = "rounded";
constexpr const char* kClasses = "classes";  // names, of images by class

const std::string& entry(const Checkpoint& checkpoint, const char* key, std::string_view source) {
  const auto found = checkpoint.metadata.find(key);
  if (found != checkpoint.metadata.end()) return found->second;
  throw DataError(
      fmt::format("{}: no '{}' in this checkpoint's metadata: agon train did not write it", source, key));
}

}  // namespace

namespace {

std::string kind_text(const Representation& how) {
  return how.of_images() ? "images of " + image_size_text(how.images) : "a table";
}

}  // namespace

DataIdentity identify(const Table& table, std::span<const float> standardised, Representation how) {
  Fnv1a hash;
  for (const Column& column : table.columns) hash.add(column.name.c_str(), column.name.size() + 1);
  hash.add(standardised.data(), standardised.size_bytes());
  return {std::move(how), table.rows, hash.text()};
}

DataIdentity identify(const TextTable& table, Representation representation) {
  return {std::move(representation), table.rows, fingerprint_of(table)};
}

DataIdentity identify(const ImageSet& images) {
  DataIdentity identity{{}, images.count, fingerprint(images)};
  identity.representation.images = images.shape;
  return identity;
}

void store(const DataIdentity& identity, Checkpoint& checkpoint) {
  const Representation& how = identity.representation;
  if (how.of_records()) {
    checkpoint.metadata[kCodingEntry] = how.coding->to_json();
  } else if (how.of_images()) {  // their shape and their classes' shares are in the configuration
    if (how.classes.any()) checkpoint.metadata[kClasses] = nlohmann::json(how.classes.names).dump();
  } else {
    checkpoint.metadata[kColumns] = columns_to_json(how.columns);
    checkpoint.metadata[kBounds] = how.exact ? "exact" : kRounded;
  }
  checkpoint.metadata[kRowsEntry] = std::to_string(identity.rows);
  checkpoint.metadata[kFingerprintEntry] = identity.fingerprint;
}

LearntClasses stored_classes(const Checkpoint& checkpoint, std::string_view source) {
  const std::vector<std::int64_t>& shares = checkpoint.config.generator.records.conditions.shares;
  if (shares.empty()) return {};
  const auto names = nlohmann::json::parse(entry(checkpoint, kClasses, source), nullptr, false);
  const auto is_text = [](const nlohmann::json& one) { return one.is_string(); };
  if (!names.is_array() || names.size() != shares.size() || !std::ranges::all_of(names, is_text))
    throw DataError(fmt::format("{}: '{}' in this checkpoint's metadata are not the names of its {} classes",
                                source, kClasses, shares.size()));
  return {names.get<std::vector<std::string>>(), shares};
}

/// Throws DataError where the networks are not of its widths.
Representation stored_representation(const Checkpoint& checkpoint, std::string_view source) {
  Representation how;
  if (const auto found = checkpoint.metadata.find(kCodingEntry); found != checkpoint.metadata.end()) {
    how.coding = std::make_shared<const Coding>(Coding::from_json(found->second, source));
    if (how.coding->layout() != checkpoint.config.generator.records)
      throw DataError(
          fmt::format("{}: the coding in this checkpoint's metadata is not its generator's", source));
    return how;
  }
  how.images = checkpoint.config.generator.images.shape;
  if (how.of_images()) {
    how.classes = stored_classes(checkpoint, source);
    return how;
  }
  how.columns = columns_from_json(entry(checkpoint, kColumns, source), source);
  const auto bounds = checkpoint.metadata.find(kBounds);
  how.exact = bounds == checkpoint.metadata.end() || bounds->second != kRounded;
  if (static_cast<std::int64_t>(how.columns.size()) != checkpoint.config.width())
    throw DataError(fmt::format("{}: {} columns in this checkpoint's metadata, but a generator of {}", source,
                                how.columns.size(), checkpoint.config.width()));
  return how;
}

DataIdentity stored_identity(const Checkpoint& checkpoint, std::string_view source) {
  DataIdentity identity;
  identity.representation = stored_representation(checkpoint, source);
  const std::string& rows = entry(checkpoint, kRowsEntry, source);
  const auto [end, error] = std::from_chars(rows.data(), rows.data() + rows.size(), identity.rows);
  if (error != std::errc{} || end != rows.data() + rows.size() || identity.rows < 1) {
    throw DataError(
        fmt::format("{}: '{}' in this checkpoint's metadata is not a number of rows", source, rows));
  }
  identity.fingerprint = entry(checkpoint, kFingerprintEntry, source);
  return identity;
}

void check_same_data(const DataIdentity& before, const DataIdentity& now, std::string_view table) {
  if (before.representation.images != now.representation.images)
    throw DataError(fmt::format("{}: has {}, but the run was trained on {}", table,
                                kind_text(now.representation), kind_text(before.representation)));
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
    throw DataError(fmt::format("{}: has {} {}, but the run was trained on {}", table, now.rows,
                                rows_word(now.representation), before.rows));
  }
  if (before.fingerprint != now.fingerprint) {
    throw DataError(fmt::format("{}: its values are not those that the run was trained on", table));
  }
}

}  // namespace agon::host
