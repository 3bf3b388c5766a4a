// Batch normalisation and layer normalisation with the LeakyReLU that follows them, forward and backward.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/in_place.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/norm_kind.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Added to the variance before its root is taken.
inline constexpr float kNormEpsilon = 1e-5f;
/// Share of a new batch in the running statistics.
inline constexpr float kNormMomentum = 0.1f;

/// x^ = (x - mean) / sqrt(variance + epsilon)      y = phi(gamma x^ + beta), phi(u) = u > 0 ? u : slope u
/// with the biased variance. Training, where inverse_deviation is given: x^ is kept, and for batches the
/// running statistics move towards each group's in turn, to its mean and its unbiased variance (of a single
/// row: 0). Evaluation, where it is null: batches' mean and variance are the running ones. All row-major;
/// nothing overlaps but what says so.
struct NormForward {
  static constexpr std::string_view kName = "norm_forward";
  NormKind kind = NormKind::batch;
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::int64_t group = 0;                  ///< rows of a batch, in training; divides rows
  float* x = nullptr;                      ///< (rows, width)
  formula::InPlaceOr<float> normalised{};  ///< x^, written in training: (rows, width), or in place of x
  const float* gamma = nullptr;            ///< (width)
  const float* beta = nullptr;             ///< (width)
  float* y = nullptr;                      ///< (rows, width), every element written
  float slope = 1.0f;                      ///< in [0, 1]
  float* inverse_deviation = nullptr;      ///< batch: (rows / group, width), layer: (rows), written; or null
  float* running_mean = nullptr;           ///< (width), batch; updated in training, read in evaluation
  float* running_variance = nullptr;       ///< likewise

  AGON_MEMBER_FORMULA bool training() const { return inverse_deviation != nullptr; }
  /// Where x^ is kept; null in evaluation.
  AGON_MEMBER_FORMULA float* kept() const { return training() ? normalised.at(x) : nullptr; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, NormForward& op) {
  const bool training = op.training(), batch = op.kind == NormKind::batch;
  if (training && op.normalised.in_place()) {
    v.updates(op.x, op.rows * op.width);
  } else {
    v.reads(op.x, op.rows * op.width);
    v.writes(op.normalised.own, op.rows * op.width);
  }
  v.reads(op.gamma, op.width);
  v.reads(op.beta, op.width);
  v.writes(op.y, op.rows * op.width);
  v.writes(op.inverse_deviation, batch && training ? op.rows / op.group * op.width : op.rows);
  v.updates_if(training, op.running_mean, op.width);
  v.updates_if(training, op.running_variance, op.width);
}

/// Of a single group. With du the gradient by gamma x^ + beta,
///   dgamma = sum_r du x^      dbeta = sum_r du      dx = (g - mean(g) - x^ mean(g x^)) inverse_deviation
/// g = gamma du, and the means over what the statistics were taken over. dgamma and dbeta are overwritten,
/// or added to. No output but dx, in place of du, may overlap an input.
struct NormBackward {
  static constexpr std::string_view kName = "norm_backward";
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

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, NormBackward& op) {
  v.reads(op.normalised, op.rows * op.width);
  v.reads(op.gamma, op.width);
  v.reads(op.inverse_deviation, op.kind == NormKind::batch ? op.width : op.rows);
  v.updates(op.gradient, op.rows * op.width);
  v.writes_or_adds(op.accumulate, op.dgamma, op.width);
  v.writes_or_adds(op.accumulate, op.dbeta, op.width);
}

/// Layer norm's columns and rows are summed by a launch each.
inline std::int64_t launch_count(const NormBackward& op, int) { return op.kind == NormKind::layer ? 2 : 1; }

void norm_forward(QueueView queue, const NormForward& op);
void norm_backward(QueueView queue, const NormBackward& op);
AGON_ON_BACKENDS(void norm_forward(QueueView queue, const NormForward& op));
AGON_ON_BACKENDS(void norm_backward(QueueView queue, const NormBackward& op));

}  // namespace agon::kernels
