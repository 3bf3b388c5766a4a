// What a run is, whatever has been done of it: for its summary and its report.
#pragma once

#include <cstdint>
#include <string>

#include "host/cli/train_setup.hpp"
#include "host/report/about.hpp"
#include "host/report/training/training_record.hpp"
#include "host/run/learnt_tables.hpp"

namespace agon::host {

/// Label and text of the table, the networks, the training and the device. `chosen`: the device was left to
/// the program.
AboutRows about(const TrainSetup& plan, bool chosen);

/// How the run of a checkpoint was trained up to there, from what its folder holds, and from its plan or the
/// tables that it learnt and held out.
TrainingRecord training_record(const FoundCheckpoint& found, const TrainSetup& plan);
TrainingRecord training_record(const FoundCheckpoint& found, const DataIdentity& data,
                               const LearntTables& tables);

}  // namespace agon::host
