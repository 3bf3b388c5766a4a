#include "engine/program/operation.hpp"

#include "engine/program/byte_ranges.hpp"

namespace agon {

OperationSummary Operation::summary() const {
  OperationSummary summary{.name = std::string(name_)};
  ByteRanges seen, written;
  for (const Access& access : accesses()) {
    if (access.rarely) continue;
    if (access.reads()) summary.bytes_read += seen.add(access.first, access.end());
    if (!access.writes()) continue;
    summary.bytes_written += written.add(access.first, access.end());
    seen.add(access.first, access.end());
  }
  const std::vector<Product> all = products();
  for (const Product& product : all) summary.multiply_adds += product.multiply_adds();
  if (all.empty()) {
    summary.out = summary.bytes_written / static_cast<std::int64_t>(sizeof(float));
  } else {
    summary.rows = all.front().rows, summary.in = all.front().in, summary.out = all.front().out;
  }
  return summary;
}

}  // namespace agon
