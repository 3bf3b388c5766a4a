// What a training ends with: how far to trust what it draws.
#pragma once

#include <cstdint>

#include "host/cli/train_setup.hpp"

namespace agon::host {

/// Evaluates the finished run's checkpoint of that step as `agon evaluate RUN` does, writes report.html and
/// evaluation-STEP.json, and says the verdict's three lines on stderr; does nothing where that file is there,
/// or where settings.run.evaluate is false. `seconds`: that this training took. Where the tables or images
/// cannot be evaluated (too few rows), it says why, there and in the report. Between its parts it asks for
/// Ctrl-C: then nothing is written, and it returns false. Throws Error where a file cannot be written.
bool write_final_report(const TrainSetup& plan, std::uint64_t step, double seconds, bool quiet);

}  // namespace agon::host
