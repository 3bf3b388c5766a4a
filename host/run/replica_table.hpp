// What became of each replica of a run, and which is the best: replicas.csv, and an entry of the run's
// checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/gan/step_statistics.hpp"
#include "engine/metrics/held_out_score.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/run_folder.hpp"
#include "kernels/objective.hpp"

namespace agon::host {

struct ReplicaResult {
  std::uint64_t seed = 0;
  HeldOutScore score;  ///< NaN where it diverged
  bool diverged = false;
  StepStatistics last{};  ///< of its last step
};

struct ReplicaTable {
  double held_out = 0;  ///< share of the rows
  DataIdentity whole;   ///< the table before rows were held out; its columns are not stored
  std::vector<ReplicaResult> replicas;
  kernels::Objective objective = kernels::Objective::non_saturating;  ///< names D's outputs

  /// Index of the best score (is_better()), of equal ones the first; -1 where all have diverged.
  int best() const;
};

/// seed,held_out_wasserstein,held_out_mmd,held_out_spread,step,discriminator_loss,generator_loss,probability_real,probability_fake,diverged,chosen
/// (D's outputs by output_names()): a line for each; no score where it diverged, nothing for what is not
/// finite; diverged and chosen are 0 or 1.
std::string to_csv(const ReplicaTable& table);

/// Into and out of a checkpoint's metadata. Reading gives no replicas where no rows were held out; it throws
/// DataError,
/// "<source>: ...", on what the program did not write.
void store(const ReplicaTable& table, Checkpoint& checkpoint);
ReplicaTable stored_replicas(const Checkpoint& checkpoint, std::string_view source);

/// What the replicas go on from, in the table's order; nothing where one has diverged.
using ReplicaSnapshots = std::vector<std::optional<Gan::Snapshot>>;

/// From the replicas' own checkpoints beside `chosen`, the run's. Throws DataError, one line that starts with
/// the file's path, where one of them cannot be read or is not of the same run and step.
ReplicaSnapshots read_snapshots(const RunFolder& folder, const ReplicaTable& table, const Checkpoint& chosen);

}  // namespace agon::host
