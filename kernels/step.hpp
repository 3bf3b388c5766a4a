// What changes from step to step, in device memory, and the two operations that frame a training step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernels/adam.hpp"
#include "kernels/backends.hpp"
#include "kernels/burn_in.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/health_probe.hpp"
#include "kernels/linear.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"
#include "kernels/rate_schedule.hpp"
#include "kernels/statistics.hpp"
#include "kernels/step_losses.hpp"

namespace agon::kernels {

/// Networks that learn, at most; each has an optimiser of its own.
inline constexpr int kMostPlayers = 4;

/// Rows of statistics that wait for being published together, at most.
inline constexpr int kMostPending = 32;

/// Where a copy of what is learnt lies, and of what moment.
struct GoodState {
  std::int32_t slot = -1;                    ///< of KeepGood
  std::uint64_t step = 0;                    ///< steps completed then
  std::uint64_t updates[kMostPlayers] = {};  ///< begun by each optimiser then
  float augmentation = 0;
};

/// Everything a step reads that is not a weight or an activation. A captured graph holds its address, never
/// its values. Steps are counted from 0: during the first step `step` is 0, after its step_end it is 1.
struct StepState {
  std::uint64_t step = 0;     ///< steps completed; counter of the random streams and of the batch cursor
  std::uint64_t stop_at = 0;  ///< the Loop ends when step reaches it
  /// The launch of the Loop's WHILE nodes that is under way ends when step reaches it (at most stop_at); 0:
  /// none is
  std::uint64_t pause_at = 0;
  std::uint32_t diverged =
      0;  ///< set by step_end when a loss or the penalty is not finite; the Loop then ends
  /// A step has ended since this memory was made or restored: its gradients, logits and rows are there.
  std::uint32_t warm = 0;
  RateSchedule schedule{};  ///< of all learning rates
  BurnIn burn_in{};
  AdamState optimiser[kMostPlayers] = {};
  ObjectiveResult result[kMostLosses] = {};
  float penalty = 0;
  float penalty_share = 1;    ///< of their weights, which penalties have in this step: the burn-in's
  float augmentation = 0;     ///< probability of an Augment's transformations
  GoodState keeping{};        ///< the copy made at the start of this step; slot -1 where none was
  GoodState kept{};           ///< the last copy whose step's losses were finite; slot -1 before there is one
  std::uint32_t pending = 0;  ///< rows that are not published yet, of the last steps
  StepStatistics waiting[kMostPending]{};  ///< of step s at s % kMostPending; CUDA only
};

/// A copy of all that is learnt (weights, moments), made every so many steps, in two slots by turns: one is
/// whole and known to be good while the other is written.
struct KeepGood {
  const std::byte* source = nullptr;  ///< 16-byte aligned, as are the slots; null: nothing is kept
  std::int64_t bytes = 0;             ///< a multiple of 16
  std::byte* slot[2] = {nullptr, nullptr};
  std::uint64_t every = 0;  ///< steps; a power of two
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, KeepGood& op) {
  v.reads(op.source, op.bytes);
  for (std::byte*& slot : op.slot) v.updates(slot, op.bytes);
}

struct StepBegin {
  static constexpr std::string_view kName = "step_begin";
  StepState* state = nullptr;
  NormalFill noise{};  ///< out null: none drawn
  GatherBatch rows{};  ///< out null: none drawn
  KeepGood keep{};
  std::uint32_t advances = 1;  ///< bit i: begins an update of optimiser[i]
  bool again = false;          ///< another phase of the same step, which leaves state.keeping alone
  HealthProbe health{};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, StepBegin& op) {
  v.moves(op.state);
  v.reads_part(&op.state->step, 4);
  v.reads_part(&op.state->schedule, 1);
  v.reads_part(&op.state->burn_in, 1);
  v.reads_part(&op.state->augmentation, 1);
  for (int i = 0; i < kMostPlayers; ++i)
    if ((op.advances >> i & 1) != 0) v.updates_part(&op.state->optimiser[i], 1);
  v.updates_part(&op.state->penalty_share, 1);
  v.updates_part(&op.state->keeping, 1);
  v.at_once();
  visit_operands(v, op.noise);
  v.at_once();
  visit_operands(v, op.rows);
  v.at_once();
  v.rarely();
  visit_operands(v, op.keep);
  v.at_once();
  v.rarely();
  visit_operands(v, op.health);
}

/// Begins a step: advances optimisers (step count; step_size from rate times schedule's factor, beta2 and
/// inv_sqrt_bias2; in double) and derives penalty_share, unless diverged; draws the noise and the batch of
/// this step; at a multiple of keep.every copies what is learnt; before a step whose number is a multiple of
/// health.every probes the health.
void step_begin(QueueView queue, const StepBegin& op);
AGON_ON_BACKENDS(void step_begin(QueueView queue, const StepBegin& op));

struct StepEnd {
  static constexpr std::string_view kName = "step_end";
  StepState* state = nullptr;
  StepStatistics* ring = nullptr;  ///< (ring_size), readable by the host while the loop runs (pinned on CUDA)
  std::uint64_t* published =
      nullptr;                 ///< beside the ring: the step of its last row, stored once the row is visible
  std::int64_t ring_size = 0;  ///< at least kMostPending on CUDA in a Loop's WHILE nodes
  ObjectiveLoss loss[kMostLosses] = {};  ///< of one with n > 0 the result, the state's, is worked out first
  const float* penalties =
      nullptr;  ///< (penalty_rows); state.penalty is then penalty_scale times their sum, worked out first
  std::int64_t penalty_rows = 0;
  float penalty_scale = 1.0f;
  HealthRing health{};
};

/// What the host reads lies apart from what the device works on: a ring and a count for each replica, one
/// behind the other.
template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, StepEnd& op) {
  v.moves(op.state);
  v.updates_part(&op.state->step, 4);
  v.updates_part(&op.state->penalty, 1);
  v.reads_part(&op.state->augmentation, 1);
  v.reads_part(&op.state->keeping, 1);
  v.updates_part(&op.state->kept, 1);
  v.updates_part(&op.state->pending, 1);
  v.updates_part(&op.state->waiting[0], kMostPending);
  v.ring(op.ring, op.ring_size);
  v.ring(op.published, 1);
  for (ObjectiveLoss& loss : op.loss) visit_operands(v, loss);
  v.reads(op.penalties, op.penalty_rows);
  v.reads(op.health.partial, kHealthBlocks);
  if (op.health.ring != nullptr) v.ring(op.health.ring, op.health.size);
}

