// What a run is, whatever has been done of it: for its summary and its report.
#pragma once

#include <cstdint>
#include <vector>

#include "host/cli/train_setup.hpp"
#include "host/report/about.hpp"
#include "host/report/images/sample_section.hpp"
#include "host/report/training/training_record.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

/// Label and text of the table, the networks, the training and the device. `chosen`: the device was left to
/// the program.
AboutRows about(const TrainSetup& plan, bool chosen);

/// How the run of a checkpoint was trained up to there, from what its folder holds, and from its plan or how
/// many rows or images it learnt and held out.
TrainingRecord training_record(const FoundCheckpoint& found, const TrainSetup& plan);
TrainingRecord training_record(const FoundCheckpoint& found, const DataIdentity& data, std::int64_t learnt,
                               std::int64_t held_out);

/// What the run of a checkpoint drew as it learnt (sample_grids()), of its best replica; none of tables.
std::vector<SampleGrid> drawn_grids(const FoundCheckpoint& found);

}  // namespace agon::host
