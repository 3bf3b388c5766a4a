// Training as a run: the Gan moved to where something is to be kept, and watched on its way there.
#pragma once

#include <cstdint>
#include <optional>

#include "host/run/replica_run.hpp"
#include "host/run/replica_table.hpp"

namespace agon::host {

/// Where TrainingRun::ends_on_failure, collapsed: for long, or at the end; unlearnt: at the end no checkpoint
/// was near the held-out rows.
enum class Outcome { finished, interrupted, diverged, collapsed, unlearnt };

struct TrainingResult {
  Outcome outcome;
  std::uint64_t step;   ///< the last one; where the run diverged, the one at which it did
  std::uint64_t saved;  ///< that of the newest checkpoint
  ReplicaTable
      replicas;  ///< as of the newest checkpoint that this run wrote; none where no rows are held out
  std::optional<ScoredStep> best{};  ///< by the held-out rows, is_better()
  bool early = false;                ///< finished for want of patience
};

/// Trains up to run.steps, or until Ctrl-C (the caller holds an InterruptGuard). A checkpoint
/// is written at the start of a new run, every checkpoint_every steps (a step later right before a health
/// sample) and at the end, whichever it is; after divergence of what the Gan goes back to, where that is
/// newer than the last one. The result does not depend on how the run was cut into pieces, by intervals or by
/// interruptions.
///
/// Where rows are held out every checkpoint that is due is scored by them, not one of an interruption or a
/// divergence; the best one so far is kept as checkpoint-best.safetensors beside the last, and the run ends
/// early after settings.run.patience checkpoints that were no better.
///
/// With several replicas every checkpoint of the run is that of the replica with the best score, beside one
/// of each; a replica that diverges is out of it, and the run has diverged where all have. Throws Error on a
/// file that cannot be written.
TrainingResult train_run(const TrainingRun& run);

}  // namespace agon::host
