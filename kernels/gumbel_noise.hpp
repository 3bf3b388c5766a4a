// Gumbel noise on the logits of heads: the highest sum is then a draw from their softmax.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels {

/// y = x + g in columns below `levels`, y = x in the others, with g = -log(-log u).
///
/// Row r = s segment + i has the number first_row + s segment_stride + i, and the u of row number R and
/// column c is (word + 1/2) / 2^32, of word c % 4 of block R ceil(levels / 4) + c / 4 of the stream (modulo
/// 2^32). All row-major; nothing overlaps.
struct GumbelNoise {
  static constexpr std::string_view kName = "gumbel_noise";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::int64_t levels = 0;          ///< at most width
  std::int64_t segment = 0;         ///< rows
  std::int64_t segment_stride = 0;  ///< row numbers from one segment to the next
  std::int64_t first_row = 0;
  const float* x = nullptr;  ///< (rows, width)
  float* y = nullptr;        ///< (rows, width), every element written
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, GumbelNoise& op) {
  v.reads(op.x, op.rows * op.width);
  v.writes(op.y, op.rows * op.width);
  visit_operands(v, op.random);
}

/// Source: Gumbel, "Statistical theory of extreme values and some practical applications" (1954).
void gumbel_noise(QueueView queue, const GumbelNoise& op);
AGON_ON_BACKENDS(void gumbel_noise(QueueView queue, const GumbelNoise& op));

}  // namespace agon::kernels
