// What changes from step to step, in device memory, and the two operations that frame a training step.
#pragma once

#include <cstdint>

#include "kernels/adam.hpp"
#include "kernels/queue.hpp"
#include "kernels/rate_schedule.hpp"
#include "kernels/sigmoid_bce.hpp"

namespace agon::kernels {

/// One row of the statistics ring. Losses are means over the batch; probabilities are means of sigmoid(logit) in
/// the discriminator's phase, before its update.
struct StepStatistics {
  std::uint64_t step = 0;  ///< 1 for the first step
  float discriminator_loss = 0;
  float generator_loss = 0;
  float probability_real = 0;  ///< mean D(x)
  float probability_fake = 0;  ///< mean D(G(z))
};

/// Everything a step reads that is not a weight or an activation. A captured graph holds its address, never its
/// values. Steps are counted from 0: during the first step `step` is 0, after its step_end it is 1.
struct StepState {
  std::uint64_t step = 0;      ///< steps completed; counter of the random streams and of the batch cursor
  std::uint64_t stop_at = 0;   ///< the Loop ends when step reaches it
  std::uint64_t pause_at = 0;  ///< the launch of the Loop that is under way ends when step reaches it (at most stop_at)
  std::uint32_t diverged = 0;  ///< set by step_end when a loss is not finite; the Loop then ends
  RateSchedule schedule;       ///< of both learning rates
  AdamState discriminator;
  AdamState generator;
  SigmoidBceResult discriminator_result;  ///< segment 0 real, segment 1 fake
  SigmoidBceResult generator_result;      ///< segment 0
};

/// Advances both AdamStates (step count; step_size from rate times schedule's factor, inv_sqrt_bias2; in double); does
/// nothing once diverged.
void step_begin(QueueView queue, StepState* state);

struct StepEnd {
  StepState* state = nullptr;
  StepStatistics* ring = nullptr;    ///< (ring_size), readable by the host while the loop runs (pinned on CUDA)
  std::uint64_t* published = nullptr;  ///< beside the ring: the step of its last row, stored once the row is visible
  std::int64_t ring_size = 0;
};

/// Writes ring[step % ring_size] from the two results, sets diverged where a loss is not finite, increments step,
/// then publishes. Once diverged is set nothing more is counted or published.
void step_end(QueueView queue, const StepEnd& op);

}  // namespace agon::kernels
