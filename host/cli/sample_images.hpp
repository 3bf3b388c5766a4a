// `agon sample` of a run that has learnt images.
#pragma once

#include <functional>

#include "engine/gan/gan.hpp"
#include "host/cli/commands.hpp"

namespace agon::host {

/// Throws ConfigurationError where options make no sense with images: what the end of options.out's name says
/// is a grid (.png), a NumPy file (.npy), or, without one, a folder of PNG files, which must not be there.
void check_sample_images(const SampleOptions& options);

/// Draws options.count images into options.out, whole or not at all. False where goes_on() said false before
/// the end: nothing is written then. Throws DataError where the generator's output is not finite.
bool sample_images(const Gan& gan, const SampleOptions& options, const std::function<bool()>& goes_on);

}  // namespace agon::host
