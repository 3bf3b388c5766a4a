// The images that a run learns from, and those that its generator draws.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/gan/gan.hpp"
#include "host/config/settings.hpp"
#include "host/images/read_images.hpp"
#include "host/images/write_images.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/held_out.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

/// What settings ask of images that are read. Throws ConfigurationError.
ImageReading image_reading(const Settings& settings);

struct LearntImages {
  std::string path;  ///< of the images, as config.toml beside the checkpoint names them
  ImageSet learnt;
  std::optional<ImageSet> held_out;
};

/// Splits the run's images as the run did. Throws DataError where config.toml or the images cannot be read,
/// or the images are not the run's.
LearntImages read_learnt_images(const FoundCheckpoint& found, const DataIdentity& data);

/// A generator's output, (images, shape), as bytes. Throws DataError where a value is not finite.
ImageSet as_images(std::span<const float> drawn, const ImageShape& shape);

/// Images [rows.first, ...) of the draw that is named by the seed, as bytes, by class with their labels:
/// `asked` (rows.count), or where it is empty as the draw has them. Throws DataError where a value is not
/// finite.
ImageSet draw_images(const Gan& gan, const LearntClasses& classes, Gan::Rows rows, std::uint64_t seed,
                     int replica = 0, std::span<const std::int32_t> asked = {});

/// As many beside each other as below each other, or one more (write_images.hpp, image_grid).
ImageGrid square_grid(const ImageSet& images);

/// Of `count` drawn images such a grid; by class a row for each, as long as that is no more images.
ImageGrid drawn_grid(const Gan& gan, const LearntClasses& classes, std::int64_t count, std::uint64_t seed,
                     int replica);

}  // namespace agon::host
