#include "engine/records/table_identity.hpp"

#include <cstdint>
#include <vector>

#include "engine/table/fnv1a.hpp"

namespace agon {

std::string fingerprint_of(const TextTable& table) {
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
  return all.text();
}

}  // namespace agon
