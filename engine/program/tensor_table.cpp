#include "engine/program/tensor_table.hpp"

#include <iterator>

namespace agon {

/// Null where none holds all of it.
const TensorTable::Pieces::value_type* TensorTable::holding(const Pieces& pieces, const Access& access) {
  const auto behind = pieces.upper_bound(access.first);
  if (behind == pieces.begin()) return nullptr;
  const auto& found = *std::prev(behind);
  return access.end() <= found.first + found.second.bytes ? &found : nullptr;
}

std::string TensorTable::describe(const Access& access) const {
  const auto* found = holding(parts_, access);
  if (found == nullptr) found = holding(pieces_, access);
  if (found == nullptr) {
    const auto* const first = holding(pieces_, {access.kind, access.first, 1});
    return first == nullptr ? "memory" : first->second.label.name + " and on";
  }
  const auto& [first, tensor] = *found;
  if (access.bytes == tensor.bytes || tensor.bytes == static_cast<std::int64_t>(tensor.element))
    return tensor.label.name;
  const std::int64_t columns = tensor.label.columns > 0 ? tensor.label.columns : 1;
  const std::int64_t row = static_cast<std::int64_t>(tensor.element) * columns;
  const std::int64_t from = access.first - first;
  return tensor.label.name + "[" + std::to_string(from / row) + ":" +
         std::to_string((from + access.bytes + row - 1) / row) + "]";
}

}  // namespace agon
