// Where a record's columns lie in the row that networks read.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/formula/record_heads.hpp"
#include "kernels/record_shape.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// Columns of number q, whose rank is u, into a row that has its levels.
inline void write_number(const RecordShape& shape, float* row, std::int64_t q, float u) {
  const std::int32_t gate = shape.gate[q];
  const bool open = gate < 0 || row[gate] != 0.0f;
  const std::int64_t width = number_width(shape.link);
  float* const columns = row + shape.levels + q * width;
  if (shape.link == NumberLink::tanh) {
    columns[0] = open ? formula::centred_rank(u) : 0.0f;
    return;
  }
  const formula::RankPlace place = formula::rank_place(u);
  std::memset(columns, 0, static_cast<std::size_t>(width) * sizeof(float));
  columns[place.knot] = open ? 1.0f - place.above : 0.0f;
  columns[place.knot + 1] = open ? place.above : 0.0f;
  columns[kNumberHats] = open ? formula::centred_rank(u) : 0.0f;
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
