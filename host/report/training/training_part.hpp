// How a run was trained, as part of its report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/gan/config.hpp"
#include "host/report/about.hpp"
#include "host/run/replica_table.hpp"
#include "host/run/run_columns.hpp"

namespace agon::host {

struct TrainingPart {
  AboutRows about;  ///< what the run is
  GanConfig config;
  std::uint64_t step = 0, steps = 0;  ///< where it is, and where it ends
  std::string ended{};                ///< how, where it was before its end: "diverged"
  const RunColumns* shown = nullptr;
  std::vector<const RunColumns*> others{};  ///< of further replicas, drawn pale behind it
  ReplicaTable replicas{};                  ///< none where there is one only
};

/// "step 500 of 1,000 (50%)", "finished: ...", "diverged at ...".
std::string where_text(const TrainingPart& part);

/// Each appends HTML. The charts are those of training_charts(), after a paragraph on who D and G are.
void append_health_warnings(std::string& html, const TrainingPart& part);
void append_training(std::string& html, const TrainingPart& part);
/// What the run is, with the objective in words.
void append_about_run(std::string& html, const TrainingPart& part);

}  // namespace agon::host
