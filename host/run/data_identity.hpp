// Which data a run learned from: kept in its checkpoints, checked when it goes on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/checkpoint.hpp"
#include "host/run/representation.hpp"
#include "host/table/table.hpp"

namespace agon::host {

struct DataIdentity {
  Representation representation;
  std::int64_t rows = 0;
  std::string fingerprint;  ///< of the columns' names and the values, 16 hexadecimal digits
};

/// `standardised` is (table.rows, table.width()).
DataIdentity identify(const Table& table, std::span<const float> standardised, Representation representation);
/// Of records, however they are coded.
DataIdentity identify(const TextTable& table, Representation representation);

/// Of images, in this order.
DataIdentity identify(const ImageSet& images);

/// Into and out of a checkpoint's metadata. Reading throws DataError, "<source>: ...", on a checkpoint that
/// the program did not write.
void store(const DataIdentity& identity, Checkpoint& checkpoint);
DataIdentity stored_identity(const Checkpoint& checkpoint, std::string_view source);

/// Throws DataError, one line that starts with `table`, where `now` is not the data of `before`.
void check_same_data(const DataIdentity& before, const DataIdentity& now, std::string_view table);

}  // namespace agon::host
