// The losses of a phase: what step_end (kernels/step.hpp) works them out from, and what they come to.
#pragma once

#include <cstdint>

#include "kernels/formula/replica.hpp"
#include "kernels/objective.hpp"

namespace agon::kernels {

/// Means over each segment, written by the device.
struct ObjectiveResult {
  float loss[2];    ///< mean loss of the segment; 0 where it is empty
  float output[2];  ///< mean sigmoid(logit) where its term is logistic and not paired, else mean logit; 0
                    ///< where empty
};

/// The logits are two segments, [0, split) and [split, n), such as a batch of real rows and one of fakes. For
/// logit z of segment s, with m the segment's length and the loss of its term (kernels/objective.hpp),
///   loss[s] = 1/m sum loss(z, partner)
/// Where a term is paired n is 2 split, and logit i of one segment is the partner of logit i of the other.
/// All is right for every finite logit whose loss a float can hold. Sums are two-stage and deterministic.
struct ObjectiveLoss {
  std::int64_t n = 0;                 ///< logits in all
  std::int64_t split = 0;             ///< 0 <= split <= n
  const float* logits = nullptr;      ///< (n)
  ObjectiveResult* result = nullptr;  ///< written; device memory
  /// Of each segment; g++ 12 cannot convert a plain {} in an array of these.
  LossTerm term[2] = {LossTerm(), LossTerm()};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ObjectiveLoss& op) {
  v.reads(op.logits, op.n);
  v.writes(op.result, 1);
}

}  // namespace agon::kernels
