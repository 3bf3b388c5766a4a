// What a checkpoint's metadata says of the table of records that its networks have learnt.
#pragma once

#include <string>

#include "engine/table/text_table.hpp"

namespace agon {

/// Keys: the coding as JSON, the number of rows, fingerprint_of().
inline constexpr const char *kCodingEntry = "coding", *kRowsEntry = "rows",
                            *kFingerprintEntry = "fingerprint";

/// Of the columns' names and the cells, 16 hexadecimal digits: tells tables apart by accident, not by intent.
std::string fingerprint_of(const TextTable& table);

}  // namespace agon
