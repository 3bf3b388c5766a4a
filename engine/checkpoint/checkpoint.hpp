// Checkpoints: one safetensors file that holds all a run needs to go on or to draw samples.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "engine/gan/gan.hpp"

namespace agon {

/// What a checkpoint holds besides the networks' configuration and tensors.
struct Checkpoint {
  GanConfig config;
  Gan::Snapshot snapshot;
  std::string device;  ///< Device::name() of the run that wrote it
  int threads = 0;     ///< processor threads of that run: results are bit-exact only at the same number
  /// The caller's own strings, stored in the header's metadata as they are (the program keeps the table's
  /// columns and scaling here, as JSON). Keys starting with "agon." are reserved.
  std::map<std::string, std::string> metadata;
};

/// Writes a safetensors file (https://github.com/huggingface/safetensors): F32 tensors "<name>",
/// "<name>.moment1", "<name>.moment2", where the configuration keeps an average of G's weights their
/// "<name>.average", where D's weights are normalised their "<name>.left_singular" and
/// "<name>.right_singular", of batch norm's gammas "<name>.running_mean" and "<name>.running_variance", and
/// in __metadata__ "agon.format" (version), "agon.config" (JSON, seed included), "agon.step",
/// "agon.generator_updates", "agon.discriminator_updates", "agon.device", "agon.threads", "agon.crc32" (of
/// the whole file, those eight digits taken as zeros), where augmentation is adaptive "agon.augmentation"
/// (its probability), and the caller's metadata. A snapshot that holds the generator alone has "agon.holds",
/// and no tensor of D's or of an optimiser's. The file appears whole or not at all; an existing one is
/// replaced. Throws DataError where a tensor is not finite or a string not UTF-8, ConfigurationError where
/// tensors and configuration disagree or a caller's key is reserved, Error where the file cannot be written
/// (disk full, no permission).
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws DataError, one line that starts with the path, on a file that is missing, truncated, altered
/// (CRC-32), of another program, or of a newer format.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// The same from and to memory: what a checkpoint's file holds. Errors name no path.
std::string serialize_checkpoint(const Checkpoint& checkpoint);
Checkpoint parse_checkpoint(std::string_view file);

}  // namespace agon
