// Which rows of a table equal given ones in every cell.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// The rows of a table by their contents. 16 bytes a row; the table must outlive it.
class EqualRows {
 public:
  explicit EqualRows(const RecordSet& table);

  /// Every row of the table that equals row `i` of `other`, in rising order. Cells without a value are equal.
  std::vector<std::int64_t> find(const RecordSet& other, std::int64_t i) const;

 private:
  const RecordSet& table_;
  std::vector<std::pair<std::uint64_t, std::int64_t>> by_hash_;
};

}  // namespace agon::host
