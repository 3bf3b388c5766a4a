#include "engine/program/operation.hpp"

namespace agon {

OperationSummary Operation::summary() const {
  OperationSummary summary{.name = std::string(name_)};
  for (const Access& access : accesses()) {
    if (access.reads()) summary.bytes_read += access.bytes;
    if (access.writes()) summary.bytes_written += access.bytes;
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
