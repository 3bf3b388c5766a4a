// Images that lead from one drawn image to another.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/gan/gan.hpp"
#include "host/images/image_set.hpp"
#include "host/run/image_classes.hpp"

namespace agon::host {

/// Path `path` of those that the seed names, (places, size), places >= 2, both ends among them: noise that
/// moves from one draw to another on the sphere, since a mean of normal vectors is shorter than they are
/// (White, "Sampling generative networks", 2016). The ends are the same of any number of places.
std::vector<float> noise_between(std::uint64_t seed, std::uint64_t path, std::int64_t size,
                                 std::int64_t places);

/// What a generator makes of paths [paths.first, ...), (paths.count * places) images; by class, with labels,
/// each path within one class: `asked` (paths.count), or where it is empty one class after the other. Throws
/// DataError where a value is not finite.
ImageSet images_between(const Gan& gan, const LearntClasses& classes, Gan::Rows paths, std::int64_t places,
                        std::uint64_t seed, std::span<const std::int32_t> asked = {});

}  // namespace agon::host
