// Penalties on the discriminator's slope: from its gradient by its input to their own gradient by that.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Of a row's gradient g, with weight w:
///   zero    w/2 |g|^2       R1 on real rows, R2 on fakes: Mescheder et al. (2018)
///   one     w (|g| - 1)^2   WGAN-GP: Gulrajani et al. (2017); DRAGAN: Kodali et al. (2017)
enum class PenaltyCentre : std::int32_t { none, zero, one };

struct PenaltyTerm {
  PenaltyCentre centre = PenaltyCentre::none;
  float weight = 0.0f;
};

/// Up to three segments of `segment` rows each, with a term each. For row r with gradient g_r and penalty
/// p(g_r) of its segment's term,
///   v_r = scale dp/dg       x_r = row_weight_r x_r + v_r       penalty_r = p(g_r)
/// dp/dg is 0 where g is. All row-major; nothing overlaps.
struct GradientPenalty {
  static constexpr std::string_view kName = "gradient_penalty";
  std::int64_t rows = 0;  ///< a multiple of segment, at most 3 of them
  std::int64_t width = 0;
  std::int64_t segment = 0;
  float* gradient = nullptr;                        ///< (rows, width): g, overwritten by v
  float* x = nullptr;                               ///< (rows, width), updated
  const float* row_weight = nullptr;                ///< (rows)
  float* penalty[3] = {nullptr, nullptr, nullptr};  ///< (segment) each, written
  PenaltyTerm term[3] = {};
  const float* share = nullptr;  ///< of all terms' weights that they have in this step, one number; null: 1
  float scale = 1.0f;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, GradientPenalty& op) {
  v.updates(op.gradient, op.rows * op.width);
  v.updates(op.x, op.rows * op.width);
  v.reads(op.row_weight, op.rows);
  for (float*& penalty : op.penalty) v.writes(penalty, op.segment);
  v.reads(op.share, 1);
}

void gradient_penalty(QueueView queue, const GradientPenalty& op);
AGON_ON_BACKENDS(void gradient_penalty(QueueView queue, const GradientPenalty& op));

}  // namespace agon::kernels
