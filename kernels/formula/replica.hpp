// From an operation to the same operation on another replica's memory (kernels/queue.hpp, Replicas).
#pragma once

#include <cstdint>

#include "kernels/adam.hpp"
#include "kernels/concat.hpp"
#include "kernels/dropout.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/gradient_norm.hpp"
#include "kernels/gradient_penalty.hpp"
#include "kernels/instance_noise.hpp"
#include "kernels/kernel_sums.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/mixed_rows.hpp"
#include "kernels/norm.hpp"
#include "kernels/step_losses.hpp"
#include "kernels/random.hpp"
#include "kernels/sliced_wasserstein.hpp"
#include "kernels/spectral_norm.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::formula {

/// How far one replica's memory lies from the first's, and its number.
struct Replica {
  std::int64_t bytes = 0;
  int index = 0;

  /// Null stays null: an operand that is not there.
  template <class T>
  AGON_MEMBER_FORMULA T* at(T* pointer) const {
    return pointer == nullptr ? nullptr
                              : reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(pointer) +
                                                     static_cast<std::uintptr_t>(bytes));
  }
  /// Each of them.
  template <class... T>
  AGON_MEMBER_FORMULA void move(T*&... pointers) const {
    ((pointers = at(pointers)), ...);
  }
};

AGON_FORMULA Replica replica_of(const Replicas& all, int index) { return {all.stride * index, index}; }

AGON_FORMULA Adam at_replica(Adam op, Replica r) {
  r.move(op.parameter, op.gradient, op.moment1, op.moment2, op.state, op.average);
  return op;
}

AGON_FORMULA GradientNorm at_replica(GradientNorm op, Replica r) {
  r.move(op.gradient, op.state);
  return op;
}

AGON_FORMULA SpectralLayer at_replica(SpectralLayer layer, Replica r) {
  r.move(layer.weight, layer.normalised, layer.gradient, layer.left, layer.right, layer.sigma, layer.scratch);
  return layer;
}

AGON_FORMULA SpectralNorm at_replica(SpectralNorm op, Replica r) {
  for (std::int64_t l = 0; l < op.layers; ++l) op.layer[l] = at_replica(op.layer[l], r);
  return op;
}

AGON_FORMULA RandomStream at_replica(RandomStream random, Replica r) {
  random.seed += static_cast<std::uint64_t>(r.index);
  r.move(random.step);
  return random;
}

AGON_FORMULA UniformFill at_replica(UniformFill op, Replica r) {
  r.move(op.out);
  op.random = at_replica(op.random, r);
  return op;
}

AGON_FORMULA NormalFill at_replica(NormalFill op, Replica r) {
  r.move(op.out);
  op.random = at_replica(op.random, r);
  return op;
}

AGON_FORMULA Concat at_replica(Concat op, Replica r) {
  r.move(op.first, op.second, op.y);
  return op;
}

AGON_FORMULA ConcatBackward at_replica(ConcatBackward op, Replica r) {
  r.move(op.gradient, op.later, op.y, op.du);
  return op;
}

AGON_FORMULA Dropout at_replica(Dropout op, Replica r) {
  r.move(op.x, op.activation);
  op.random = at_replica(op.random, r);
  return op;
}

/// All replicas draw from the one table.
AGON_FORMULA GatherBatch at_replica(GatherBatch op, Replica r) {
  r.move(op.out, op.again, op.step);
  op.seed += static_cast<std::uint64_t>(r.index);
  return op;
}

AGON_FORMULA LinearForward at_replica(LinearForward op, Replica r) {
  r.move(op.x, op.weight, op.bias, op.y);
  return op;
}

AGON_FORMULA LinearBackward at_replica(LinearBackward op, Replica r) {
  r.move(op.x, op.weight, op.dz, op.dx, op.dweight, op.dbias, op.row_weight);
  op.update = at_replica(op.update, r);
  return op;
}

AGON_FORMULA LinearPairForward at_replica(LinearPairForward op, Replica r) {
  op.first = at_replica(op.first, r);
  op.second = at_replica(op.second, r);
  return op;
}

AGON_FORMULA LinearPairBackward at_replica(LinearPairBackward op, Replica r) {
  op.second = at_replica(op.second, r);
  op.first = at_replica(op.first, r);
  return op;
}

AGON_FORMULA LogitLoss at_replica(LogitLoss op, Replica r) {
  r.move(op.x, op.weight, op.bias, op.logits[0], op.logits[1], op.dlogits, op.dx, op.row_weight);
  return op;
}

AGON_FORMULA LinearTangent at_replica(LinearTangent op, Replica r) {
  r.move(op.x, op.weight, op.activation, op.row_weight, op.y);
  return op;
}

AGON_FORMULA GradientPenalty at_replica(GradientPenalty op, Replica r) {
  r.move(op.gradient, op.x, op.row_weight);
  for (float*& penalty : op.penalty) r.move(penalty);
  return op;
}

/// All replicas learn from the one table, whose deviation it is.
AGON_FORMULA MixedRows at_replica(MixedRows op, Replica r) {
  r.move(op.real, op.fake, op.out);
  op.random = at_replica(op.random, r);
  return op;
}

AGON_FORMULA InstanceNoise at_replica(InstanceNoise op, Replica r) {
  r.move(op.rows, op.clean);
  op.random = at_replica(op.random, r);
  return op;
}

AGON_FORMULA NormForward at_replica(NormForward op, Replica r) {
  r.move(op.x, op.gamma, op.beta, op.y, op.inverse_deviation, op.running_mean, op.running_variance);
  return op;
}

AGON_FORMULA NormBackward at_replica(NormBackward op, Replica r) {
  r.move(op.normalised, op.gamma, op.inverse_deviation, op.gradient, op.dgamma, op.dbeta);
  return op;
}

AGON_FORMULA ObjectiveLoss at_replica(ObjectiveLoss op, Replica r) {
  r.move(op.logits, op.result);
  return op;
}

AGON_FORMULA KeepGood at_replica(KeepGood keep, Replica r) {
  r.move(keep.source, keep.slot[0], keep.slot[1]);
  return keep;
}

AGON_FORMULA HealthProbe at_replica(HealthProbe op, Replica r) {
  r.move(op.gradient[0], op.gradient[1], op.fakes, op.partial);
  op.loss = at_replica(op.loss, r);
  return op;
}

AGON_FORMULA StepBegin at_replica(StepBegin op, Replica r) {
  r.move(op.state);
  op.noise = at_replica(op.noise, r);
  op.rows = at_replica(op.rows, r);
  op.keep = at_replica(op.keep, r);
  op.health = at_replica(op.health, r);
  return op;
}

/// Of no replica's memory.
AGON_FORMULA SlicedWasserstein at_replica(SlicedWasserstein op, Replica) { return op; }
AGON_FORMULA KernelSums at_replica(KernelSums op, Replica) { return op; }

/// What the host reads lies apart from what the device works on: a ring and a count for each replica, one
/// behind the other.
AGON_FORMULA StepEnd at_replica(StepEnd op, Replica r) {
  r.move(op.state, op.penalties, op.health.partial);
  op.ring += r.index * op.ring_size;
  op.published += r.index;
  if (op.health.ring != nullptr) op.health.ring += r.index * op.health.size;
  op.discriminator = at_replica(op.discriminator, r);
  op.generator = at_replica(op.generator, r);
  return op;
}

}  // namespace agon::kernels::formula
