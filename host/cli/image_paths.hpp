// Images that lead from one drawn image to another.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/gan/gan.hpp"
#include "host/images/image_set.hpp"

namespace agon::host {

/// Whether a generator's noise alone says what it draws: it has no conditions.
bool has_paths(const GanConfig& config);

/// Path `path` of those that the seed names, (places, size), places >= 2, both ends among them: noise that
/// moves from one draw to another on the sphere, since a mean of normal vectors is shorter than they are
/// (White, "Sampling generative networks", 2016). The ends are the same of any number of places.
std::vector<float> noise_between(std::uint64_t seed, std::uint64_t path, std::int64_t size,
                                 std::int64_t places);

/// What a generator that has_paths() makes of paths [paths.first, ...), (paths.count * places) images. Throws
/// DataError where a value is not finite.
ImageSet images_between(const Gan& gan, Gan::Rows paths, std::int64_t places, std::uint64_t seed);

}  // namespace agon::host
