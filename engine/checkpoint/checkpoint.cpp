#include "engine/checkpoint/checkpoint.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "engine/checkpoint/config_json.hpp"
#include "engine/checkpoint/crc32.hpp"
#include "engine/checkpoint/safetensors.hpp"
#include "engine/checkpoint/snapshot_layout.hpp"
#include "engine/metrics/column_statistics.hpp"
#include "engine/runtime/atomic_file.hpp"
#include "engine/runtime/public_errors.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

namespace fs = std::filesystem;
using safetensors::printable;
using Metadata = std::map<std::string, std::string>;
using Holds = Gan::Snapshot::Holds;

// The format of what an older agon could not read is a higher one.
constexpr std::uint64_t kWhole = 1, kGeneratorAlone = 2;
constexpr std::string_view kHolds = "agon.holds", kGenerator = "generator";
constexpr std::string_view kAugmentation = "agon.augmentation";  // where it is adaptive
constexpr std::string_view kReserved = "agon.";

bool keeps_augmentation(const Checkpoint& checkpoint) {
  return checkpoint.config.augmentation.adapts() && checkpoint.snapshot.holds == Holds::all;
}

// Writing.

/// The shortest text that is read back as this number.
std::string shortest(float number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

safetensors::Metadata metadata_of(const Checkpoint& checkpoint) {
  const Gan::Snapshot& snapshot = checkpoint.snapshot;
  safetensors::Metadata metadata = {
      {std::string(crc32::kKey), std::string(crc32::kBlank)},
      {"agon.format", std::to_string(snapshot.holds == Holds::all ? kWhole : kGeneratorAlone)},
      {"agon.config", to_json(checkpoint.config)},
      {"agon.step", std::to_string(snapshot.step)},
      {"agon.generator_updates", std::to_string(snapshot.generator_updates)},
      {"agon.discriminator_updates", std::to_string(snapshot.discriminator_updates)},
      {"agon.device", checkpoint.device},
      {"agon.threads", std::to_string(checkpoint.threads)},
  };
  if (snapshot.holds == Holds::generator) metadata.emplace_back(kHolds, kGenerator);
  if (keeps_augmentation(checkpoint)) metadata.emplace_back(kAugmentation, shortest(snapshot.augmentation));
  for (const auto& [key, value] : checkpoint.metadata) {
    if (key.starts_with(kReserved))
      throw ConfigurationError("checkpoint: the metadata key " + printable(key) + " is reserved");
    metadata.emplace_back(key, value);
  }
  return metadata;
}

std::vector<safetensors::Tensor> tensors_of(const Checkpoint& checkpoint) {
  std::vector<safetensors::Tensor> tensors;
  auto tensor = checkpoint.snapshot.tensors.begin();
  for (const SnapshotEntry& entry : snapshot_layout(checkpoint.config, checkpoint.snapshot.holds)) {
    for (const SnapshotPart& part : entry.parts) {
      if (!part.there()) continue;
      const std::string name = entry.name + part.suffix;
      const std::vector<float>& values = (*tensor).*part.values;
      if (!all_finite(values)) throw DataError("tensor " + name + " holds values that are not finite");
      const auto* bytes = reinterpret_cast<const char*>(values.data());
      tensors.push_back({name, "F32", part.shape, {bytes, values.size() * sizeof(float)}});
    }
    ++tensor;
  }
  return tensors;
}

/// What the file is made of: the header, checked, and views of the checkpoint's tensors.
struct Parts {
  std::string header;
  std::vector<safetensors::Tensor> tensors;
};

Parts parts_of_file(const Checkpoint& checkpoint) {
  checkpoint.config.validate();
  require_layout(checkpoint.snapshot, checkpoint.config);
  Parts parts{{}, tensors_of(checkpoint)};
  parts.header = safetensors::header(metadata_of(checkpoint), parts.tensors);
  std::uint32_t crc = crc32::extend(0, parts.header);
  for (const auto& tensor : parts.tensors) crc = crc32::extend(crc, tensor.bytes);
  crc32::set(parts.header, crc);
  return parts;
}

// Reading.

/// Takes what agon wrote out of the metadata; what is left is the caller's.
std::string take(Metadata& metadata, const char* key) {
  auto entry = metadata.extract(key);
  if (entry.empty()) throw DataError(std::string("its metadata lacks ") + key);
  return std::move(entry.mapped());
}

template <class T>
T take_number(Metadata& metadata, const char* key) {
  const std::string text = take(metadata, key);
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    throw DataError(std::string("its metadata's ") + key + " is no number: " + printable(text));
  return number;
}

void require_format(const safetensors::File& file) {
  Metadata metadata = file.metadata;
  if (!metadata.contains("agon.format"))
    throw DataError("not an agon checkpoint: a safetensors file of another program");
  const auto format = take_number<std::uint64_t>(metadata, "agon.format");
  if (format > kGeneratorAlone)
    throw DataError("written by a newer agon: its format is " + std::to_string(format) +
                    ", this program reads those up to " + std::to_string(kGeneratorAlone));
  if (format < kWhole) throw DataError("its format, " + std::to_string(format) + ", is unknown");
}

safetensors::File parse_file(std::string_view bytes) {
  if (crc32::present(bytes)) {
    if (crc32::stated(bytes) != crc32::computed(bytes))
      throw DataError("damaged: its CRC-32 is not the one it was written with (altered, or cut off)");
    safetensors::File file = safetensors::parse(bytes);
    require_format(file);
    return file;
  }
  safetensors::File file;
  try {
    file = safetensors::parse(bytes);
  } catch (const DataError& error) {
    throw DataError(std::string("not an agon checkpoint: ") + error.what());
  }
  require_format(file);
  throw DataError("damaged: its header is not as agon wrote it");
}

using Tensors = std::map<std::string, safetensors::Tensor>;

std::vector<float> take_values(Tensors& tensors, const std::string& name,
                               const std::vector<std::int64_t>& shape) {
  auto entry = tensors.extract(name);
  if (entry.empty()) throw DataError("tensor " + printable(name) + " is missing");
  const safetensors::Tensor& tensor = entry.mapped();
  if (tensor.dtype != "F32" || tensor.shape != shape)
    throw DataError("tensor " + printable(name) + " has another type or shape than its configuration says");
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  if (!all_finite(values)) throw DataError("tensor " + printable(name) + " holds values that are not finite");
  return values;
}

float take_augmentation(Metadata& metadata) {
  const auto probability = take_number<float>(metadata, kAugmentation.data());
  if (!(probability <= kernels::kMostAdapted))
    throw DataError("its metadata's " + std::string(kAugmentation) +
                    " is no probability that adapts: " + shortest(probability));
  return probability;
}

Holds take_holds(Metadata& metadata) {
  if (take_number<std::uint64_t>(metadata, "agon.format") == kWhole) return Holds::all;
  const std::string holds = take(metadata, kHolds.data());
  if (holds != kGenerator) throw DataError("it holds " + printable(holds) + ", which is unknown");
  return Holds::generator;
}

std::vector<Gan::Snapshot::Tensor> take_tensors(safetensors::File& file, const GanConfig& config,
                                                Holds holds) {
  Tensors tensors;
  for (safetensors::Tensor& tensor : file.tensors) tensors.emplace(tensor.name, std::move(tensor));
  std::vector<Gan::Snapshot::Tensor> result;
  for (const SnapshotEntry& entry : snapshot_layout(config, holds)) {
    Gan::Snapshot::Tensor& tensor = result.emplace_back();
    tensor.name = entry.name;
    tensor.shape = entry.shape;
    for (const SnapshotPart& part : entry.parts)
      if (part.there()) tensor.*part.values = take_values(tensors, entry.name + part.suffix, part.shape);
  }
  if (!tensors.empty())
    throw DataError("tensor " + printable(tensors.begin()->first) + " is none of its configuration's");
  return result;
}

std::string read_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw DataError("no such file");
  if (status.type() == fs::file_type::directory) throw DataError("a folder, not a checkpoint");
  if (error) throw DataError("cannot read: " + error.message());
  if (status.type() != fs::file_type::regular) throw DataError("not a regular file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw DataError(std::string("cannot read: ") + std::strerror(errno));
  std::string content(fs::file_size(path), '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!stream) throw DataError("cannot read: it ends early");
  return content;
}

}  // namespace

std::string serialize_checkpoint(const Checkpoint& checkpoint) {
  return with_errors_of("checkpoint", [&] {
    Parts parts = parts_of_file(checkpoint);
    for (const auto& tensor : parts.tensors) parts.header += tensor.bytes;
    return std::move(parts.header);
  });
}

void write_checkpoint(const fs::path& path, const Checkpoint& checkpoint) {
  with_errors_of("checkpoint", [&] {
    Parts parts;
    try {
      parts = parts_of_file(checkpoint);
    } catch (const DataError& error) {
      throw DataError(path.string() + ": not written: " + error.what());
    }
    AtomicFile file(path);
    file.write(parts.header);
    for (const auto& tensor : parts.tensors) file.write(tensor.bytes);
    file.commit();
  });
}

namespace {

Checkpoint parsed(std::string_view bytes) {
  safetensors::File file = parse_file(bytes);
  Metadata& metadata = file.metadata;
  Checkpoint checkpoint;
  take(metadata, crc32::kKey.data());
  checkpoint.snapshot.holds = take_holds(metadata);
  checkpoint.config = config_from_json(take(metadata, "agon.config"));
  checkpoint.snapshot.step = take_number<std::uint64_t>(metadata, "agon.step");
  checkpoint.snapshot.generator_updates = take_number<std::uint64_t>(metadata, "agon.generator_updates");
  checkpoint.snapshot.discriminator_updates =
      take_number<std::uint64_t>(metadata, "agon.discriminator_updates");
  checkpoint.device = take(metadata, "agon.device");
  checkpoint.threads = take_number<int>(metadata, "agon.threads");
  if (keeps_augmentation(checkpoint)) checkpoint.snapshot.augmentation = take_augmentation(metadata);
  for (const auto& [key, value] : metadata)
    if (key.starts_with(kReserved)) throw DataError("its metadata's " + printable(key) + " is unknown");
  checkpoint.snapshot.tensors = take_tensors(file, checkpoint.config, checkpoint.snapshot.holds);
  checkpoint.metadata = std::move(metadata);
  return checkpoint;
}

}  // namespace

Checkpoint parse_checkpoint(std::string_view bytes) {
  return with_errors_of("checkpoint", [&] { return parsed(bytes); });
}

Checkpoint read_checkpoint(const fs::path& path) {
  try {
    return parsed(read_file(path));
  } catch (const DataError& error) {
    throw DataError(path.string() + ": " + error.what());
  } catch (const fs::filesystem_error& error) {
    throw DataError(path.string() + ": cannot read: " + error.code().message());
  } catch (const std::bad_alloc&) {
    throw DataError(path.string() + ": larger than the memory that can be had");
  } catch (...) {
    throw_as_error("checkpoint");
  }
}

}  // namespace agon
