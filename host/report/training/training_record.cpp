#include "host/report/training/training_record.hpp"

#include <utility>

namespace agon::host {

TrainingRecord::TrainingRecord(TrainingPart part, std::vector<RunColumns> logs)
    : part_(std::move(part)), logs_(std::move(logs)) {}

void TrainingRecord::update(std::size_t shown, std::uint64_t step, const ReplicaTable& replicas) {
  shown_ = shown;
  part_.step = step;
  part_.replicas = replicas;
  read();
}

void TrainingRecord::end(std::uint64_t step, std::string how) {
  part_.step = step;
  part_.ended = std::move(how);
  read();
}

void TrainingRecord::read() {
  constexpr std::size_t kMostBehind = 32;
  part_.shown = &logs_[shown_];
  part_.others.clear();
  logs_[shown_].update();
  for (std::size_t i = 0; i < logs_.size() && part_.others.size() < kMostBehind; ++i) {
    if (i == shown_) continue;
    logs_[i].update();
    part_.others.push_back(&logs_[i]);
  }
}

}  // namespace agon::host
