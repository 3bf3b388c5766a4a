// What `agon train` says of a run, before and after.
#pragma once

#include <string>

#include "host/cli/train_setup.hpp"
#include "host/cli/trial.hpp"
#include "host/run/trainer.hpp"

namespace agon::host {

/// What the run is (about()) and where it is written, as lines. `device_asked` is the settings' device.name.
std::string summary(const TrainSetup& plan, const std::string& device_asked);

/// What it takes, as lines.
std::string cost_text(const TrainSetup& plan, const Trial& trial);

/// To stderr: what a person should know before a run goes on, a line each.
void report_resume(const TrainSetup& plan);
/// To stderr: a line where the settings promise more than they can hold.
void report_cautions(const Settings& settings);

/// To stderr: what the trained generator has lost of the table, a line each.
void report_losses(const Gan& gan, const TrainSetup& plan);

/// How it ended, to stderr; returns the program's exit code.
int report_outcome(const TrainingResult& result, const TrainSetup& plan, double seconds, bool quiet);

/// Where its report is, and what to do with the run: two lines, the second without its end.
std::string next_text(const TrainSetup& plan);

}  // namespace agon::host
