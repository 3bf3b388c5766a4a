// Batch normalisation and layer normalisation with the LeakyReLU that follows them, forward and backward.
#pragma once

#include <cstdint>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/norm_kind.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Added to the variance before its root is taken.
inline constexpr float kNormEpsilon = 1e-5f;
/// Share of a new batch in the running statistics.
inline constexpr float kNormMomentum = 0.1f;

/// x^ = (x - mean) / sqrt(variance + epsilon)      y = phi(gamma x^ + beta), phi(u) = u > 0 ? u : slope u
/// with the biased variance. Training, where inverse_deviation is given: x is overwritten by x^, and for
/// batches the running statistics move towards each group's in turn, to its mean and its unbiased variance
/// (of a single row: 0). Evaluation, where it is null: x stays, and batches' mean and variance are the
/// running ones. All row-major; nothing overlaps.
struct NormForward {
  NormKind kind = NormKind::batch;
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::int64_t group = 0;              ///< rows of a batch, in training; divides rows
  float* x = nullptr;                  ///< (rows, width)
  const float* gamma = nullptr;        ///< (width)
  const float* beta = nullptr;         ///< (width)
  float* y = nullptr;                  ///< (rows, width), written; its rows are y_stride apart
  std::int64_t y_stride = 0;           ///< at least width
  float slope = 1.0f;                  ///< in [0, 1]
  float* inverse_deviation = nullptr;  ///< batch: (rows / group, width), layer: (rows), written; or null
  float* running_mean = nullptr;       ///< (width), batch; updated in training, read in evaluation
  float* running_variance = nullptr;   ///< likewise
};

AGON_FORMULA NormForward at_replica(NormForward op, formula::Replica r) {
  r.move(op.x, op.gamma, op.beta, op.y, op.inverse_deviation, op.running_mean, op.running_variance);
  return op;
}

/// Of a single group. With du the gradient by gamma x^ + beta,
///   dgamma = sum_r du x^      dbeta = sum_r du      dx = (g - mean(g) - x^ mean(g x^)) inverse_deviation
/// g = gamma du, and the means over what the statistics were taken over. dgamma and dbeta are overwritten,
/// or added to. No output but dx, in place of du, may overlap an input.
struct NormBackward {
  NormKind kind = NormKind::batch;
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const float* normalised = nullptr;         ///< (rows, width): x^
  const float* gamma = nullptr;              ///< (width)
  const float* inverse_deviation = nullptr;  ///< batch: (width), layer: (rows)
  float* gradient = nullptr;                 ///< (rows, width): du, overwritten by dx
  float* dgamma = nullptr;                   ///< (width)
  float* dbeta = nullptr;                    ///< (width)
  bool accumulate = false;                   ///< dgamma and dbeta are added to what is there
};

AGON_FORMULA NormBackward at_replica(NormBackward op, formula::Replica r) {
  r.move(op.normalised, op.gamma, op.inverse_deviation, op.gradient, op.dgamma, op.dbeta);
  return op;
}

void norm_forward(QueueView queue, const NormForward& op);
void norm_backward(QueueView queue, const NormBackward& op);
AGON_ON_BACKENDS(void norm_forward(QueueView queue, const NormForward& op));
AGON_ON_BACKENDS(void norm_backward(QueueView queue, const NormBackward& op));

}  // namespace agon::kernels
