// Points between or around the data, at which a discriminator's slope is penalised.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels {

/// With fakes: out_r = e real_r + (1 - e) fake_r, e uniform on [0, 1) for a row (Gulrajani et al., 2017).
/// Without: out = real + 0.5 *deviation u, u uniform on [0, 1) for an element (Kodali et al., 2017).
/// The numbers are elements first + r, or (first + r) width + column, of the stream. No output may overlap an
/// input.
struct MixedRows {
  static constexpr std::string_view kName = "mixed_rows";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const float* real = nullptr;       ///< (rows, width)
  const float* fake = nullptr;       ///< (rows, width) or null
  const float* deviation = nullptr;  ///< (1), of the data; device memory; may be null where fakes are there
  float* out = nullptr;              ///< (rows, width), every element written
  std::int64_t first = 0;            ///< number of the first row
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, MixedRows& op) {
  v.reads(op.real, op.rows * op.width);
  v.reads(op.fake, op.rows * op.width);
  v.reads(op.deviation, 1);
  v.writes(op.out, op.rows * op.width);
  visit_operands(v, op.random);
}

void mixed_rows(QueueView queue, const MixedRows& op);
AGON_ON_BACKENDS(void mixed_rows(QueueView queue, const MixedRows& op));

}  // namespace agon::kernels
