// A training that failed begins again; in the end the best of its attempts is the run.
#pragma once

#include "host/cli/train_setup.hpp"
#include "host/run/run_folder.hpp"
#include "host/run/trainer.hpp"

namespace agon::host {

/// Sets aside what there is so far and makes the plan that of the next attempt, with seeds that none has had
/// and lower rates, from its beginning; table and held-out rows stay. Throws Error.
void begin_again(TrainSetup& plan, const RunFolder& folder, const TrainingResult& result);

/// After the last attempt, whose result this is: an earlier one with a better best checkpoint becomes the run
/// again, and the result its own. Throws Error, DataError.
void keep_best_attempt(const TrainSetup& plan, const RunFolder& folder, TrainingResult& result);

}  // namespace agon::host
