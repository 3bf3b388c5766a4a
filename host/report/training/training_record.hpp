// A run's training with the logs that its report draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/report/training/training_part.hpp"

namespace agon::host {

class TrainingRecord {
 public:
  /// `part`: what stays as it is, whatever is done of the run; `logs`: of each of its trainings.
  TrainingRecord(TrainingPart part, std::vector<RunColumns> logs);

  /// The run is at `step`; what is new in the logs is read. `shown`: of the logs that one, the only one or
  /// the best; others lie behind it, as many as can be told apart.
  void update(std::size_t shown, std::uint64_t step, const ReplicaTable& replicas);
  /// The run has ended before its time: "diverged".
  void end(std::uint64_t step, std::string how);
  const TrainingPart& part() const { return part_; }

 private:
  void read();

  TrainingPart part_;
  std::vector<RunColumns> logs_;
  std::size_t shown_ = 0;
};

}  // namespace agon::host
