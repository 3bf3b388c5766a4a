// `agon inspect RUN --json`, and what its text has of it, too.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/checkpoint/checkpoint.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

/// The statistics of the checkpoint's last step; null at step 0, or where they are no JSON object.
nlohmann::ordered_json last_statistics(const Checkpoint& checkpoint);

/// Passes over the data up to the checkpoint.
double epoch_of(const Checkpoint& checkpoint, const DataIdentity& data);

/// One object and a newline.
std::string run_json(const FoundCheckpoint& found, const DataIdentity& data);

}  // namespace agon::host
