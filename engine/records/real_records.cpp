#include "engine/records/real_records.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

#include "engine/table/cell_text.hpp"
#include "engine/table/whole_table.hpp"

namespace agon {
namespace {

/// SplitMix64's finaliser (Steele, Lea and Flood, 2014).
std::uint64_t scattered(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// What a value's bytes begin with, so that no number equals a word.
constexpr std::string_view kNumberTag = "n", kWordTag = "w", kNoValueTag = "-";

}  // namespace

/// Two sums of the bytes by different bases, each scattered.
RealRecords::Digest RealRecords::digest_of(std::string_view text) {
  Digest digest{0xcbf29ce484222325u, 0x9E3779B97F4A7C15u};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    digest.high = (digest.high ^ byte) * 0x100000001b3u;  // FNV-1a
    digest.low = std::rotl(digest.low + byte, 23) * 0xD6E8FEB86659FD93u;
  }
  return {scattered(digest.high), scattered(digest.low)};
}

std::vector<RealRecords::Digest> RealRecords::digests_of(const TextTable& table) const {
  std::vector<Digest> rows(static_cast<std::size_t>(table.rows));
  std::string bytes;
  for (const ColumnSchema& schema : columns_) {
    const TextColumn& column = required_column(table, schema.name);
    const ReadColumn read = read_column(column, schema);
    std::vector<Digest> cells;
    for (std::size_t s = 0; s < column.spellings.size(); ++s) {
      const bool is_value = read.cell[s] == ReadColumn::Cell::value;
      if (read.cell[s] == ReadColumn::Cell::missing) {
        bytes = kNoValueTag;
      } else if (is_value && (schema.is_number() || schema.is_moment())) {
        const double value = read.value[s] + 0.0;  // -0 is 0
        bytes.assign(kNumberTag).append(reinterpret_cast<const char*>(&value), sizeof value);
      } else {
        bytes.assign(kWordTag).append(trimmed(column.spellings[s]));
      }
      cells.push_back(digest_of(bytes));
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const Digest& cell = cells[column.cells[row]];
      rows[row].high = scattered(rows[row].high * 0x9E3779B97F4A7C15u + cell.high);
      rows[row].low = scattered(rows[row].low * 0xD6E8FEB86659FD93u + cell.low);
    }
  }
  return rows;
}

RealRecords::RealRecords(const TextTable& table, const Schema& schema) {
  require_whole(table);
  for (const ColumnSchema& column : schema.columns) {
    const bool is_learnt = !column.ignored && column.kind != ColumnKind::text;
    if (is_learnt && column.kind != ColumnKind::identifier) columns_.push_back(column);
  }
  std::vector<Digest> rows = digests_of(table);
  std::ranges::sort(rows);
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && rows[end] == rows[begin]) ++end;
    if (static_cast<std::int64_t>(end - begin) < schema.rarest) real_.push_back(rows[begin]);
  }
}

std::vector<char> RealRecords::copies_in(const TextTable& drawn) const {
  require_whole(drawn);
  std::vector<char> copies;
  for (const Digest& digest : digests_of(drawn)) copies.push_back(std::ranges::binary_search(real_, digest));
  return copies;
}

}  // namespace agon