/// The end of a step and its last gradients.
struct StepEndBeside {
  static constexpr std::string_view kName = "step_end_beside";
  StepEnd end;
  LinearBackwardBeside gradients;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, StepEndBeside& op) {
  visit_operands(v, op.gradients);
  v.at_once();
  visit_operands(v, op.end);
}

/// Of the gradients, beside which the step ends.
std::int64_t launch_count(const StepEndBeside& op, int multiprocessors);

/// Writes ring[step % ring_size] from the results and the penalty, and the health sample where step_begin
/// took one, sets diverged where one of them is not finite, notes that what was kept at the step's start is
/// good where all are, increments step, then publishes. On CUDA within a Loop's WHILE nodes (pause_at is not
/// 0) rows wait in device memory until kMostPending do: the nodes' decision publishes them. Once diverged is
/// set nothing more is counted or published.
void step_end(QueueView queue, const StepEnd& op);
/// All three, none of which knows of the others. On CUDA one launch where their shapes allow.
void step_end_beside(QueueView queue, const StepEndBeside& op);
AGON_ON_BACKENDS(void step_end(QueueView queue, const StepEnd& op));
AGON_ON_CUDA(void step_end(QueueView queue, const StepEnd& op, const LinearBackward& first,
                           const LinearBackward& second));

}  // namespace agon::kernels
