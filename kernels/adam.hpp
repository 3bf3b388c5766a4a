// The Adam optimiser over one flat parameter buffer.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Lives in device memory: a captured graph must see the step count and the rates change.
struct AdamState {
  std::uint64_t step =
      0;            ///< updates begun; step_begin (kernels/step.hpp) advances it before the update reads it
  double rate = 0;  ///< learning rate
  double beta1 = 0;
  double beta2 = 0;        ///< of the update under way, where a burn-in moves it
  double first_beta2 = 0;  ///< what it starts as there (kernels/burn_in.hpp)
  double epsilon = 0;
  double weight_decay = 0;       ///< decoupled, of all parameters, biases too: as PyTorch's AdamW
  double l2 = 0;                 ///< g has l2 p added: the gradient of l2/2 |p|^2, as PyTorch's Adam decays
  double average_half_life = 0;  ///< updates in which a weight's share of the average halves; 0: no average
  // Derived from the above by step_begin, in double, rounded once:
  float step_size = 0;  ///< rate times its schedule's factor / (1 - beta1^step)
  /// 1 / sqrt(1 - beta2^step), with the update's own beta2 where that moves, as PyTorch has it: it follows
  /// from the step alone. The weights of squared gradients in v add up to 1 less the product of all beta2 so
  /// far, so while beta2 rises this is too large, by as much as beta2^step counts.
  float inv_sqrt_bias2 = 0;
  float decay = 1;         ///< 1 - weight_decay times the scheduled rate
  float average_rest = 0;  ///< 1 - 2^(-1 / min(average_half_life, kAverageRamp step))
  // Written by gradient_norm (kernels/gradient_norm.hpp), where gradients are clipped:
  float gradient_norm = 0;   ///< of the network's last gradient, before it was scaled
  float gradient_scale = 1;  ///< g is gradient_scale times what is in memory
};

/// Share of a run so far that the average's half-life is at most: a young average forgets the start fast.
/// Source: Karras et al., "Training generative adversarial networks with limited data" (2020), whose G_ema
/// ramps up so.
inline constexpr double kAverageRamp = 0.05;

/// p *= decay;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
/// p -= step_size m / (sqrt(v) inv_sqrt_bias2 + epsilon);  average += average_rest (p - average)
struct Adam {
  static constexpr std::string_view kName = "adam";
  std::int64_t n = 0;
  float* parameter = nullptr;        ///< (n), updated; these five are 16-byte aligned and do not overlap
  const float* gradient = nullptr;   ///< (n)
  float* moment1 = nullptr;          ///< (n), updated
  float* moment2 = nullptr;          ///< (n), updated
  const AdamState* state = nullptr;  ///< device memory
  float* average = nullptr;          ///< (n), updated: the parameters' exponential moving average; or null
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Adam& op) {
  v.updates(op.parameter, op.n);
  v.reads(op.gradient, op.n);
  v.updates(op.moment1, op.n);
  v.updates(op.moment2, op.n);
  v.reads(op.state, 1);
  v.updates(op.average, op.n);
}

/// Source: Kingma, Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1, arranged as PyTorch
/// does; Loshchilov, Hutter, "Decoupled weight decay regularization" (2019) for the decay.
void adam(QueueView queue, const Adam& op);
AGON_ON_BACKENDS(void adam(QueueView queue, const Adam& op));

}  // namespace agon::kernels
