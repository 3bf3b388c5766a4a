// The records of a real table, so that no drawn one equals a person.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// Knows the rows that fewer than schema.rarest rows of the table equal: what many people share names none of
/// them. Rows are equal where they mean the same in every column that is learnt, identifiers apart: the same
/// number, date or time however it is spelled, the same spelling of words, or no value. Of each row it keeps
/// a 128-bit hash, in memory alone: in a checkpoint it would tell anybody who asks whether a person is in the
/// table.
class RealRecords {
 public:
  /// Throws DataError where a cell is not of its column's kind.
  RealRecords(const TextTable& table, const Schema& schema);

  /// Of each row of a decoded table, (drawn.rows), whether it is one of them.
  std::vector<char> copies_in(const TextTable& drawn) const;

 private:
  struct Digest {
    std::uint64_t high = 0, low = 0;
    friend auto operator<=>(const Digest&, const Digest&) = default;
  };
  static Digest digest_of(std::string_view text);
  std::vector<Digest> digests_of(const TextTable& table) const;

  std::vector<ColumnSchema> columns_;
  std::vector<Digest> real_;  // ascending
};

}  // namespace agon
