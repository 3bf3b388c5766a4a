// Dropout: numbers set to 0 at random, the others scaled up so that their mean stays.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels {

/// x = m x, m = 0 with `probability`, else 1 / (1 - probability).
///
/// Row r = s segment + i has the number first_row + s segment_stride + i, and the mask of row number R and
/// column c is word c % 4 of block first_block + R ceil(width / 4) + c / 4 of the stream (modulo 2^32): the
/// same wherever in memory the row is, and whatever rows are beside it. All row-major; nothing overlaps.
struct Dropout {
  static constexpr std::string_view kName = "dropout";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::int64_t segment = 0;         ///< rows
  std::int64_t segment_stride = 0;  ///< row numbers from one segment to the next
  std::int64_t first_row = 0;
  std::int64_t first_block = 0;
  float probability = 0.0f;  ///< in [0, 1)
  float* x = nullptr;        ///< (rows, width)
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Dropout& op) {
  v.scales(op.x, op.rows * op.width);
  visit_operands(v, op.random);
}

/// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014), in
/// the form that scales while training.
void dropout(QueueView queue, const Dropout& op);
AGON_ON_BACKENDS(void dropout(QueueView queue, const Dropout& op));

}  // namespace agon::kernels
